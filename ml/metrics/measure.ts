/** How often each row occurs in a resample; absent: once each. */
export type Counts = Int32Array;

/**
 * Metrics of rows that were prepared once, so that thousands of resamples of them cost a pass each and no copy.
 * With counts it answers what copies of the rows would: a row counts as often as it occurs.
 */
export type Measure<M = Readonly<Record<string, number | null>>> = (counts?: Counts) => M;

/** NaN without rows. An infinite value makes it infinite or NaN even where it occurs no times. */
export function meanOf(values: Float64Array, counts?: Counts): number {
  let sum = 0;
  if (counts === undefined) {
    for (let row = 0; row < values.length; row++) sum += values[row] as number;
    return sum / values.length;
  }
  let rows = 0;
  // Without a branch for rows that do not occur: there are a third of them, at random, and it would take longer.
  for (let row = 0; row < values.length; row++) {
    const count = counts[row] as number;
    sum += count * (values[row] as number);
    rows += count;
  }
  return sum / rows;
}

/** Mean squared distance from the mean. In two passes: one alone cancels where the mean is far from 0. */
export function varianceOf(values: Float64Array, counts?: Counts): number {
  const mean = meanOf(values, counts);
  let sum = 0;
  if (counts === undefined) {
    for (let row = 0; row < values.length; row++) sum += ((values[row] as number) - mean) ** 2;
    return sum / values.length;
  }
  let rows = 0;
  for (let row = 0; row < values.length; row++) {
    const count = counts[row] as number;
    const distance = (values[row] as number) - mean;
    sum += count * distance * distance;
    rows += count;
  }
  return sum / rows;
}

/** Overflow of a sum is as undefined as a division by zero. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
