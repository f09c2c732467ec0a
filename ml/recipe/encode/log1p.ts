import { z } from 'zod';
import { columnSelector } from '../column-name.ts';
import { defineEncode } from '../step.ts';
import { withoutColumns } from './columns.ts';

const schema = z.strictObject({
  step: z.literal('log1p'),
  columns: columnSelector,
});

const fittedSchema = z.strictObject({ step: z.literal('log1p'), columns: z.array(z.string()) });

/** ln(1 + x). A value of −1 or less has none and becomes missing. */
export const log1p = defineEncode({
  schema,
  fitted: fittedSchema,
  without: withoutColumns,
  check: (step, scope) => void scope.select(step.columns, ['number']),
  fit: (step, training) => ({ step: 'log1p', columns: [...training.select(step.columns)] }),
  operations: ({ columns }) =>
    columns.map((name) => ({
      op: 'unary',
      from: name,
      as: name,
      apply: (value) => (value > -1 ? Math.log1p(value) : Number.NaN),
    })),
});
