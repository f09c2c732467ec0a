import { type DecisionRule, decideClass } from '../decision.ts';
import { type ClassScores, type ConfusionMatrix, classScores, confusionMatrix } from './counts.ts';
import { type Curves, createCurves } from './curves.ts';
import { rankingSteps } from './ranking.ts';

/** `target` holds 0 and 1, `predicted` the probabilities of 1. A row is positive from `threshold` on. */
export type BinaryRows = { target: Float64Array; predicted: Float64Array; threshold: number };

/** `predicted`: rows × classes probabilities. */
export type MulticlassRows = { target: Float64Array; predicted: Float64Array; classes: number } & Pick<
  DecisionRule,
  'decisionWeights'
>;

/** Truth and decision of each row, as indices of classes. */
export type Classified = { target: Float64Array; predicted: Float64Array };

/** @throws RangeError for a probability outside [0, 1] */
export function decideBinary({ target, predicted, threshold }: BinaryRows): Classified {
  predicted.forEach((probability, row) => {
    if (!(probability >= 0 && probability <= 1)) {
      throw new RangeError(`the probability of row ${row} is ${probability}; it must lie in [0, 1]`);
    }
  });
  return { target, predicted: predicted.map((probability) => (probability >= threshold ? 1 : 0)) };
}

/** @throws RangeError for a number of probabilities that is not rows × classes */
export function decideMulticlass({
  target,
  predicted,
  classes,
  decisionWeights,
}: MulticlassRows): Classified {
  if (predicted.length !== target.length * classes) {
    throw new RangeError(
      `${target.length} rows of ${classes} classes, but ${predicted.length} probabilities`,
    );
  }
  const decided = target.map((_, row) =>
    decideClass(predicted, { start: row * classes, classes, decisionWeights }),
  );
  return { target, predicted: decided };
}

/** What a report draws beside the metrics. */
export function binaryDetail(rows: BinaryRows): {
  confusion: ConfusionMatrix;
  perClass: ClassScores[];
  curves: Curves;
} {
  const confusion = confusionMatrix(decideBinary(rows), 2);
  return { confusion, perClass: classScores(confusion), curves: createCurves(rankingSteps(rows), rows) };
}

/** What a report shows beside the metrics; `perClass` in the order of the classes. */
export function multiclassDetail(rows: MulticlassRows): {
  confusion: ConfusionMatrix;
  perClass: ClassScores[];
} {
  const confusion = confusionMatrix(decideMulticlass(rows), rows.classes);
  return { confusion, perClass: classScores(confusion) };
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
