import { decideMulticlass, weightedScore } from './metrics/classification.ts';
import { type ConfusionMatrix, confusionMatrix } from './metrics/counts.ts';
import { measureDecisions, measureTask } from './metrics/task-measure.ts';

export type DecisionWeightsChoice = { decisionWeights: readonly number[]; score: number };

/** A class that would have to be worth more than this, or less than its inverse, is not told apart by the model. */
const heaviest = 100;
/** Each gains or ends the search; a few are enough in practice. */
const maxRounds = 20;

type Rows = { target: Float64Array; predicted: Float64Array; classes: number };

/**
 * The weights of highest score on probabilities that no model gave its own training rows (out of fold), one class
 * after the other until none gains: for one class every weight at which a row changes sides is tried, so each step is
 * the best there is. The most frequent class keeps 1. Weights lie between those at which rows change sides, so that
 * rounding in serving flips none; of equal scores the one nearest to what there was wins.
 * @param weights metric name → weight: one metric with weight 1, or a pipeline's weighted score
 * @throws RangeError for an unknown metric, or when the score is undefined over these rows
 */
export function chooseDecisionWeights(
  rows: Rows,
  weights: Readonly<Record<string, number>>,
): DecisionWeightsChoice {
  const { target, predicted, classes } = rows;
  // Those of the metrics that do not depend on the decisions.
  const fixed = measureTask({ task: 'multiclass', target, predicted, classes })();
  const decided = measureDecisions('multiclass', Object.keys(weights));
  const scoreOf = (confusion: ConfusionMatrix) => weightedScore({ ...fixed, ...decided(confusion) }, weights);

  let chosen = new Array<number>(classes).fill(1);
  const start = scoreOf(confusionMatrix(decideMulticlass({ ...rows, decisionWeights: chosen }), classes));
  if (start === null) {
    const names = Object.keys(weights).join(' + ');
    throw new RangeError(`${names} is undefined over ${target.length} rows`);
  }
  let score = start;
  const reference = mostFrequent(target, classes);
  for (let round = 0; round < maxRounds; round++) {
    const before = score;
    for (let k = 0; k < classes; k++) {
      if (k === reference) continue;
      const better = bestWeight(rows, { k, chosen, scoreOf });
      if (better === null || better.score <= score) continue;
      chosen = chosen.with(k, better.weight);
      score = better.score;
    }
    if (score === before) break;
  }
  return { decisionWeights: chosen, score };
}

function mostFrequent(target: Float64Array, classes: number): number {
  const counts = new Float64Array(classes);
  for (const label of target) counts[label] = (counts[label] as number) + 1;
  return counts.indexOf(Math.max(...counts));
}

/** The best weight of class `k` where those of the others stay; null where no weight decides between rows. */
function bestWeight(
  { target, predicted, classes }: Rows,
  {
    k,
    chosen,
    scoreOf,
  }: { k: number; chosen: readonly number[]; scoreOf: (confusion: ConfusionMatrix) => number | null },
): { weight: number; score: number } | null {
  const rivals = new Int32Array(target.length);
  /** From this weight of class `k` on a row is decided to be of it. */
  const turns = target.map((_, row) => {
    let most = -1;
    for (let other = 0; other < classes; other++) {
      const worth = (predicted[row * classes + other] as number) * (chosen[other] as number);
      if (other === k || worth <= most) continue;
      most = worth;
      rivals[row] = other;
    }
    return most / (predicted[row * classes + k] as number);
  });
  const order = Int32Array.from(target, (_, row) => row).sort(
    (a, b) => (turns[a] as number) - (turns[b] as number) || a - b,
  );
  const confusion = confusionMatrix({ target, predicted: Float64Array.from(rivals) }, classes);
  const move = (row: number) => {
    const line = confusion[target[row] as number] as number[];
    const rival = rivals[row] as number;
    line[rival] = (line[rival] as number) - 1;
    line[k] = (line[k] as number) + 1;
  };
  const distance = (weight: number) => Math.abs(Math.log(weight / (chosen[k] as number)));
  let best: { weight: number; score: number } | null = null;
  for (const [place, row] of order.entries()) {
    move(row);
    const turn = turns[row] as number;
    const next = turns[order[place + 1] ?? -1] ?? heaviest;
    const weight = Math.sqrt(turn * Math.min(next, heaviest));
    // Of rows that change sides together the last one stands for all; those further out are not told apart.
    if (!(next > turn) || !(weight > turn) || weight < 1 / heaviest) continue;
    const score = scoreOf(confusion);
    if (score === null) continue;
    const isNearer = best !== null && distance(weight) < distance(best.weight);
    if (best === null || score > best.score || (score === best.score && isNearer)) best = { weight, score };
  }
  return best;
}
