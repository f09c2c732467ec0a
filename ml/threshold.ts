import { weightedScore } from './metrics/classification.ts';
import { type RankingSteps, rankingSteps } from './metrics/ranking.ts';
import { measureDecisions, measureTask } from './metrics/task-measure.ts';

export type ThresholdChoice = { threshold: number; score: number };

/**
 * The threshold of highest score on probabilities that no model gave its own training rows (out of fold).
 * Candidates are 0.5 and the midpoints between neighbouring probabilities, so that rounding in serving flips no
 * row; of equal scores the one nearest to 0.5 wins.
 * @param weights metric name → weight: one metric with weight 1, or a pipeline's weighted score
 * @throws RangeError for an unknown metric, or when the score is undefined at every threshold
 */
export function chooseThreshold({
  target,
  predicted,
  weights,
}: {
  target: Float64Array;
  predicted: Float64Array;
  weights: Readonly<Record<string, number>>;
}): ThresholdChoice {
  const steps = rankingSteps({ target, predicted });
  // Those of the metrics that do not depend on the threshold.
  const fixed = measureTask({ task: 'binary', target, predicted, threshold: 0.5 })();
  const decided = measureDecisions('binary', Object.keys(weights));
  let best: ThresholdChoice | null = null;
  for (const { threshold, step } of candidates(steps)) {
    const score = weightedScore({ ...fixed, ...decided(confusionAt(steps, step)) }, weights);
    if (score === null) continue;
    const isNearer = best !== null && Math.abs(threshold - 0.5) < Math.abs(best.threshold - 0.5);
    if (best === null || score > best.score || (score === best.score && isNearer))
      best = { threshold, score };
  }
  if (best === null) {
    const names = Object.keys(weights).join(' + ');
    throw new RangeError(`${names} is undefined at every threshold over ${target.length} rows`);
  }
  return best;
}

/** `step`: the last step of the ranking that the threshold lets through, or -1. */
function candidates({ scores }: RankingSteps): { threshold: number; step: number }[] {
  const middles = Array.from({ length: Math.max(0, scores.length - 1) }, (_, step) => {
    const [upper, lower] = [scores[step] as number, scores[step + 1] as number];
    const middle = (upper + lower) / 2;
    // Between neighbouring doubles there is none, and the lower one would let its rows through too.
    return { threshold: middle > lower ? middle : upper, step };
  });
  return [{ threshold: 0.5, step: scores.findLastIndex((score) => score >= 0.5) }, ...middles];
}

function confusionAt({ truePositives, falsePositives, positives, negatives }: RankingSteps, step: number) {
  const hits = truePositives[step] ?? 0;
  const alarms = falsePositives[step] ?? 0;
  return [
    [negatives - alarms, alarms],
    [positives - hits, hits],
  ];
}

/**
 * The probability from which on the positive class is decided, where `threshold` is meant for classes that cost the
 * same. Odds are scaled by the costs, as by class weights in a fit, but the probabilities stay what they are
 * (Elkan, "The Foundations of Cost-Sensitive Learning", IJCAI 2001, theorem 1).
 */
export function thresholdForCosts(threshold: number, costs: { positive: number; negative: number }): number {
  const negative = costs.negative * threshold;
  return negative / (negative + costs.positive * (1 - threshold));
}
