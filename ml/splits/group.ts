import { z } from 'zod';
import { type Column, readCell } from '../frame.ts';
import { createRandom, deriveSeed, shuffle } from '../random.ts';
import { isHoldOut } from './hold-out.ts';
import {
  otherSettings,
  type Split,
  type SplitRows,
  shareSchema,
  sides,
  testShare,
  whyOtherKeys,
} from './split.ts';

const schema = z.strictObject({
  by: z.literal('group'),
  column: z.string().min(1).max(128),
  share: shareSchema,
  salt: z.string(),
});

/**
 * Rows of one group, such as the orders of a customer, are all on one side, and in one fold: what is measured is how
 * well groups never seen are predicted. A row without a group is one of its own.
 */
export const byGroup = {
  by: 'group',
  schema,
  parameters: {
    testShare,
    salt: {
      setting: 'salt',
      type: 'text',
      description: 'Decides with the group which rows are held out',
    },
  },
  reads: ({ column }) => ({ column, kind: 'category' }),
  assign: ({ column: name, salt, share }, { keys, column }) =>
    Uint8Array.from(keys, (key, row) =>
      isHoldOut({ key: groupOf(column, name, row) ?? key, salt, share }) ? sides.heldOut : sides.training,
    ),
  leavesOut: () => null,
  folds: ({ column }, rows, { count, seed }) => ({
    of: dealGroups(rowsByGroup(rows, column), { ...rows, count, seed }),
    count,
    inTime: null,
  }),
  whyNotComparable(newer, older, keys) {
    const isSame = newer.column === older.column && newer.salt === older.salt && newer.share === older.share;
    // A row without a group is on the side of its key.
    return isSame ? whyOtherKeys(keys) : otherSettings;
  },
} satisfies Split<z.infer<typeof schema>> & { schema: typeof schema };

function rowsByGroup({ rows, column }: SplitRows, name: string): number[][] {
  const groups = new Map<string, number[]>();
  const alone: number[][] = [];
  for (let row = 0; row < rows; row++) {
    const group = groupOf(column, name, row);
    if (group === null) alone.push([row]);
    else {
      const members = groups.get(group);
      if (members === undefined) groups.set(group, [row]);
      else members.push(row);
    }
  }
  return [...groups.values(), ...alone];
}

/** The greatest groups first, those of a size in an order of chance, each into the fold that has the fewest rows. */
function dealGroups(
  groups: readonly number[][],
  { rows, count, seed }: { rows: number; count: number; seed: number },
): Int32Array {
  if (groups.length < count)
    throw new RangeError(`${groups.length} groups cannot make ${count} folds; a group for each is needed`);
  const order = shuffle(Int32Array.from(groups.keys()), createRandom(deriveSeed(seed, 'folds')));
  const sizeOf = (group: number): number => groups[group]?.length ?? 0;
  order.sort((a, b) => sizeOf(b) - sizeOf(a));
  const sizes = new Array<number>(count).fill(0);
  const fold = new Int32Array(rows);
  for (const group of order) {
    const smallest = sizes.indexOf(Math.min(...sizes));
    for (const row of groups[group] ?? []) fold[row] = smallest;
    sizes[smallest] = (sizes[smallest] ?? 0) + sizeOf(group);
  }
  return fold;
}

function groupOf(column: Column | undefined, name: string, row: number): string | null {
  if (column === undefined) throw new RangeError(`the rows have no column "${name}"`);
  const cell = readCell(column, row);
  return cell === null ? null : String(cell);
}
