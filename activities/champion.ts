import type { CandidateResult } from '../contracts/activities.ts';

/**
 * The candidate of the highest out-of-fold score; of equal ones, the first in the order of the declaration.
 * It is a rule of an activity, not of the workflow: workflow code is frozen by its histories, and rules change.
 * @throws RangeError without candidates
 */
export function chooseChampion(candidates: readonly CandidateResult[]): CandidateResult {
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError('there is no candidate to choose a champion from');
  return others.reduce((best, next) => (next.selectionScore > best.selectionScore ? next : best), first);
}
