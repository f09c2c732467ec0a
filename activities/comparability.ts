import type { ModelLineage } from '../db/schema/models.ts';
import { findSplit } from '../ml/splits/registry.ts';

type HoldOut = Pick<ModelLineage, 'split' | 'rowsKey'>;

/**
 * Production may be scored on the new version's hold-out only where no row of it was in production's own fit.
 * Null where they are comparable, else the reason why not.
 */
export function whyNotComparable(challenger: HoldOut, production: HoldOut): string | null {
  const [newer, older] = [challenger.split, production.split];
  if (newer.by !== older.by) return 'the two versions held out their rows in different ways';
  const keys = { newer: challenger.rowsKey, older: production.rowsKey };
  return findSplit(newer).whyNotComparable(newer, older, keys);
}
