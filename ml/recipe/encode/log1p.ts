import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';

type Step = Extract<EncodeStep, { step: 'log1p' }>;

export const fittedLog1pSchema = z.strictObject({ step: z.literal('log1p'), columns: z.array(z.string()) });

/** ln(1 + x). A value of −1 or less has none and becomes missing. */
export const log1p: EncodeDefinition<Step, z.infer<typeof fittedLog1pSchema>> = {
  check: (step, scope) => void scope.select(step.columns, ['number']),
  fit: (step, training) => ({ step: 'log1p', columns: [...training.select(step.columns)] }),
  operations: ({ columns }) =>
    columns.map((name) => ({
      op: 'unary',
      from: name,
      as: name,
      apply: (value) => (value > -1 ? Math.log1p(value) : Number.NaN),
    })),
};
