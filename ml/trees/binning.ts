import type { Blocks } from '../blocks.ts';
import { createRandom, sampleIndices } from '../random.ts';
import { type ValueRuns, valueRuns } from './value-runs.ts';

/** One more, for missing values, makes 256: a level set is eight words. */
export const maxValueBins = 255;
/** Quantiles of longer columns come from this many rows drawn evenly: enough for 255 cuts. */
const quantileRows = 50_000;
/** Dense columns copied at a time, and rows of them, which stay in the processor's cache from one column to the next. */
const columnsAtOnce = 32;
const rowsAtOnce = 1024;

/**
 * `number`: bin b holds the values in (thresholds[b - 1], thresholds[b]]; there is one bin more than thresholds.
 * `category`: bin b is the level with code b.
 * Either way the bin after the last is that of missing values.
 */
export type BinnedFeature =
  | { kind: 'number'; name: string; thresholds: Float64Array; bins: number }
  | { kind: 'category'; name: string; bins: number };

/**
 * Features in the order: dense columns, then codes columns. All their bins stand in one line of slots, in which
 * feature f begins at offsets[f] and the last entry of `offsets` is the number of slots.
 */
export type Binning = { features: readonly BinnedFeature[]; offsets: Int32Array };

/**
 * Learns the bins from training rows.
 * @throws RangeError when a sparse block is present or a categorical column has more than 255 levels
 */
export function fitBinning(blocks: Blocks, maxBins: number = maxValueBins): Binning {
  if (blocks.sparse.names.length > 0) {
    throw new RangeError(
      `trees read dense and codes columns; the recipe made ${blocks.sparse.names.length} sparse ones (first: ${blocks.sparse.names[0]})`,
    );
  }
  const count = Math.min(blocks.rows, quantileRows);
  const drawn = sampleIndices({ from: blocks.rows, count }, createRandom(0));
  const dense: BinnedFeature[] = [];
  for (let first = 0; first < blocks.dense.names.length; first += columnsAtOnce) {
    const names = blocks.dense.names.slice(first, first + columnsAtOnce);
    const columns = presentValues(blocks.dense, drawn, { first, columns: names.length });
    names.forEach((name, place) => {
      const thresholds = cutPoints(valueRuns(columns[place] as Float64Array), maxBins);
      dense.push({ kind: 'number', name, thresholds, bins: thresholds.length + 1 });
    });
  }
  const codes = blocks.codes.names.map((name, column): BinnedFeature => {
    const levels = blocks.codes.levels[column]?.length ?? 0;
    if (levels > maxValueBins) {
      throw new RangeError(`column ${name} has ${levels} levels; trees take at most ${maxValueBins}`);
    }
    return { kind: 'category', name, bins: Math.max(levels, 1) };
  });
  const features = [...dense, ...codes];
  const offsets = new Int32Array(features.length + 1);
  features.forEach(({ bins }, i) => {
    offsets[i + 1] = (offsets[i] as number) + bins + 1;
  });
  return { features, offsets };
}

/** The first bin whose threshold is not below the value; the bin of missing values for NaN. */
export function binOf(thresholds: Float64Array, value: number): number {
  if (Number.isNaN(value)) return thresholds.length + 1;
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Of some neighbouring dense columns the numbers that are not missing, in the order of the rows. */
function presentValues(
  { values, names }: Blocks['dense'],
  rows: Int32Array,
  { first, columns }: { first: number; columns: number },
): Float64Array[] {
  const found = Array.from({ length: columns }, () => new Float64Array(rows.length));
  const present = new Int32Array(columns);
  for (let start = 0; start < rows.length; start += rowsAtOnce) {
    const some = rows.subarray(start, start + rowsAtOnce);
    found.forEach((into, place) => {
      const cells = { first: first + place, width: names.length };
      present[place] = takePresent(values, some, cells, { into, at: present[place] as number });
    });
  }
  return found.map((column, place) => column.subarray(0, present[place]));
}

/** Returns the place behind the last one taken. */
function takePresent(
  values: Float64Array,
  rows: Int32Array,
  { first, width }: { first: number; width: number },
  { into, at }: { into: Float64Array; at: number },
): number {
  let place = at;
  for (let i = 0; i < rows.length; i++) {
    const value = values[(rows[i] as number) * width + first] as number;
    // With 0 added, -0 is 0.
    into[place] = value + 0;
    if (!Number.isNaN(value)) place++;
  }
  return place;
}

/** At most `maxBins` - 1 ascending cuts, each strictly between two neighbours that occur (or on the lower one). */
function cutPoints({ values, ends }: ValueRuns, maxBins: number): Float64Array {
  const cutAbove = (run: number): number => between(values[run] as number, values[run + 1] as number);
  const last = values.length - 1;
  if (values.length <= maxBins)
    return Float64Array.from({ length: Math.max(0, last) }, (_, run) => cutAbove(run));
  const cuts: number[] = [];
  const count = ends[last] as number;
  let run = 0;
  for (let bin = 1; bin < maxBins; bin++) {
    // A run of equal values that covers the quantile stays whole: the cut falls behind it.
    while ((ends[run] as number) < Math.round((bin * count) / maxBins)) run++;
    if (run === last) break;
    const cut = cutAbove(run);
    if (cuts.length === 0 || cut > (cuts.at(-1) as number)) cuts.push(cut);
  }
  return Float64Array.from(cuts);
}

/** The midpoint, or the lower value where rounding or infinity would put it on the upper one. */
function between(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle < upper && middle >= lower ? middle : lower;
}
