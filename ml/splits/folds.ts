import { deriveSeed } from '../random.ts';
import type { SplitRows } from './split.ts';
import { orderByStratum } from './strata.ts';

/** No fold of its own: such rows are only trained on. */
export const alwaysTrained = -1;

export type Folds = {
  /** Of each row, 0 … `count` − 1, or `alwaysTrained`. */
  of: Int32Array;
  count: number;
  /** Where the folds follow one another in time, a fold is predicted from rows that are earlier by the gap or more. */
  inTime: { times: Float64Array; gapMs: number } | null;
};

/**
 * Each fold gets its share of each stratum, to within one row; sizes differ by at most one.
 * @throws RangeError with fewer than two folds or fewer rows than folds
 */
export function randomFolds(
  { rows, strata }: Pick<SplitRows, 'rows' | 'strata'>,
  { count, seed }: { count: number; seed: number },
): Folds {
  if (!Number.isInteger(count) || count < 2 || rows < count) {
    throw new RangeError(
      `${rows} rows cannot make ${count} folds; at least 2 folds and a row for each are needed`,
    );
  }
  const job = { rows, seed: deriveSeed(seed, 'folds') };
  const of = new Int32Array(rows);
  // Dealing out the strata one after the other keeps both the strata and the fold sizes even.
  orderByStratum(strata === undefined ? job : { ...job, strata }).forEach((row, i) => {
    of[row] = i % count;
  });
  return { of, count, inTime: null };
}

/**
 * Folds of an expanding window: the rows in order of time, cut into `count + 1` blocks of about equal size. Fold 0 is the
 * newest block, and each is predicted from the blocks before it: rows of a greater fold, and those of the oldest block
 * or without a time, which have the fold `alwaysTrained`. Rows of the same time lie in the same block.
 * @throws RangeError where a block would be empty
 */
export function timeFolds(inTime: { times: Float64Array; gapMs: number }, count: number): Folds {
  const { times } = inTime;
  const timed = Int32Array.from({ length: times.length }, (_, row) => row)
    .filter((row) => !Number.isNaN(times[row]))
    .sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const of = new Int32Array(times.length).fill(alwaysTrained);
  const sizes = new Int32Array(count + 1);
  let block = 0;
  timed.forEach((row, place) => {
    const isSameTime = place > 0 && times[row] === times[timed[place - 1] as number];
    if (!isSameTime) block = Math.floor((place * (count + 1)) / timed.length);
    sizes[block] = (sizes[block] as number) + 1;
    of[row] = block === 0 ? alwaysTrained : count - block;
  });
  if (sizes.includes(0)) {
    throw new RangeError(
      `${timed.length} rows with a time cannot be cut into ${count + 1} blocks, one after the other: too few, or too many of the same time`,
    );
  }
  return { of, count, inTime };
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
