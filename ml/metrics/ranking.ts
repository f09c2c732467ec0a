import { requireSameLength } from './counts.ts';

/** One step a distinct score, from the highest down: rows at or above it, by class. */
export type RankingSteps = {
  scores: Float64Array;
  truePositives: Float64Array;
  falsePositives: Float64Array;
  positives: number;
  negatives: number;
};

export function rankingSteps({
  target,
  predicted,
}: {
  target: Float64Array;
  predicted: Float64Array;
}): RankingSteps {
  requireSameLength(target, predicted);
  const order = Uint32Array.from(target, (_, row) => row);
  order.sort((a, b) => (predicted[b] as number) - (predicted[a] as number));
  const scores = new Float64Array(order.length);
  const truePositives = new Float64Array(order.length);
  const falsePositives = new Float64Array(order.length);
  let steps = 0;
  let positives = 0;
  order.forEach((row, i) => {
    positives += target[row] as number;
    const score = predicted[row] as number;
    const next = order[i + 1];
    if (next !== undefined && predicted[next] === score) return;
    scores[steps] = score;
    truePositives[steps] = positives;
    falsePositives[steps] = i + 1 - positives;
    steps++;
  });
  return {
    scores: scores.subarray(0, steps),
    truePositives: truePositives.subarray(0, steps),
    falsePositives: falsePositives.subarray(0, steps),
    positives,
    negatives: order.length - positives,
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
    sum += ((nowTrue - lastTrue) * nowTrue) / (nowTrue + (falsePositives[step] as number));
    lastTrue = nowTrue;
  }
  return sum / positives;
}
