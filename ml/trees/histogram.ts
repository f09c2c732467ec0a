import type { BinnedRows, Binning } from './binning.ts';

/** Three doubles a slot: sum of gradients, sum of hessians, number of rows. */
export const slotWidth = 3;

export type RowRange = { rows: Int32Array; start: number; end: number };
export type Gradients = { gradients: Float64Array; hessians: Float64Array };

/** Fills the slots of `features` (ascending) from the rows of one node; other slots keep what they held. */
export function buildHistogram(
  into: Float64Array,
  job: { binned: BinnedRows; binning: Binning; features: Int32Array; range: RowRange } & Gradients,
): void {
  const { binned, binning, features, range, gradients, hessians } = job;
  for (const feature of features) {
    const first = binning.offsets[feature] as number;
    into.fill(0, first * slotWidth, (binning.offsets[feature + 1] as number) * slotWidth);
  }
  const { slots, features: width } = binned;
  const { rows, start, end } = range;
  if (features.length < width) {
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      const base = row * width;
      for (let k = 0; k < features.length; k++) {
        const slot = (slots[base + (features[k] as number)] as number) * slotWidth;
        add(into, slot, gradients[row] as number, hessians[row] as number);
      }
    }
    return;
  }
  const paired = width - (width % 2);
  for (let i = start; i < end; i++) {
    const row = rows[i] as number;
    const gradient = gradients[row] as number;
    const hessian = hessians[row] as number;
    const base = row * width;
    // Two features at once: their slots are never the same, so the processor need not wait for the first sum.
    for (let k = base; k < base + paired; k += 2) {
      const first = (slots[k] as number) * slotWidth;
      const second = (slots[k + 1] as number) * slotWidth;
      add(into, first, gradient, hessian);
      add(into, second, gradient, hessian);
    }
    if (paired < width) add(into, (slots[base + paired] as number) * slotWidth, gradient, hessian);
  }
}

/** Small enough for V8 to inline into each of its loops. */
function add(into: Float64Array, slot: number, gradient: number, hessian: number): void {
  into[slot] = (into[slot] as number) + gradient;
  into[slot + 1] = (into[slot + 1] as number) + hessian;
  into[slot + 2] = (into[slot + 2] as number) + 1;
}

/** Turns the parent's histogram into that of the other child: cheaper than a second pass over the rows. */
export function subtractHistogram(parent: Float64Array, child: Float64Array): void {
  for (let i = 0; i < parent.length; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}
