import type { Blocks } from '../blocks.ts';

/** Bin codes are `Uint8`, and the highest code in use is the bin of missing values. */
export const maxValueBins = 255;
/** Quantiles of large columns come from evenly spaced rows: enough for 255 cuts, and no sort of a million values. */
const quantileRows = 200_000;

/**
 * `number`: bin b holds the values in (thresholds[b - 1], thresholds[b]]; there is one bin more than thresholds.
 * `category`: bin b is the level with code b.
 * Either way the bin after the last is that of missing values.
 */
export type BinnedFeature =
  | { kind: 'number'; name: string; thresholds: Float64Array; bins: number }
  | { kind: 'category'; name: string; bins: number };

/** Features in the order: dense columns, then codes columns. */
export type Binning = { features: readonly BinnedFeature[] };

/** Rows × features, row-major, so that one row's bins share a cache line while histograms are filled. */
export type BinnedRows = { rows: number; features: number; bins: Uint8Array };

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
  const dense = blocks.dense.names.map((name, column): BinnedFeature => {
    const thresholds = cutPoints(sortedColumn(blocks, column), maxBins);
    return { kind: 'number', name, thresholds, bins: thresholds.length + 1 };
  });
  const codes = blocks.codes.names.map((name, column): BinnedFeature => {
    const levels = blocks.codes.levels[column]?.length ?? 0;
    if (levels > maxValueBins) {
      throw new RangeError(`column ${name} has ${levels} levels; trees take at most ${maxValueBins}`);
    }
    return { kind: 'category', name, bins: Math.max(levels, 1) };
  });
  return { features: [...dense, ...codes] };
}

export function binRows(binning: Binning, blocks: Blocks): BinnedRows {
  const features = binning.features.length;
  const dense = blocks.dense.names.length;
  const codes = blocks.codes.names.length;
  const bins = new Uint8Array(blocks.rows * features);
  binning.features.forEach((feature, column) => {
    if (feature.kind === 'number') {
      const { thresholds } = feature;
      for (let row = 0; row < blocks.rows; row++) {
        bins[row * features + column] = binOf(
          thresholds,
          blocks.dense.values[row * dense + column] as number,
        );
      }
      return;
    }
    for (let row = 0; row < blocks.rows; row++) {
      const code = blocks.codes.values[row * codes + column - dense] as number;
      bins[row * features + column] = code < 0 || code >= feature.bins ? feature.bins : code;
    }
  });
  return { rows: blocks.rows, features, bins };
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

function sortedColumn(blocks: Blocks, column: number): Float64Array {
  const width = blocks.dense.names.length;
  const stride = Math.max(1, Math.ceil(blocks.rows / quantileRows));
  const values = new Float64Array(Math.ceil(blocks.rows / stride));
  let present = 0;
  for (let row = 0; row < blocks.rows; row += stride) {
    const value = blocks.dense.values[row * width + column] as number;
    if (!Number.isNaN(value)) values[present++] = value;
  }
  return values.subarray(0, present).sort();
}

/** At most `maxBins` - 1 ascending cuts, each strictly between two neighbours that occur (or on the lower one). */
function cutPoints(sorted: Float64Array, maxBins: number): Float64Array {
  const distinct: number[] = [];
  for (const value of sorted) if (distinct.length === 0 || value !== distinct.at(-1)) distinct.push(value);
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
