import type { Blocks } from '../blocks.ts';
import { createRandom, sampleIndices } from '../random.ts';
import { sortDoubles } from './sort-doubles.ts';

/** One more, for missing values, makes 256: a level set is eight words. */
export const maxValueBins = 255;
/** Quantiles of longer columns come from this many rows drawn evenly: enough for 255 cuts. */
const quantileRows = 50_000;
/** Dense columns read in one pass over the rows: as many as a line of the processor's cache holds. */
const columnsAtOnce = 8;

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
  const drawn =
    blocks.rows > quantileRows
      ? sampleIndices({ from: blocks.rows, count: quantileRows }, createRandom(0))
      : null;
  const dense: BinnedFeature[] = [];
  for (let first = 0; first < blocks.dense.names.length; first += columnsAtOnce) {
    const names = blocks.dense.names.slice(first, first + columnsAtOnce);
    const columns = presentValues(blocks, { first, columns: names.length }, drawn);
    names.forEach((name, place) => {
      const thresholds = cutPoints(sortDoubles(columns[place] as Float64Array), maxBins);
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
  { rows, dense }: Blocks,
  { first, columns }: { first: number; columns: number },
  drawn: Int32Array | null,
): Float64Array[] {
  const { names, values } = dense;
  const count = drawn?.length ?? rows;
  const found = Array.from({ length: columns }, () => new Float64Array(count));
  const present = new Int32Array(columns);
  for (let i = 0; i < count; i++) {
    const cell = (drawn === null ? i : (drawn[i] as number)) * names.length + first;
    for (let column = 0; column < columns; column++) {
      const value = values[cell + column] as number;
      if (Number.isNaN(value)) continue;
      const place = present[column] as number;
      (found[column] as Float64Array)[place] = value;
      present[column] = place + 1;
    }
  }
  return found.map((column, place) => column.subarray(0, present[place]));
}

/** At most `maxBins` - 1 ascending cuts, each strictly between two neighbours that occur (or on the lower one). */
function cutPoints(sorted: Float64Array, maxBins: number): Float64Array {
  const distinct: number[] = [];
  for (let i = 0; i < sorted.length && distinct.length <= maxBins; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) distinct.push(sorted[i] as number);
  }
  if (distinct.length <= maxBins) {
    return Float64Array.from(distinct.slice(1), (upper, i) => between(distinct[i] as number, upper));
  }
  const cuts: number[] = [];
  for (let bin = 1; bin < maxBins; bin++) {
    const at = Math.round((bin * sorted.length) / maxBins);
    const upper = sorted[at] as number;
    const lower = sorted[at - 1] as number;
    // A run of equal values that covers the quantile stays whole: the cut falls behind it.
    const cut = lower === upper ? between(upper, firstAbove(sorted, upper)) : between(lower, upper);
    if (cut < (sorted.at(-1) as number) && (cuts.length === 0 || cut > (cuts.at(-1) as number)))
      cuts.push(cut);
  }
  return Float64Array.from(cuts);
}

/** The midpoint, or the lower value where rounding or infinity would put it on the upper one. */
function between(lower: number, upper: number): number {
  const middle = lower / 2 + upper / 2;
  return middle < upper && middle >= lower ? middle : lower;
}

function firstAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return sorted[low] ?? value;
}
