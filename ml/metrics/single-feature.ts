import { rankingSteps, rocAuc } from './ranking.ts';
import { regressionMetrics } from './regression.ts';

/** One feature's values: numbers (NaN where missing), or texts (null where missing). */
export type FeatureValues = Float64Array | readonly (string | null)[];

type Job = {
  values: FeatureValues;
  /** One a value: the number, or 1 and 0. */
  target: Float64Array;
  /** 1 for the rows that are scored, 0 for those that are learned from. */
  heldOut: Uint8Array;
  task: 'regression' | 'binary';
};

/**
 * How well a feature alone tells the target on rows it was not learned from: ROC-AUC (binary) or R² (regression).
 * A number is answered by a line through the nearest learned values, or where their target is a class by its mean, a
 * text by the mean of its level, a missing value by that of the missing ones; so any relation counts, not only a rising
 * one. Null where the held-out rows leave the score undefined.
 */
export function singleFeatureScore({ values, target, heldOut, task }: Job): number | null {
  const rowsOf = (side: number) => Int32Array.from(heldOut.keys()).filter((row) => heldOut[row] === side);
  const learned = rowsOf(0);
  const scored = rowsOf(1);
  const estimate =
    values instanceof Float64Array
      ? nearest({ values, target, learned, isLine: task === 'regression' })
      : levelMean(values, target, learned);
  const truth = Float64Array.from(scored, (row) => target[row] as number);
  const predicted = Float64Array.from(scored, estimate);
  return task === 'binary'
    ? rocAuc(rankingSteps({ target: truth, predicted }))
    : regressionMetrics({ target: truth, predicted }).r2;
}

type Estimate = (row: number) => number;

/** Half the square root of the rows: few enough to follow a sharp relation, enough to average noise out. */
const neighbours = (rows: number): number => Math.max(3, Math.round(Math.sqrt(rows) / 2));

function nearest({
  values,
  target,
  learned,
  isLine,
}: {
  values: Float64Array;
  target: Float64Array;
  learned: Int32Array;
  isLine: boolean;
}): Estimate {
  const present = learned.filter((row) => !Number.isNaN(values[row] as number));
  const missing = learned.filter((row) => Number.isNaN(values[row] as number));
  const whenMissing = meanOf(target, missing.length > 0 ? missing : learned);
  present.sort((a, b) => (values[a] as number) - (values[b] as number) || a - b);
  const x = Float64Array.from(present, (row) => values[row] as number);
  const y = Float64Array.from(present, (row) => target[row] as number);
  const sums = new Float64Array(y.length + 1);
  y.forEach((value, i) => {
    sums[i + 1] = (sums[i] as number) + value;
  });
  const wanted = Math.min(neighbours(x.length), x.length);
  return (row) => {
    const value = values[row] as number;
    if (Number.isNaN(value) || x.length === 0) return whenMissing;
    let low = firstAtLeast(x, value);
    let high = low;
    // Equal values are taken together, or their order would decide.
    while (high < x.length && x[high] === value) high++;
    const hasEnough = high - low >= wanted;
    while (high - low < wanted) {
      const below = low > 0 ? value - (x[low - 1] as number) : Infinity;
      const above = high < x.length ? (x[high] as number) - value : Infinity;
      if (below <= above) low--;
      else high++;
    }
    const mean = ((sums[high] as number) - (sums[low] as number)) / (high - low);
    return isLine && !hasEnough ? mean + rise({ x, y, low, high, value, mean }) : mean;
  };
}

/** What the line of least squares through the values of [low, high) adds to their mean at `value`. */
function rise(of: {
  x: Float64Array;
  y: Float64Array;
  low: number;
  high: number;
  value: number;
  mean: number;
}): number {
  const { x, y, low, high, value, mean } = of;
  let sum = 0;
  for (let i = low; i < high; i++) sum += x[i] as number;
  const centre = sum / (high - low);
  let spread = 0;
  let together = 0;
  for (let i = low; i < high; i++) {
    const distance = (x[i] as number) - centre;
    spread += distance * distance;
    together += distance * ((y[i] as number) - mean);
  }
  return spread > 0 ? (together / spread) * (value - centre) : 0;
}

/** The place of the first value that is not below. */
function firstAtLeast(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function levelMean(values: readonly (string | null)[], target: Float64Array, learned: Int32Array): Estimate {
  const ofLevel = new Map<string | null, { sum: number; rows: number }>();
  for (const row of learned) {
    const level = values[row] ?? null;
    const seen = ofLevel.get(level) ?? { sum: 0, rows: 0 };
    ofLevel.set(level, { sum: seen.sum + (target[row] as number), rows: seen.rows + 1 });
  }
  const overall = meanOf(target, learned);
  return (row) => {
    const seen = ofLevel.get(values[row] ?? null);
    // One row of the overall mean tempers levels that were seen once.
    return seen === undefined ? overall : (seen.sum + overall) / (seen.rows + 1);
  };
}

function meanOf(target: Float64Array, rows: Int32Array): number {
  let sum = 0;
  for (const row of rows) sum += target[row] as number;
  return rows.length === 0 ? 0 : sum / rows.length;
}
