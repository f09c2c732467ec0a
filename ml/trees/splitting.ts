import type { Binning } from './binning.ts';
import { slotWidth } from './histogram.ts';

export type SplitRules = {
  minSamplesLeaf: number;
  /** A lower bound on the sum of hessians of a leaf: keeps Newton steps on near-certain rows finite. */
  minHessianLeaf: number;
  l2: number;
  minGain: number;
  /** Added to a level's hessian before levels are ordered: rare levels stay near the middle. LightGBM's `cat_smooth`. */
  categorySmoothing: number;
  /** Extra `l2` for splits on levels, which fit noise more easily than cuts do. LightGBM's `cat_l2`. */
  categoryL2: number;
  /** Levels on the listed side of a categorical split at most. LightGBM's `max_cat_threshold`. */
  categoryMaxLevels: number;
  /** Rows that a level, or a run of levels, must bring before a split is tried behind it. LightGBM's `min_data_per_group`. */
  categoryMinRows: number;
};

export type NodeTotals = { gradient: number; hessian: number; rows: number };

/** The best split found for a node so far; one record is reused for all nodes. `gain` is 0 where there is none. */
export type Split = {
  gain: number;
  feature: number;
  /** Numbers: bins 0 … `bin` go left. Categories: unused. */
  bin: number;
  categorical: boolean;
  missingLeft: boolean;
  /** Categories: bit b says that bin b goes left. */
  leftBins: Int32Array;
  leftGradient: number;
  leftHessian: number;
  leftRows: number;
};

export const categoryWords = 8;

export function createSplit(): Split {
  return {
    gain: 0,
    feature: -1,
    bin: 0,
    categorical: false,
    missingLeft: false,
    leftBins: new Int32Array(categoryWords),
    leftGradient: 0,
    leftHessian: 0,
    leftRows: 0,
  };
}

export type SplitFinder = (
  histogram: Float64Array,
  totals: NodeTotals,
  features: Int32Array,
  best: Split,
) => void;

/**
 * The gain of a split is G_L²/(H_L + l2) + G_R²/(H_R + l2) − G²/(H + l2): twice the fall of the second-order loss.
 * On ties the first feature and the lowest bin win.
 */
