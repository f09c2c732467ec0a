import type { MetricValues } from '../contracts/activities.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { binaryEvaluation, multiclassEvaluation, weightedScore } from '../ml/metrics/classification.ts';
import type { ClassScores, ConfusionMatrix } from '../ml/metrics/counts.ts';
import type { Curves } from '../ml/metrics/curves.ts';
import { regressionMetrics } from '../ml/metrics/regression.ts';

/** What a report shows beside the metrics. */
export type EvaluationDetail = {
  classes: readonly string[] | null;
  confusion: ConfusionMatrix | null;
  curves: Curves | null;
  perClass: ClassScores[] | null;
};

export type ScoredRows = {
  pipeline: Pipeline;
  target: Float64Array;
  /** Rows × outputs. */
  predicted: Float64Array;
  threshold: number | null;
};

const lowerIsBetter: ReadonlySet<string> = new Set(['mse', 'rmse', 'mae', 'mape', 'logLoss', 'brier']);

/** The metric so that higher is better: errors are negated. */
export const oriented = (metric: string, value: number): number =>
  lowerIsBetter.has(metric) ? -value : value;
export const isLowerBetter = (metric: string): boolean => lowerIsBetter.has(metric);

/** The class names in the order of a learner's classes; null without classes. */
export function classesOf(pipeline: Pipeline): readonly string[] | null {
  switch (pipeline.task) {
    case 'binary':
      return [pipeline.target.negative, pipeline.target.positive];
    case 'multiclass':
      return pipeline.target.classes;
    case 'regression':
    case 'clustering':
      return null;
    default:
      return pipeline satisfies never;
  }
}

/** The task's metrics and the pipeline's own scores; what the rows leave undefined is absent. */
export function evaluateRows(rows: ScoredRows): { metrics: MetricValues; detail: EvaluationDetail } {
  const { pipeline, target, predicted, threshold } = rows;
  const classes = classesOf(pipeline);
  const none = { classes, confusion: null, curves: null, perClass: null };
  switch (pipeline.task) {
    case 'regression':
      return { metrics: defined(regressionMetrics({ target, predicted })), detail: none };
    case 'binary': {
      const { metrics, confusion, curves } = binaryEvaluation({
        target,
        predicted,
        threshold: threshold ?? 0.5,
      });
      return { metrics: withScores(metrics, pipeline.scores), detail: { ...none, confusion, curves } };
    }
    case 'multiclass': {
      const evaluated = multiclassEvaluation({ target, predicted }, pipeline.target.classes.length);
      const { metrics, confusion, perClass } = evaluated;
      return { metrics: withScores(metrics, pipeline.scores), detail: { ...none, confusion, perClass } };
    }
    case 'clustering':
      throw new RangeError(`${pipeline.name}: clusters have no target to be held against`);
    default:
      return pipeline satisfies never;
  }
}

const defined = (metrics: Readonly<Record<string, number | null>>): MetricValues =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

function withScores(
  metrics: Readonly<Record<string, number | null>>,
  scores: Readonly<Record<string, Readonly<Record<string, number>>>>,
): MetricValues {
  const own = Object.entries(scores).map(([name, weights]) => [name, weightedScore(metrics, weights)]);
  return defined({ ...metrics, ...Object.fromEntries(own) });
}
