import { requireSameLength } from './counts.ts';
import type { Counts } from './measure.ts';

/** One step a distinct score, from the highest down: rows at or above it, by class. */
export type RankingSteps = {
  scores: Float64Array;
  truePositives: Float64Array;
  falsePositives: Float64Array;
  positives: number;
  negatives: number;
};

type RankedRows = { target: Float64Array; predicted: Float64Array };

export const rankingSteps = (rows: RankedRows): RankingSteps => rankRows(rows)();

/**
 * Sorts the rows once. The answer counts the steps of a resample in one pass, a step of scores that do not occur
 * being one on which nothing changes; its arrays are written anew at each call.
 */
export function rankRows({ target, predicted }: RankedRows): (counts?: Counts) => RankingSteps {
  requireSameLength(target, predicted);
  const order = Uint32Array.from(target, (_, row) => row);
  order.sort((a, b) => (predicted[b] as number) - (predicted[a] as number));
  const ranked = Float64Array.from(order, (row) => target[row] as number);
  // The last place of each distinct score, in the order of the ranking.
  const ends = Uint32Array.from(order.keys()).filter(
    (place) => predicted[order[place] as number] !== predicted[order[place + 1] ?? -1],
  );
  const scores = Float64Array.from(ends, (place) => predicted[order[place] as number] as number);
  const truePositives = new Float64Array(ends.length);
  const falsePositives = new Float64Array(ends.length);
  return (counts) => {
    let place = 0;
    let rows = 0;
    let positives = 0;
    for (let step = 0; step < ends.length; step++) {
      for (const end = ends[step] as number; place <= end; place++) {
        const count = counts === undefined ? 1 : (counts[order[place] as number] as number);
        rows += count;
        positives += count * (ranked[place] as number);
      }
      truePositives[step] = positives;
      falsePositives[step] = rows - positives;
    }
    return { scores, truePositives, falsePositives, positives, negatives: rows - positives };
  };
}

/** The chance that a positive row scores above a negative one, ties counting half; null with one class only. */
export function rocAuc({ truePositives, falsePositives, positives, negatives }: RankingSteps): number | null {
  if (positives === 0 || negatives === 0) return null;
  let area = 0;
  let lastTrue = 0;
  let lastFalse = 0;
  for (let step = 0; step < truePositives.length; step++) {
    const nowTrue = truePositives[step] as number;
    const nowFalse = falsePositives[step] as number;
    // Counts stay whole up to the one division, so the sum is exact.
    area += (nowFalse - lastFalse) * (nowTrue + lastTrue);
    lastTrue = nowTrue;
    lastFalse = nowFalse;
  }
  return area / (2 * positives * negatives);
}

/** Σ (R_n − R_{n−1})·P_n, without interpolation: scikit-learn's `average_precision_score`; null without positives. */
export function averagePrecision({ truePositives, falsePositives, positives }: RankingSteps): number | null {
  if (positives === 0) return null;
  let sum = 0;
  let lastTrue = 0;
  for (let step = 0; step < truePositives.length; step++) {
    const nowTrue = truePositives[step] as number;
    // Steps without a positive row add nothing; the first may have no row at all.
    if (nowTrue === lastTrue) continue;
    sum += ((nowTrue - lastTrue) * nowTrue) / (nowTrue + (falsePositives[step] as number));
    lastTrue = nowTrue;
  }
  return sum / positives;
}
