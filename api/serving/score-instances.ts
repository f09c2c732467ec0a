import type { PredictionResult } from '../../contracts/http/predictions.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import type { Artifact } from '../../ml/artifact.ts';
import type { Instance } from '../../ml/recipe/instances.ts';
import { decide, type Scorer } from '../../ml/scorer.ts';
import { heaviestTopics, topicText } from '../../ml/topics/model.ts';
import { invalid } from '../problem.ts';

/** A model and the pipeline's declaration, which names its classes and tiers. */
export type ScoringModel = { version: number; declaration: Pipeline; artifact: Artifact; scorer: Scorer };

/** What is answered of one instance, but for the id. */
export type Output = Omit<PredictionResult, 'id'>;

/** @throws HttpProblem 422 where the model cannot score these */
export function scoreInstances(model: ScoringModel, instances: readonly Instance[]): Output[] {
  const { outputs } = model.scorer;
  const scores = score(model.scorer, instances);
  return instances.map((instance, row) => ({
    ...readOutputs(model, scores.subarray(row * outputs, (row + 1) * outputs)),
    ...readTopics(model, instance),
  }));
}

function readTopics({ artifact, scorer }: ScoringModel, instance: Instance): Pick<Output, 'topics'> {
  const { topics } = artifact;
  if (topics === undefined || scorer.topicsOf === null) return {};
  const text = topicText(
    topics.columns.map((column) => {
      const part = instance[column];
      return typeof part === 'string' ? part : null;
    }),
  );
  return { topics: heaviestTopics(topics, scorer.topicsOf(text)) };
}

/** A recipe without an `impute` step lets missing values reach a learner that takes none: the request is at fault. */
function score(scorer: Scorer, instances: readonly Instance[]): Float64Array {
  try {
    return scorer.scoreInstances(instances);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid([{ pointer: '/instances', message: `the model cannot score these: ${error.message}` }]);
  }
}

function readOutputs({ declaration, artifact }: ScoringModel, outputs: Float64Array): Output {
  const first = outputs[0] as number;
  switch (declaration.task) {
    case 'regression':
      return { value: first };
    case 'binary': {
      const tier = declaration.tiers.find(({ from }) => first >= from);
      return {
        label: decide(artifact, outputs) ?? declaration.target.negative,
        probability: first,
        ...(tier === undefined ? {} : { tier: tier.name, action: tier.action }),
      };
    }
    case 'multiclass': {
      const label = decide(artifact, outputs) ?? '';
      const probabilities = Object.fromEntries(
        (artifact.classes ?? []).map((name, index) => [name, outputs[index] as number]),
      );
      const sentiment = declaration.target.column === 'sentiment' ? { sentiment: label } : {};
      return { label, probability: probabilities[label] ?? 0, probabilities, ...sentiment };
    }
    case 'clustering':
      return { segment: first, label: decide(artifact, outputs) ?? `Segment ${first + 1}` };
    default:
      return declaration satisfies never;
  }
}
