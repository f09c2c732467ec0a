import { isDeepStrictEqual } from 'node:util';
import type { ModelLineage } from '../db/schema/models.ts';

type HoldOut = Pick<ModelLineage, 'split' | 'rowsKey'>;

/**
 * Production may be scored on the new version's hold-out only where no row of it was in production's own fit.
 * By key that holds with the same column, salt and share, since membership is a function of them, however many rows
 * have come since; by a cut-off, where the new one is not earlier. Null where they are comparable, else the reason why not.
 */
export function whyNotComparable(challenger: HoldOut, production: HoldOut): string | null {
  const [ours, theirs] = [challenger.split, production.split];
  if (ours.by !== theirs.by) return 'the two versions held out their rows in different ways';
  if (ours.by === 'none') return 'no rows were held out';
  if (ours.by === 'stratified')
    return 'a stratified hold-out is drawn anew from each snapshot, so it may hold rows that production was trained on';
  if (ours.by === 'cutoff' && theirs.by === 'cutoff' && ours.column === theirs.column)
    return ours.date >= theirs.date
      ? null
      : `rows held out since ${ours.date} were trained on by the version cut off at ${theirs.date}`;
  if (!isDeepStrictEqual(ours, theirs))
    return 'the two versions held out their rows by another salt, share or column';
  return challenger.rowsKey === production.rowsKey
    ? null
    : `the two versions held out their rows by the keys ${shown(challenger)} and ${shown(production)}`;
}

const shown = ({ rowsKey }: HoldOut): string => (rowsKey === undefined ? 'unknown' : `"${rowsKey}"`);
