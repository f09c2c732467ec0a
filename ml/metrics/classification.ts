import {
  type ClassScores,
  type ConfusionMatrix,
  classAverages,
  classScores,
  confusionMatrix,
  countCells,
} from './counts.ts';
import { type Curves, createCurves } from './curves.ts';
import { type Measure, meanOf } from './measure.ts';
import { averagePrecision, rankingSteps, rankRows, rocAuc } from './ranking.ts';

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
export const binaryMetrics = (rows: BinaryRows): BinaryMetrics => binaryMeasure(rows)();

/** @throws RangeError as `binaryMetrics` does, at once */
export function binaryMeasure(rows: BinaryRows): Measure<BinaryMetrics> {
  const { target, predicted } = rows;
  predicted.forEach((probability, row) => {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`the probability of row ${row} is ${probability}; it must lie in [0, 1]`);
    }
  });
  const confusionOf = countCells(decide(rows), 2);
  const rank = rankRows(rows);
  const logLoss = target.map((truth, row) => logLossOf(truth, predicted[row] as number));
  const squares = target.map((truth, row) => (truth - (predicted[row] as number)) ** 2);
  return (counts) => {
    const decisions = decisionMetrics(confusionOf(counts));
    const steps = rank(counts);
    const isEmpty = decisions.accuracy === null;
    return {
      ...decisions,
      rocAuc: rocAuc(steps),
      prAuc: averagePrecision(steps),
      logLoss: isEmpty ? null : meanOf(logLoss, counts),
      brier: isEmpty ? null : meanOf(squares, counts),
    };
  };
}

const decide = ({ target, predicted, threshold }: BinaryRows) => ({
  target,
  predicted: predicted.map((probability) => (probability >= threshold ? 1 : 0)),
});

/** What a report draws beside the metrics. */
export function binaryDetail(rows: BinaryRows): {
  confusion: ConfusionMatrix;
  perClass: ClassScores[];
  curves: Curves;
} {
  const confusion = confusionMatrix(decide(rows), 2);
  return { confusion, perClass: classScores(confusion), curves: createCurves(rankingSteps(rows), rows) };
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

/** `predicted`: rows × classes probabilities; the first class with the highest one is the decision. */
export type MulticlassRows = { target: Float64Array; predicted: Float64Array; classes: number };

export const multiclassMetrics = (rows: MulticlassRows): MulticlassMetrics => multiclassMeasure(rows)();

/** @throws RangeError for a number of probabilities that is not rows × classes, or a target that is no class */
export function multiclassMeasure(rows: MulticlassRows): Measure<MulticlassMetrics> {
  const { target, predicted, classes } = rows;
  const confusionOf = countCells(likeliest(rows), classes);
  const logLoss = target.map((truth, row) => logLossOf(1, predicted[row * classes + truth] as number));
  return (counts) => {
    const confusion = confusionOf(counts);
    const averages = classAverages(confusion, classScores(confusion));
    return {
      accuracy: averages?.accuracy ?? null,
      f1Macro: averages?.f1Macro ?? null,
      f1Weighted: averages?.f1Weighted ?? null,
      logLoss: averages === null ? null : meanOf(logLoss, counts),
    };
  };
}

/** What a report shows beside the metrics; `perClass` in the order of the classes. */
export function multiclassDetail(rows: MulticlassRows): {
  confusion: ConfusionMatrix;
  perClass: ClassScores[];
} {
  const confusion = confusionMatrix(likeliest(rows), rows.classes);
  return { confusion, perClass: classScores(confusion) };
}

function likeliest({ target, predicted, classes }: MulticlassRows) {
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
  return { target, predicted: decided };
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

function logLossOf(truth: number, probability: number): number {
  const clipped = Math.min(1 - certainty, Math.max(certainty, probability));
  return -(truth * Math.log(clipped) + (1 - truth) * Math.log(1 - clipped));
}
