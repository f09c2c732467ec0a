import { deriveSeed } from '../random.ts';
import { alwaysTrained, assignFolds } from '../split.ts';
import type { SplitRows } from './split.ts';

export type Folds = {
  /** Of each row; `alwaysTrained` has none. */
  of: Int32Array;
  count: number;
  /** Where the folds follow one another in time, a fold is predicted from rows that are earlier by the gap or more. */
  inTime: { times: Float64Array; gapMs: number } | null;
};

/** Each fold gets its share of each stratum. */
export function randomFolds(
  { rows, strata }: SplitRows,
  { count, seed }: { count: number; seed: number },
): Folds {
  const job = { rows, folds: count, seed: deriveSeed(seed, 'folds') };
  return { of: assignFolds(strata === undefined ? job : { ...job, strata }), count, inTime: null };
}

export const rowsOfFold = ({ of }: Folds, fold: number): Int32Array =>
  rowsWhere(of, (other) => other === fold);

/** The rows that a fold is predicted from. */
export function trainingRows(folds: Folds, fold: number): Int32Array {
  const { of, inTime } = folds;
  if (inTime === null) return rowsWhere(of, (other) => other !== fold);
  const { times, gapMs } = inTime;
  const startMs = rowsOfFold(folds, fold).reduce(
    (least, row) => Math.min(least, times[row] as number),
    Number.POSITIVE_INFINITY,
  );
  return rowsWhere(of, (other, row) => {
    const isEarlier = other > fold || other === alwaysTrained;
    return isEarlier && (times[row] as number) <= startMs - gapMs;
  });
}

/** @param to exclusive, the last fold that has been predicted */
export const measuredRows = ({ of }: Folds, to: number): Int32Array =>
  rowsWhere(of, (fold) => fold >= 0 && fold < to);

function rowsWhere(foldOf: Int32Array, keep: (fold: number, row: number) => boolean): Int32Array {
  const kept: number[] = [];
  foldOf.forEach((fold, row) => {
    if (keep(fold, row)) kept.push(row);
  });
  return Int32Array.from(kept);
}
