import { deriveSeed } from '../random.ts';
import type { Measure } from './measure.ts';
import { resample } from './resample.ts';

/** Bounds of a percentile bootstrap; `level` is the share that it covers, such as 0.95. */
export type Interval = { low: number; high: number; level: number };
export type MetricInterval = Interval & {
  /** Of the metric minus the naive baseline's on the same rows. */
  minusBaseline: { low: number; high: number } | null;
};

/** On fewer rows the resamples are too like each other, and the bounds far too narrow. */
const fewestRows = 20;
const metricTail = 0.025;

/**
 * The values between the `tail` smallest and the `tail` largest shares of the resamples. A resample without a value
 * might have had any, so it counts beyond both bounds; where such resamples alone fill a tail, there is no interval.
 * @param values NaN where a resample leaves the metric undefined
 */
export function percentileInterval(values: Float64Array, tail: number): Interval | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  // A hair above: 0.05 × 2000 is 99.99… in doubles where the tail comes out of a subtraction.
  const rank = Math.max(1, Math.floor((values.length + 1) * tail + 1e-6));
  const inwards = rank - 1 - (values.length - sorted.length);
  const low = sorted[inwards];
  const high = sorted[sorted.length - 1 - inwards];
  return low === undefined || high === undefined ? null : { low, high, level: levelOf(tail) };
}

/** Rounded: 1 − 2 × 0.05 is to be written as 0.9. */
const levelOf = (tail: number): number => Number((1 - 2 * tail).toFixed(6));

/**
 * 95 % intervals of the metrics of one set of rows, and of their differences to the naive baseline's, paired. Absent is
 * a metric without an interval: itself undefined, on fewer than 20 rows, where too many resamples leave it undefined, or where all have
 * the same value, which says that the rows do not show how it varies, not that it does not.
 */
export function metricIntervals({
  rows,
  seed,
  measure,
  baseline,
  onResample,
}: {
  rows: number;
  seed: number;
  measure: Measure;
  baseline: Measure;
  onResample?: (done: number, of: number) => void;
}): Record<string, MetricInterval> {
  if (rows < fewestRows) return {};
  const [values, naive] = resample({
    rows,
    seed: deriveSeed(seed, 'intervals'),
    measures: [measure, baseline],
    onResample,
  });
  const whole = measure();
  const intervals: Record<string, MetricInterval> = {};
  for (const [name, ours] of values ?? []) {
    if (whole[name] === null) continue;
    const interval = widened(percentileInterval(ours, metricTail));
    if (interval === null) continue;
    const theirs = naive?.get(name);
    const gap = theirs === undefined ? null : widened(percentileInterval(minus(ours, theirs), metricTail));
    intervals[name] = {
      ...interval,
      minusBaseline: gap === null ? null : { low: gap.low, high: gap.high },
    };
  }
  return intervals;
}

/** Sums of the same values in another order differ by less. */
const roundingShare = 1e-9;

/** An interval without a width is none. */
function widened(interval: Interval | null): Interval | null {
  if (interval === null) return null;
  const { low, high } = interval;
  return high - low <= roundingShare * Math.max(Math.abs(low), Math.abs(high)) ? null : interval;
}

/** Undefined where either is. */
export const minus = (left: Float64Array, right: Float64Array): Float64Array =>
  left.map((value, i) => value - (right[i] as number));