export function createSplitFinder(binning: Binning, rules: SplitRules): SplitFinder {
  const order = new Int32Array(256);
  const keys = new Float64Array(256);

  /** Keeps the candidate if it is allowed and better; true if kept. */
  const offer = (
    best: Split,
    totals: NodeTotals,
    side: { gradient: number; hessian: number; rows: number; l2: number; parentScore: number },
  ): boolean => {
    const rightRows = totals.rows - side.rows;
    const rightHessian = totals.hessian - side.hessian;
    if (side.rows < rules.minSamplesLeaf || rightRows < rules.minSamplesLeaf) return false;
    if (side.hessian < rules.minHessianLeaf || rightHessian < rules.minHessianLeaf) return false;
    const rightGradient = totals.gradient - side.gradient;
    const gain =
      (side.gradient * side.gradient) / (side.hessian + side.l2) +
      (rightGradient * rightGradient) / (rightHessian + side.l2) -
      side.parentScore;
    if (!(gain > best.gain) || gain <= rules.minGain) return false;
    best.gain = gain;
    best.leftGradient = side.gradient;
    best.leftHessian = side.hessian;
    best.leftRows = side.rows;
    return true;
  };

  const side = { gradient: 0, hessian: 0, rows: 0, l2: 0, parentScore: 0 };

  const scanCuts = (
    histogram: Float64Array,
    totals: NodeTotals,
    at: { feature: number; bins: number; first: number },
    best: Split,
  ): void => {
    const { feature, bins, first } = at;
    const missing = (first + bins) * slotWidth;
    const missingRows = histogram[missing + 2] as number;
    for (let direction = 0; direction < (missingRows > 0 ? 2 : 1); direction++) {
      const missingLeft = direction === 1;
      side.gradient = missingLeft ? (histogram[missing] as number) : 0;
      side.hessian = missingLeft ? (histogram[missing + 1] as number) : 0;
      side.rows = missingLeft ? missingRows : 0;
      // The last cut separates the missing values from all others, so it exists only if they go right.
      const last = missingLeft || missingRows === 0 ? bins - 1 : bins;
      for (let bin = 0; bin < last; bin++) {
        const slot = (first + bin) * slotWidth;
        const rows = histogram[slot + 2] as number;
        if (rows === 0) continue;
        side.gradient += histogram[slot] as number;
        side.hessian += histogram[slot + 1] as number;
        side.rows += rows;
        if (totals.rows - side.rows < rules.minSamplesLeaf) break;
        if (!offer(best, totals, side)) continue;
        best.feature = feature;
        best.bin = bin;
        best.categorical = false;
        // Values missing only later follow the larger side.
        best.missingLeft = missingRows > 0 ? missingLeft : side.rows * 2 > totals.rows;
      }
    }
  };

  /** Levels ordered by gradient over smoothed hessian: then the best subset is a prefix or a suffix (Fisher, 1958). */
  const scanLevels = (
    histogram: Float64Array,
    totals: NodeTotals,
    at: { feature: number; bins: number; first: number },
    best: Split,
  ): void => {
    const { feature, bins, first } = at;
    let used = 0;
    for (let bin = 0; bin <= bins; bin++) {
      const slot = (first + bin) * slotWidth;
      if ((histogram[slot + 2] as number) < 1) continue;
      const key = (histogram[slot] as number) / ((histogram[slot + 1] as number) + rules.categorySmoothing);
      let place = used++;
      for (; place > 0 && (keys[place - 1] as number) > key; place--) {
        keys[place] = keys[place - 1] as number;
        order[place] = order[place - 1] as number;
      }
      keys[place] = key;
      order[place] = bin;
    }
    const most = Math.min(rules.categoryMaxLevels, used - 1);
    for (let direction = 0; direction < 2; direction++) {
      side.gradient = 0;
      side.hessian = 0;
      side.rows = 0;
      let groupRows = 0;
      for (let i = 0; i < most; i++) {
        const slot = (first + (order[direction === 0 ? i : used - 1 - i] as number)) * slotWidth;
        side.gradient += histogram[slot] as number;
        side.hessian += histogram[slot + 1] as number;
        side.rows += histogram[slot + 2] as number;
        groupRows += histogram[slot + 2] as number;
        if (groupRows < rules.categoryMinRows) continue;
        groupRows = 0;
        if (totals.rows - side.rows < Math.max(rules.minSamplesLeaf, rules.categoryMinRows)) break;
        if (!offer(best, totals, side)) continue;
        best.feature = feature;
        best.bin = 0;
        best.categorical = true;
        best.leftBins.fill(0);
        for (let j = 0; j <= i; j++) {
          const bin = order[direction === 0 ? j : used - 1 - j] as number;
          best.leftBins[bin >>> 5] = (best.leftBins[bin >>> 5] as number) | (1 << (bin & 31));
        }
        best.missingLeft = inBins(best.leftBins, bins);
        if ((histogram[(first + bins) * slotWidth + 2] as number) === 0) {
          best.missingLeft = side.rows * 2 > totals.rows;
        }
      }
    }
  };

  return (histogram, totals, features, best) => {
    best.gain = 0;
    best.feature = -1;
    for (let k = 0; k < features.length; k++) {
      const feature = features[k] as number;
      const description = binning.features[feature];
      if (description === undefined) continue;
      const categorical = description.kind === 'category';
      side.l2 = categorical ? rules.l2 + rules.categoryL2 : rules.l2;
      side.parentScore = (totals.gradient * totals.gradient) / (totals.hessian + side.l2);
      const at = { feature, bins: description.bins, first: binning.offsets[feature] as number };
      if (categorical) scanLevels(histogram, totals, at, best);
      else scanCuts(histogram, totals, at, best);
    }
  };
}

export function inBins(bins: Int32Array, bin: number): boolean {
  return (((bins[bin >>> 5] as number) >>> (bin & 31)) & 1) === 1;
}
