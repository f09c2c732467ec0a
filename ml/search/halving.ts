/**
 * Successive halving (Jamieson and Talwalkar, 2016) with folds as the resource: a trial that goes on keeps the folds it
 * has been measured on, and what is compared was measured on the same rows.
 *
 * @returns how many folds a trial has been measured on after each rung: 1, 2, 4, … and at last all
 */
export function halvingRungs(folds: number): number[] {
  const rungs: number[] = [];
  for (let measured = 1; measured * 2 <= folds; measured *= 2) rungs.push(measured);
  return [...rungs, folds];
}

export type Scored = {
  number: number;
  /** Higher is better; null where the learner refused, or the metric is undefined. */
  score: number | null;
};

/** The better half, rounded up; of equal ones the lower number. Without a score a trial goes no further. */
export function survivorsOf(trials: readonly Scored[]): number[] {
  const ranked = trials
    .filter(({ score }) => score !== null)
    .toSorted((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.number - b.number);
  return ranked
    .slice(0, Math.ceil(trials.length / 2))
    .map(({ number }) => number)
    .sort((a, b) => a - b);
}
