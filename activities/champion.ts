import type { CandidateResult } from '../contracts/activities.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { oriented } from '../ml/metrics/registry.ts';

/** A candidate, or a trial of one: trials are told apart by their order. */
type Contender = Pick<CandidateResult, 'candidate' | 'selectionScore' | 'metrics'>;

/**
 * The candidate of the highest out-of-fold score, or where the declaration calls small differences noise, the best
 * of the leaders by its tie-break; of equal ones, the first declared: the order in which a run names its candidates
 * is no wish.
 * It is a rule of an activity, not of the workflow: workflow code is frozen by its histories, and rules change.
 * @param declared the names of the pipeline's candidates, in their order
 * @throws RangeError without candidates
 */
export function chooseChampion<T extends Contender>(
  trained: readonly T[],
  {
    declared,
    tieBreak,
  }: { declared: readonly string[]; tieBreak?: Pipeline['selection']['tieBreak'] | undefined },
): T {
  const place = ({ candidate }: T) => declared.indexOf(candidate);
  const candidates = trained.toSorted((a, b) => place(a) - place(b));
  const best = highest(candidates, ({ selectionScore }) => selectionScore);
  if (tieBreak === undefined) return best;
  const { within, by } = tieBreak;
  const leaders = candidates.filter(({ selectionScore }) => selectionScore >= best.selectionScore - within);
  return highest(leaders, ({ metrics }) => {
    const value = metrics[by];
    return value === undefined ? Number.NEGATIVE_INFINITY : oriented(by, value);
  });
}

function highest<T>(candidates: readonly T[], score: (candidate: T) => number): T {
  const [first, ...others] = candidates;
  if (first === undefined) throw new RangeError('there is no candidate to choose a champion from');
  return others.reduce((best, next) => (score(next) > score(best) ? next : best), first);
}
