import type { MetricValues } from '../contracts/activities.ts';
import type { ModelPart } from '../contracts/declaration-parts.ts';
import type { DecisionRule } from '../ml/decision.ts';
import { binaryDetail, multiclassDetail, weightedScore } from '../ml/metrics/classification.ts';
import type { ClassScores, ConfusionMatrix } from '../ml/metrics/counts.ts';
import type { Curves } from '../ml/metrics/curves.ts';
import type { Measure } from '../ml/metrics/measure.ts';
import { measureTask } from '../ml/metrics/task-measure.ts';
import { classesOf } from '../pipelines/classes.ts';

/** What a report shows beside the metrics. */
export type EvaluationDetail = {
  classes: readonly string[] | null;
  confusion: ConfusionMatrix | null;
  curves: Curves | null;
  perClass: ClassScores[] | null;
};

export type ScoredRows = {
  pipeline: ModelPart;
  target: Float64Array;
  /** Rows × outputs. */
  predicted: Float64Array;
} & DecisionRule;

/** The task's metrics and the pipeline's own scores; what the rows leave undefined is absent. */
export const evaluateRows = (rows: ScoredRows): MetricValues => defined(measureRows(rows)());

/** The same for resamples of the rows: what they leave undefined is null. */
export function measureRows({ pipeline, target, predicted, ...rule }: ScoredRows): Measure {
  const { threshold, decisionWeights } = rule;
  switch (pipeline.task) {
    case 'regression':
      return measureTask({ task: pipeline.task, target, predicted });
    case 'binary':
      return withScores(
        measureTask({ task: pipeline.task, target, predicted, threshold: threshold ?? evenOdds }),
        pipeline.scores,
      );
    case 'multiclass': {
      const classes = pipeline.target.classes.length;
      return withScores(
        measureTask({ task: pipeline.task, target, predicted, classes, decisionWeights }),
        pipeline.scores,
      );
    }
    case 'clustering':
      throw new RangeError(`${pipeline.name}: clusters have no target to be held against`);
    default:
      return pipeline satisfies never;
  }
}

export function evaluationDetail({ pipeline, target, predicted, ...rule }: ScoredRows): EvaluationDetail {
  const { threshold, decisionWeights } = rule;
  const none = { classes: classesOf(pipeline), confusion: null, curves: null, perClass: null };
  switch (pipeline.task) {
    case 'binary':
      return { ...none, ...binaryDetail({ target, predicted, threshold: threshold ?? evenOdds }) };
    case 'multiclass':
      return {
        ...none,
        ...multiclassDetail({ target, predicted, classes: pipeline.target.classes.length, decisionWeights }),
      };
    case 'regression':
    case 'clustering':
      return none;
    default:
      return pipeline satisfies never;
  }
}

const evenOdds = 0.5;

const defined = (metrics: Readonly<Record<string, number | null>>): MetricValues =>
  Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );

function withScores(
  measure: Measure,
  scores: Readonly<Record<string, Readonly<Record<string, number>>>>,
): Measure {
  const own = Object.entries(scores);
  return (counts) => {
    const metrics = measure(counts);
    return {
      ...metrics,
      ...Object.fromEntries(own.map(([name, weights]) => [name, weightedScore(metrics, weights)])),
    };
  };
}
