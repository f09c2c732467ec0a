import type { CandidateResult } from '../contracts/activities.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { classesOf } from '../pipelines/classes.ts';

/** Every candidate and variant as a run's file: what it was, how it did out of fold, and the hash of its model. */
export function candidateResults(
  pipeline: Pipeline,
  {
    candidates,
    variants,
    champion,
  }: {
    candidates: readonly CandidateResult[];
    variants: readonly CandidateResult[];
    champion: CandidateResult;
  },
) {
  const { metric, folds } = pipeline.selection;
  const results = [...candidates, ...variants].map(
    ({ candidate, variant, learner, selectionScore, threshold, decisionWeights, metrics, artifact }) => ({
      candidate,
      variant,
      champion: candidate === champion.candidate && variant === null,
      learner,
      encoding: pipeline.candidates[candidate]?.encoding ?? null,
      params: pipeline.candidates[candidate]?.params ?? {},
      classWeights: pipeline.candidates[candidate]?.classWeights ?? null,
      selectionScore,
      threshold,
      ...namedWeights(pipeline, decisionWeights),
      metrics,
      artifactSha256: artifact.artifactSha256,
    }),
  );
  return { metric, folds, results };
}

/** How much the probability of each class counts in the decision; nothing where all count alike. */
export function namedWeights(
  pipeline: Pipeline,
  weights: CandidateResult['decisionWeights'],
): { decisionWeights?: Record<string, number | undefined> } {
  if (weights === undefined) return {};
  const classes = classesOf(pipeline) ?? [];
  return { decisionWeights: Object.fromEntries(classes.map((name, i) => [name, weights[i]])) };
}
