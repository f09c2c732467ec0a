import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { withoutColumns } from './columns.ts';

const schema = z.strictObject({
  step: z.literal('drop'),
  columns: z.array(columnName).min(1),
});

const fittedSchema = z.strictObject({ step: z.literal('drop'), columns: z.array(z.string()) });

export const drop = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
  check(step, scope) {
    const columns = scope.select(step.columns, ['number', 'category', 'timestamp', 'text']);
    for (const column of columns) scope.remove(column);
  },
  fit: (step) => ({ step: 'drop', columns: step.columns }),
  operations: ({ columns }) => [{ op: 'drop', columns }],
});
