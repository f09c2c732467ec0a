import type { BinnedRows } from './binned-rows.ts';
import type { Binning } from './binning.ts';
import type { ChosenRounding, Gradients } from './gradients.ts';

/** Three doubles a slot: sum of gradients, sum of hessians, number of rows. */
export const slotWidth = 3;

export type RowRange = { start: number; end: number };

/**
 * Sums of derivatives by slot, for nodes of the tree that is being grown; a histogram is called by its number.
 * Feature lists are ascending. Two implementations give the same bits: this file's in plain arrays, and that of
 * `packed-histogram.ts`.
 */
export type Histograms = {
  /** How many there are room for, without the spare ones. */
  capacity: number;
  /** Of a helper, from 1 on: where it counts its share of the rows. */
  spare(helper: number): number;
  /** Tells how the derivatives of the tree that begins were rounded. */
  use(rounding: ChosenRounding): void;
  /** Fills the slots of the features from a range of the grower's list; others keep what they held. */
  count(into: number, range: RowRange, features: Int32Array): void;
  /** Adds the slots of the features. */
  add(into: number, from: number, features: Int32Array): void;
  /** Turns the parent's histogram into that of the other child: cheaper than a second pass over the rows. */
  subtract(parent: number, child: number, features: Int32Array): void;
  /** The slots of one feature, `slotWidth` numbers each; valid until the next call. */
  read(histogram: number, feature: number): Float64Array;
};

export type GrowerRows = Gradients & {
  binned: BinnedRows;
  binning: Binning;
  /** Rows in the order of their leaves. */
  rows: Int32Array;
};

export function createPlainHistograms(
  { binned, binning, rows, gradients, hessians }: GrowerRows,
  capacity: number,
): Histograms {
  const { slots, features: width } = binned;
  const { offsets } = binning;
  const histograms: Float64Array[] = [];
  const histogramOf = (id: number): Float64Array => {
    histograms[id] ??= new Float64Array((offsets[width] as number) * slotWidth);
    return histograms[id];
  };
  const combine = (
    intoId: number,
    otherId: number,
    { features, sign }: { features: Int32Array; sign: 1 | -1 },
  ): void => {
    const into = histogramOf(intoId);
    const other = histogramOf(otherId);
    for (const feature of features) {
      const end = (offsets[feature + 1] as number) * slotWidth;
      for (let i = (offsets[feature] as number) * slotWidth; i < end; i++)
        into[i] = (into[i] as number) + sign * (other[i] as number);
    }
  };
  return {
    capacity,
    use: () => {},
    count: (id, { start, end }, features) => {
      const into = histogramOf(id);
      for (const feature of features) {
        into.fill(0, (offsets[feature] as number) * slotWidth, (offsets[feature + 1] as number) * slotWidth);
      }
      for (let i = start; i < end; i++) {
        const row = rows[i] as number;
        const gradient = gradients[row] as number;
        const hessian = hessians[row] as number;
        for (let k = 0; k < features.length; k++) {
          const slot = (slots[row * width + (features[k] as number)] as number) * slotWidth;
          into[slot] = (into[slot] as number) + gradient;
          into[slot + 1] = (into[slot + 1] as number) + hessian;
          into[slot + 2] = (into[slot + 2] as number) + 1;
        }
      }
    },
    spare: (helper) => capacity + helper - 1,
    add: (into, from, features) => combine(into, from, { features, sign: 1 }),
    subtract: (parent, child, features) => combine(parent, child, { features, sign: -1 }),
    read: (id, feature) =>
      histogramOf(id).subarray(
        (offsets[feature] as number) * slotWidth,
        (offsets[feature + 1] as number) * slotWidth,
      ),
  };
}
