import { z } from 'zod';
import { columnName } from '../column-name.ts';
import { defineFeature } from '../step.ts';

const schema = z.strictObject({ step: z.literal('take'), column: columnName, as: columnName.optional() });

export const take = defineFeature({
  schema,
  reads: ({ column }) => [column],
  check(step, scope) {
    const kind = scope.read(step.column, ['number', 'timestamp', 'category', 'text']);
    if (kind === null) return;
    if (step.as === undefined || step.as === step.column) scope.defineInput(step.column, kind);
    else scope.define(step.as, kind);
  },
  operations: (step) => [{ op: 'copy', from: step.column, as: step.as ?? step.column }],
});
