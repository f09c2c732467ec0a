import type { PipelineName } from '../contracts/ids.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Thrown when this worker has no declaration of the pipeline. */
export class PipelineUnknown extends Error {
  override readonly name = 'PipelineUnknown';
}

/** @throws PipelineUnknown */
export function findPipeline(
  { pipelines }: Pick<ActivityDependencies, 'pipelines'>,
  name: PipelineName,
): LoadedPipeline {
  const pipeline = pipelines.get(name);
  if (pipeline === undefined)
    throw new PipelineUnknown(`no pipeline "${name}" here; there are ${[...pipelines.keys()].join(', ')}`);
  return pipeline;
}

/** The declaration as a run has it: the built-in parameters `testShare` and `salt` replace the split's own. */
export function withParameters(pipeline: LoadedPipeline, { testShare, salt }: RunParameters): LoadedPipeline {
  const { split } = pipeline;
  const share = typeof testShare === 'number' ? { share: testShare } : {};
  switch (split.by) {
    case 'key':
      return {
        ...pipeline,
        split: { ...split, ...share, ...(typeof salt === 'string' ? { salt } : {}) },
      };
    case 'stratified':
      return { ...pipeline, split: { ...split, ...share } };
    case 'cutoff':
      return pipeline;
    default:
      return split satisfies never;
  }
}

/** The declaration alone, as it goes to a thread: without texts that only some tasks need. */
export function declarationOf({
  folder: _,
  sqlTexts: __,
  hash: ___,
  settings: ____,
  ...declaration
}: LoadedPipeline) {
  return declaration;
}
