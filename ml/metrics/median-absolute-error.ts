import type { MetricFamily } from './family.ts';
import { type Counts, finiteOrNull } from './measure.ts';

/** Half of the rows are off by less: scikit-learn's `median_absolute_error`. Null without rows. */
export const medianAbsoluteError: MetricFamily<'medianAbsoluteError'> = {
  of: 'values',
  better: { medianAbsoluteError: 'lower' },
  prepare({ target, predicted }) {
    const errors = target.map((value, row) => {
      const error = Math.abs(value - (predicted[row] as number));
      // One that is no number has no place of its own in an order.
      return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
    });
    const order = Uint32Array.from(errors.keys());
    order.sort((a, b) => (errors[a] as number) - (errors[b] as number));
    const sorted = Float64Array.from(order, (row) => errors[row] as number);
    return (counts) => ({ medianAbsoluteError: finiteOrNull(medianOf(sorted, order, counts)) });
  },
};

/** The mean of the two in the middle, which are one where the rows are odd; NaN without rows. */
function medianOf(sorted: Float64Array, order: Uint32Array, counts?: Counts): number {
  const rows = counts === undefined ? sorted.length : sumOf(counts);
  if (rows === 0) return Number.NaN;
  const lower = Math.ceil(rows / 2) - 1;
  const upper = Math.floor(rows / 2);
  if (counts === undefined) return ((sorted[lower] as number) + (sorted[upper] as number)) / 2;
  let place = -1;
  let passed = 0;
  while (passed <= lower) passed += counts[order[++place] as number] as number;
  const below = sorted[place] as number;
  while (passed <= upper) passed += counts[order[++place] as number] as number;
  return (below + (sorted[place] as number)) / 2;
}

function sumOf(counts: Counts): number {
  let sum = 0;
  for (let row = 0; row < counts.length; row++) sum += counts[row] as number;
  return sum;
}
