import type { BinnedRows, Binning } from './binning.ts';

/** Three doubles a slot: sum of gradients, sum of hessians, number of rows. */
export const slotWidth = 3;

/** Where each feature's slots begin in a histogram; a feature has one slot a bin and a last one for missing values. */
export type HistogramLayout = { offsets: Int32Array; slots: number };

export function layoutHistograms(binning: Binning): HistogramLayout {
  const offsets = new Int32Array(binning.features.length + 1);
  binning.features.forEach((feature, i) => {
    offsets[i + 1] = (offsets[i] as number) + feature.bins + 1;
  });
  return { offsets, slots: offsets[binning.features.length] as number };
}

export type RowRange = { rows: Int32Array; start: number; end: number };
export type Gradients = { gradients: Float64Array; hessians: Float64Array };

/** Fills the slots of `features` from the rows of one node; other slots keep what they held. */
export function buildHistogram(
  into: Float64Array,
  job: { binned: BinnedRows; layout: HistogramLayout; features: Int32Array; range: RowRange } & Gradients,
): void {
  const { binned, layout, features, range, gradients, hessians } = job;
  const { offsets } = layout;
  for (let k = 0; k < features.length; k++) {
    const feature = features[k] as number;
    into.fill(0, (offsets[feature] as number) * slotWidth, (offsets[feature + 1] as number) * slotWidth);
  }
  const { bins, features: width } = binned;
  const { rows, start, end } = range;
  const count = features.length;
  for (let i = start; i < end; i++) {
    const row = rows[i] as number;
    const gradient = gradients[row] as number;
    const hessian = hessians[row] as number;
    const base = row * width;
    for (let k = 0; k < count; k++) {
      const feature = features[k] as number;
      const slot = ((offsets[feature] as number) + (bins[base + feature] as number)) * slotWidth;
      into[slot] = (into[slot] as number) + gradient;
      into[slot + 1] = (into[slot + 1] as number) + hessian;
      into[slot + 2] = (into[slot + 2] as number) + 1;
    }
  }
}

/** Turns the parent's histogram into that of the other child: cheaper than a second pass over the rows. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}
