import { z } from 'zod';
import { randomFolds } from './folds.ts';
import { isHoldOut } from './hold-out.ts';
import { otherSettings, type Split, shareSchema, sides, testShare, whyOtherKeys } from './split.ts';

const schema = z.strictObject({
  by: z.literal('key'),
  share: shareSchema,
  salt: z.string(),
});

/** Membership is a function of the entity's key and the salt: it stays on its side for good. */
export const byKey = {
  by: 'key',
  schema,
  parameters: {
    testShare,
    salt: {
      setting: 'salt',
      type: 'text',
      description: 'Decides with the key which rows are held out',
    },
  },
  reads: () => null,
  assign: ({ salt, share }, { keys }) =>
    Uint8Array.from(keys, (key) => (isHoldOut({ key, salt, share }) ? sides.heldOut : sides.training)),
  leavesOut: () => null,
  folds: (_, rows, options) => randomFolds(rows, options),
  whyNotComparable(newer, older, keys) {
    if (newer.salt !== older.salt || newer.share !== older.share) return otherSettings;
    return whyOtherKeys(keys);
  },
} satisfies Split<z.infer<typeof schema>> & { schema: typeof schema };
