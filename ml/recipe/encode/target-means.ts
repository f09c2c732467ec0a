import { createRandom, deriveSeed, shuffle } from '../../random.ts';

/** Levels differ from one another; codes index them, −1 being missing. */
export type Category = { codes: Int32Array; levels: readonly string[] };
export type Means = { total: Float64Array; count: Float64Array; allTotal: number; allCount: number };

/** Sums by level over the rows that `counts` admits; the slot after the last level is that of missing values. */
export function sumByLevel(
  category: Category,
  target: Float64Array,
  counts: (row: number) => boolean,
): Means {
  const total = new Float64Array(category.levels.length + 1);
  const count = new Float64Array(category.levels.length + 1);
  let allTotal = 0;
  let allCount = 0;
  for (let row = 0; row < category.codes.length; row++) {
    if (!counts(row)) continue;
    const code = category.codes[row] as number;
    const slot = code < 0 ? category.levels.length : code;
    const value = target[row] as number;
    total[slot] = (total[slot] as number) + value;
    count[slot] = (count[slot] as number) + 1;
    allTotal += value;
    allCount += 1;
  }
  return { total, count, allTotal, allCount };
}

/** The mean of a level pulled towards the global one by `smoothing` rows of weight. */
export function smoothedMean(means: Means, slot: number, smoothing: number): number {
  const overall = means.allCount === 0 ? 0 : means.allTotal / means.allCount;
  const weight = (means.count[slot] as number) + smoothing;
  return weight === 0 ? overall : ((means.total[slot] as number) + smoothing * overall) / weight + 0;
}

export function meansOutOfFold(
  category: Category,
  target: Float64Array,
  { foldOf, folds, smoothing }: { foldOf: Int32Array; folds: number; smoothing: number },
): Float64Array {
  const values = new Float64Array(target.length);
  for (let fold = 0; fold < folds; fold++) {
    const means = sumByLevel(category, target, (row) => foldOf[row] !== fold);
    for (const [row, code] of category.codes.entries()) {
      if (foldOf[row] !== fold) continue;
      values[row] = smoothedMean(means, code < 0 ? category.levels.length : code, smoothing);
    }
  }
  return values;
}

/**
 * CatBoost's ordered target statistics (Prokhorenkova et al., 2018, section 3.2). They are pulled towards the mean of
 * all rows: it is the same for every row, whereas a mean without the row's own target would tell that target.
 */
export function meansOfRowsBefore(
  category: Category,
  target: Float64Array,
  { order, smoothing }: { order: Int32Array; smoothing: number },
): Float64Array {
  const values = new Float64Array(target.length);
  const { total, count } = sumByLevel(category, target, () => false);
  const means = { ...sumByLevel(category, target, () => true), total, count };
  for (const row of order) {
    const code = category.codes[row] as number;
    const slot = code < 0 ? category.levels.length : code;
    values[row] = smoothedMean(means, slot, smoothing);
    total[slot] = (total[slot] as number) + (target[row] as number);
    count[slot] = (count[slot] as number) + 1;
  }
  return values;
}

type SeededRows = { rows: number; seed: number };

/** The fold of each row; sizes differ by at most one. */
export function assignFolds({ rows, seed }: SeededRows, folds: number): Int32Array {
  const foldOf = Int32Array.from({ length: rows }, (_, row) => row % folds);
  return shuffle(foldOf, createRandom(deriveSeed(seed, 'targetEncode')));
}

/** The rows in random order `index`. */
export function shuffleRows({ rows, seed }: SeededRows, index: number): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  return shuffle(order, createRandom(deriveSeed(seed, `targetEncode order ${index}`)));
}
