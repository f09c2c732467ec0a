import { z } from 'zod';
import { byCutoff } from './cutoff.ts';
import { byGroup } from './group.ts';
import { byKey } from './key.ts';
import { noHoldOut } from './none.ts';
import type { Split } from './split.ts';
import { stratified } from './stratified.ts';

/** Besides `byKey`, which holds where nothing is declared. */
const others = [byCutoff, byGroup, stratified];

/** What a pipeline with a target declares. */
export const splitSchema = z.discriminatedUnion('by', [byKey.schema, ...others.map(({ schema }) => schema)]);
/** Without a target. */
export const noSplitSchema = noHoldOut.schema;

const splits: ReadonlyMap<string, Split> = new Map(
  [byKey, ...others, noHoldOut].map((split) => [split.by, split]),
);

/** @throws RangeError listing the known names */
export function findSplit({ by }: { by: string }): Split {
  const found = splits.get(by);
  if (found === undefined)
    throw new RangeError(`no split goes by ${by}; there are ${[...splits.keys()].join(', ')}`);
  return found;
}

/** Of all splits: no pipeline may give a parameter of its own such a name. */
export const splitParameterNames: readonly string[] = [
  ...new Set([...splits.values()].flatMap(({ parameters }) => Object.keys(parameters))),
];
