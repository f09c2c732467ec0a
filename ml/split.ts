import { createRandom, deriveSeed, hash32, shuffle } from './random.ts';

export type FoldJob = {
  rows: number;
  folds: number;
  seed: number;
  /** One stratum a row, such as the class: each fold gets its share of each, to within one row. */
  strata?: ArrayLike<number>;
};

/**
 * The fold of each row, 0 … folds − 1. Sizes differ by at most one.
 * @throws RangeError with fewer than two folds or fewer rows than folds
 */
export function assignFolds({ rows, folds, seed, strata }: FoldJob): Int32Array {
  if (!Number.isInteger(folds) || folds < 2 || rows < folds) {
    throw new RangeError(
      `${rows} rows cannot make ${folds} folds; at least 2 folds and a row for each are needed`,
    );
  }
  const order = orderByStratum({ rows, seed, strata });
  const fold = new Int32Array(rows);
  // Dealing out the strata one after the other keeps both the strata and the fold sizes even.
  order.forEach((row, i) => {
    fold[row] = i % folds;
  });
  return fold;
}

/** No fold of its own: such rows are only trained on. */
export const alwaysTrained = -1;

/**
 * Folds of an expanding window: the rows in order of time, cut into `folds + 1` blocks of about equal size. Fold 0 is the
 * newest block, and each is predicted from the blocks before it: rows of a greater fold, and those of the oldest block
 * or without a time, which have the fold `alwaysTrained`. Rows of the same time lie in the same block.
 * @throws RangeError where a block would be empty
 */
export function assignTimeFolds({ times, folds }: { times: Float64Array; folds: number }): Int32Array {
  const timed = Int32Array.from({ length: times.length }, (_, row) => row)
    .filter((row) => !Number.isNaN(times[row]))
    .sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
  const fold = new Int32Array(times.length).fill(alwaysTrained);
  const sizes = new Int32Array(folds + 1);
  let block = 0;
  timed.forEach((row, place) => {
    const isSameTime = place > 0 && times[row] === times[timed[place - 1] as number];
    if (!isSameTime) block = Math.floor((place * (folds + 1)) / timed.length);
    sizes[block] = (sizes[block] as number) + 1;
    fold[row] = block === 0 ? alwaysTrained : folds - block;
  });
  if (sizes.includes(0)) {
    throw new RangeError(
      `${timed.length} rows with a time cannot be cut into ${folds + 1} blocks, one after the other: too few, or too many of the same time`,
    );
  }
  return fold;
}

/**
 * 1 for rows held out: `share` of the rows of each stratum, rounded so that the total is right to within one row.
 * @throws RangeError when the share leaves one side empty
 */
export function holdOutRows(job: {
  rows: number;
  share: number;
  seed: number;
  strata?: ArrayLike<number>;
}): Uint8Array {
  const order = orderByStratum(job);
  const heldOut = new Uint8Array(job.rows);
  let held = 0;
  order.forEach((row, i) => {
    if (Math.round((i + 1) * job.share) > held) {
      heldOut[row] = 1;
      held++;
    }
  });
  if (held === 0 || held === job.rows) {
    throw new RangeError(
      `a share of ${job.share} holds out ${held} of ${job.rows} rows; both sides need rows`,
    );
  }
  return heldOut;
}

/**
 * Membership is a function of key and salt alone, so an entity stays on its side however the data grow.
 * The hash is MurmurHash3 over 2³² values; over distinct keys the number held out is binomial with `share`.
 */
export function isHoldOut({ key, salt, share }: { key: string; salt: string; share: number }): boolean {
  // The separator is no part of any salt, or ("ab", "c") and ("a", "bc") would be one entity.
  return hash32(`${salt}\u0000${key}`) < share * 0x100000000;
}

/** Rows shuffled within their stratum, strata in ascending order. */
function orderByStratum({ rows, seed, strata }: Omit<FoldJob, 'folds'>): Int32Array {
  const order = shuffle(
    Int32Array.from({ length: rows }, (_, row) => row),
    createRandom(deriveSeed(seed, 'split')),
  );
  if (strata === undefined) return order;
  const place = new Int32Array(rows);
  order.forEach((row, i) => {
    place[row] = i;
  });
  return order.sort(
    (a, b) => (strata[a] as number) - (strata[b] as number) || (place[a] as number) - (place[b] as number),
  );
}
