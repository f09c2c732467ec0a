import {
  type ClassScores,
  type ConfusionMatrix,
  classAverages,
  classScores,
  confusionMatrix,
} from './counts.ts';
import { type Curves, createCurves } from './curves.ts';
import { averagePrecision, rankingSteps, rocAuc } from './ranking.ts';

/**
 * A metric that the rows leave undefined is null, never NaN: rocAuc with one class only, prAuc without positives,
 * everything without rows. Precision, recall and F1 are 0 where nothing is predicted or present.
 */
export type BinaryMetrics = {
  accuracy: number | null;
  precision: number | null;
  recall: number | null;
  f1: number | null;
  precisionNegative: number | null;
  recallNegative: number | null;
  f1Negative: number | null;
  f1Macro: number | null;
  f1Weighted: number | null;
  rocAuc: number | null;
  prAuc: number | null;
  logLoss: number | null;
  brier: number | null;
};

/** Log loss stays finite where a model is certain and wrong; scikit-learn clips at the same distance from 0 and 1. */
const certainty = 2 ** -52;

/** `target` holds 0 and 1, `predicted` the probabilities of 1. A row is positive from `threshold` on. */
export type BinaryRows = { target: Float64Array; predicted: Float64Array; threshold: number };

/** @throws RangeError for lengths that differ, a target other than 0 or 1, or a probability outside [0, 1] */
export function binaryMetrics(rows: BinaryRows): BinaryMetrics {
  return binaryEvaluation(rows).metrics;
}

export type BinaryEvaluation = { metrics: BinaryMetrics; confusion: ConfusionMatrix; curves: Curves };

export function binaryEvaluation({ target, predicted, threshold }: BinaryRows): BinaryEvaluation {
  predicted.forEach((probability, row) => {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`the probability of row ${row} is ${probability}; it must lie in [0, 1]`);
    }
  });
  const decided = predicted.map((probability) => (probability >= threshold ? 1 : 0));
  const confusion = confusionMatrix({ target, predicted: decided }, 2);
  const steps = rankingSteps({ target, predicted });
  const curves = createCurves(steps, { target, predicted });
  const isEmpty = target.length === 0;
  const metrics = {
    ...decisionMetrics(confusion),
    rocAuc: rocAuc(steps),
    prAuc: averagePrecision(steps),
    logLoss: isEmpty ? null : meanOver(target, (truth, row) => logLossOf(truth, predicted[row] as number)),
    brier: isEmpty ? null : meanOver(target, (truth, row) => (truth - (predicted[row] as number)) ** 2),
  };
  return { metrics, confusion, curves };
}

export type DecisionMetrics = Omit<BinaryMetrics, 'rocAuc' | 'prAuc' | 'logLoss' | 'brier'>;

/** What the four counts of a threshold's decisions say. */
export function decisionMetrics(confusion: ConfusionMatrix): DecisionMetrics {
  const scores = classScores(confusion);
  const [negative, positive] = scores;
  const averages = classAverages(confusion, scores);
  const score = (of: ClassScores | undefined, name: 'precision' | 'recall' | 'f1'): number | null =>
    averages === null || of === undefined ? null : of[name];
  return {
    accuracy: averages?.accuracy ?? null,
    precision: score(positive, 'precision'),
    recall: score(positive, 'recall'),
    f1: score(positive, 'f1'),
    precisionNegative: score(negative, 'precision'),
    recallNegative: score(negative, 'recall'),
    f1Negative: score(negative, 'f1'),
    f1Macro: averages?.f1Macro ?? null,
    f1Weighted: averages?.f1Weighted ?? null,
  };
}

export type MulticlassMetrics = {
  accuracy: number | null;
  f1Macro: number | null;
  f1Weighted: number | null;
  logLoss: number | null;
};

export type MulticlassEvaluation = {
  metrics: MulticlassMetrics;
  confusion: ConfusionMatrix;
  /** In the order of the classes. */
  perClass: ClassScores[];
};

/** `predicted`: rows × classes probabilities; the first class with the highest one is the decision. */
export function multiclassEvaluation(
  { target, predicted }: { target: Float64Array; predicted: Float64Array },
  classes: number,
): MulticlassEvaluation {
  if (predicted.length !== target.length * classes) {
    throw new RangeError(
      `${target.length} rows of ${classes} classes, but ${predicted.length} probabilities`,
    );
  }
  const decided = target.map((_, row) => {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((predicted[row * classes + c] as number) > (predicted[row * classes + best] as number)) best = c;
    }
    return best;
  });
  const confusion = confusionMatrix({ target, predicted: decided }, classes);
  const perClass = classScores(confusion);
  const averages = classAverages(confusion, perClass);
  const logLoss =
    averages === null
      ? null
      : meanOver(target, (truth, row) => logLossOf(1, predicted[row * classes + truth] as number));
  return {
    metrics: {
      accuracy: averages?.accuracy ?? null,
      f1Macro: averages?.f1Macro ?? null,
      f1Weighted: averages?.f1Weighted ?? null,
      logLoss,
    },
    confusion,
    perClass,
  };
}

/**
 * A pipeline's own score, such as `0.5·f1Negative + 0.3·recallNegative + 0.2·accuracy`.
 * Null where one of its metrics is undefined.
 * @throws RangeError for a metric that does not exist, listing those that do
 */
export function weightedScore(
  metrics: Readonly<Record<string, number | null>>,
  weights: Readonly<Record<string, number>>,
): number | null {
  let score: number | null = 0;
  for (const [name, weight] of Object.entries(weights)) {
    const value = metrics[name];
    if (value === undefined) {
      throw new RangeError(`no metric is called ${name}; there are ${Object.keys(metrics).join(', ')}`);
    }
    score = value === null || score === null ? null : score + weight * value;
  }
  return score;
}

function meanOver(target: Float64Array, of: (truth: number, row: number) => number): number {
  return target.reduce((sum, truth, row) => sum + of(truth, row), 0) / target.length;
}

function logLossOf(truth: number, probability: number): number {
  const clipped = Math.min(1 - certainty, Math.max(certainty, probability));
  return -(truth * Math.log(clipped) + (1 - truth) * Math.log(1 - clipped));
}
