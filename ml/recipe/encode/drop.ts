import { z } from 'zod';
import type { EncodeStep } from '../spec.ts';
import type { EncodeDefinition } from '../step.ts';

type Step = Extract<EncodeStep, { step: 'drop' }>;

export const fittedDropSchema = z.strictObject({ step: z.literal('drop'), columns: z.array(z.string()) });

export const drop: EncodeDefinition<Step, z.infer<typeof fittedDropSchema>> = {
  check(step, scope) {
    const columns = scope.select(step.columns, ['number', 'category', 'timestamp', 'text']);
    for (const column of columns) scope.remove(column);
  },
  fit: (step) => ({ step: 'drop', columns: step.columns }),
  operations: ({ columns }) => [{ op: 'drop', columns }],
};
