import { z } from 'zod';
import { randomFolds } from './folds.ts';
import { holdOutRows } from './hold-out.ts';
import { type Split, shareSchema, testShare } from './split.ts';

const schema = z.strictObject({
  by: z.literal('stratified'),
  share: shareSchema,
  seed: z.int(),
});

/** A share of each class by seed: a property of these rows alone, drawn anew with every other snapshot. */
export const stratified = {
  by: 'stratified',
  schema,
  parameters: {
    testShare,
    splitSeed: {
      setting: 'seed',
      type: 'integer',
      description: 'Decides which rows of each class are held out',
      min: 0,
    },
  },
  reads: () => null,
  assign: ({ share, seed }, { rows, strata }) =>
    holdOutRows(strata === undefined ? { rows, share, seed } : { rows, share, seed, strata }),
  leavesOut: () => null,
  folds: (_, rows, options) => randomFolds(rows, options),
  whyNotComparable: () =>
    'a stratified hold-out is drawn anew from each snapshot, so it may hold rows that production was trained on',
} satisfies Split<z.infer<typeof schema>> & { schema: typeof schema };
