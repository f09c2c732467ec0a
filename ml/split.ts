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
