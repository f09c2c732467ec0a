import { z } from 'zod';
import { randomFolds } from './folds.ts';
import type { Split } from './split.ts';

const schema = z.strictObject({ by: z.literal('none') });

/** All rows are trained on: for clusters, which have no answer that holding rows out would keep from them. */
export const noHoldOut = {
  by: 'none',
  schema,
  parameters: {},
  reads: () => null,
  assign: (_, { rows }) => new Uint8Array(rows),
  leavesOut: () => null,
  folds: (_, rows, options) => randomFolds(rows, options),
  whyNotComparable: () => 'no rows were held out',
} satisfies Split<z.infer<typeof schema>> & { schema: typeof schema };
