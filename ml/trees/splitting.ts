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

/** Offers the splits on one feature to `best`, which takes the first of the best. `slots` begin at its first bin. */
export type FeatureScan = (feature: number, slots: Float64Array, totals: NodeTotals, best: Split) => void;

/**
 * The gain of a split is G_L²/(H_L + l2) + G_R²/(H_R + l2) − G²/(H + l2): twice the fall of the second-order loss.
 * On ties the lowest bin wins, and the first feature where features come in ascending order.
 */
export function createFeatureScan(binning: Binning, rules: SplitRules): FeatureScan {
  const { minSamplesLeaf, minHessianLeaf, minGain } = rules;
  const order = new Int32Array(256);
  const keys = new Float64Array(256);

  const scanCuts = (
    slots: Float64Array,
    totals: NodeTotals,
    at: { feature: number; bins: number },
    best: Split,
  ): void => {
    const { feature, bins } = at;
    const { gradient, hessian, rows } = totals;
    const { l2 } = rules;
    const parentScore = (gradient * gradient) / (hessian + l2);
    const missing = bins * slotWidth;
    const missingRows = slots[missing + 2] as number;
    for (let direction = 0; direction < (missingRows > 0 ? 2 : 1); direction++) {
      const missingLeft = direction === 1;
      let leftGradient = missingLeft ? (slots[missing] as number) : 0;
      let leftHessian = missingLeft ? (slots[missing + 1] as number) : 0;
      let leftRows = missingLeft ? missingRows : 0;
      // The last cut separates the missing values from all others, so it exists only if they go right.
      const last = (missingLeft || missingRows === 0 ? bins - 1 : bins) * slotWidth;
      for (let slot = 0; slot < last; slot += slotWidth) {
        const slotRows = slots[slot + 2] as number;
        if (slotRows === 0) continue;
        leftGradient += slots[slot] as number;
        leftHessian += slots[slot + 1] as number;
        leftRows += slotRows;
        if (leftRows < minSamplesLeaf) continue;
        if (rows - leftRows < minSamplesLeaf) break;
        const rightHessian = hessian - leftHessian;
        if (leftHessian < minHessianLeaf || rightHessian < minHessianLeaf) continue;
        const rightGradient = gradient - leftGradient;
        const gain =
          (leftGradient * leftGradient) / (leftHessian + l2) +
          (rightGradient * rightGradient) / (rightHessian + l2) -
          parentScore;
        if (!(gain > best.gain) || gain <= minGain) continue;
        best.gain = gain;
        best.feature = feature;
        best.bin = slot / slotWidth;
        best.categorical = false;
        best.leftGradient = leftGradient;
        best.leftHessian = leftHessian;
        best.leftRows = leftRows;
        // Values missing only later follow the larger side.
        best.missingLeft = missingRows > 0 ? missingLeft : leftRows * 2 > rows;
      }
    }
  };

  /** Levels ordered by gradient over smoothed hessian: then the best subset is a prefix or a suffix (Fisher, 1958). */
  const scanLevels = (
    slots: Float64Array,
    totals: NodeTotals,
    at: { feature: number; bins: number },
    best: Split,
  ): void => {
    const { feature, bins } = at;
    const { gradient, hessian, rows } = totals;
    const l2 = rules.l2 + rules.categoryL2;
    const parentScore = (gradient * gradient) / (hessian + l2);
    let used = 0;
    for (let bin = 0; bin <= bins; bin++) {
      const slot = bin * slotWidth;
      if ((slots[slot + 2] as number) < 1) continue;
      const key = (slots[slot] as number) / ((slots[slot + 1] as number) + rules.categorySmoothing);
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
      let leftGradient = 0;
      let leftHessian = 0;
      let leftRows = 0;
      let groupRows = 0;
      for (let i = 0; i < most; i++) {
        const slot = (order[direction === 0 ? i : used - 1 - i] as number) * slotWidth;
        leftGradient += slots[slot] as number;
        leftHessian += slots[slot + 1] as number;
        leftRows += slots[slot + 2] as number;
        groupRows += slots[slot + 2] as number;
        if (groupRows < rules.categoryMinRows) continue;
        groupRows = 0;
        if (rows - leftRows < Math.max(minSamplesLeaf, rules.categoryMinRows)) break;
        const rightHessian = hessian - leftHessian;
        if (leftRows < minSamplesLeaf || leftHessian < minHessianLeaf || rightHessian < minHessianLeaf)
          continue;
        const rightGradient = gradient - leftGradient;
        const gain =
          (leftGradient * leftGradient) / (leftHessian + l2) +
          (rightGradient * rightGradient) / (rightHessian + l2) -
          parentScore;
        if (!(gain > best.gain) || gain <= minGain) continue;
        best.gain = gain;
        best.feature = feature;
        best.bin = 0;
        best.categorical = true;
        best.leftGradient = leftGradient;
        best.leftHessian = leftHessian;
        best.leftRows = leftRows;
        best.leftBins.fill(0);
        for (let j = 0; j <= i; j++) {
          const bin = order[direction === 0 ? j : used - 1 - j] as number;
          best.leftBins[bin >>> 5] = (best.leftBins[bin >>> 5] as number) | (1 << (bin & 31));
        }
        best.missingLeft = inBins(best.leftBins, bins);
        if ((slots[bins * slotWidth + 2] as number) === 0) best.missingLeft = leftRows * 2 > rows;
      }
    }
  };

  return (feature, slots, totals, best) => {
    const description = binning.features[feature];
    if (description === undefined) return;
    const at = { feature, bins: description.bins };
    if (description.kind === 'category') scanLevels(slots, totals, at, best);
    else scanCuts(slots, totals, at, best);
  };
}

export function inBins(bins: Int32Array, bin: number): boolean {
  return (((bins[bin >>> 5] as number) >>> (bin & 31)) & 1) === 1;
}
