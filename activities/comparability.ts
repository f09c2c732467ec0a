import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../contracts/pipeline.ts';

type Split = Pipeline['split'];

/**
 * Production may be scored on the new version's hold-out only where no row of it was in production's own fit.
 * By key that holds with the same salt and share, since membership is a function of the key; by a cut-off, where
 * the new one is not earlier. Null where they are comparable, else the reason why not.
 */
export function whyNotComparable(challenger: Split, production: Split): string | null {
  if (challenger.by !== production.by) return 'the two versions held out their rows in different ways';
  if (challenger.by === 'stratified')
    return 'a stratified hold-out is drawn anew from each snapshot, so it may hold rows that production was trained on';
  if (challenger.by === 'cutoff' && production.by === 'cutoff' && challenger.column === production.column)
    return challenger.date >= production.date
      ? null
      : `rows held out since ${challenger.date} were trained on by the version cut off at ${production.date}`;
  return isDeepStrictEqual(challenger, production)
    ? null
    : 'the two versions held out their rows by another salt, share or column';
}
