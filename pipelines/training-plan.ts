import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters, RunRequest } from '../contracts/runs.ts';

/** The candidates that a run with these parameters trains, the variants of these, and whether it learns topics. */
export function trainingPlan(
  pipeline: Pipeline,
  parameters: RunParameters,
): Pick<RunRequest, 'candidates' | 'variants' | 'topics'> {
  const candidates = Array.isArray(parameters.candidates)
    ? parameters.candidates
    : Object.keys(pipeline.candidates);
  return {
    candidates,
    variants: Object.entries(pipeline.variants).flatMap(([variant, { candidate }]) =>
      candidates.includes(candidate) ? [{ variant, candidate }] : [],
    ),
    ...(pipeline.task === 'multiclass' && pipeline.topics !== undefined ? { topics: true } : {}),
  };
}
