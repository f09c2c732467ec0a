import type { StepInput } from '../contracts/activities.ts';
import type { PipelineName } from '../contracts/ids.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { Tuned } from '../contracts/search.ts';
import { readRunBasis } from '../db/queries/runs.ts';
import { resolveClusters } from '../pipelines/cluster-counts.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { splitOfRun } from '../pipelines/parameters.ts';
import { withGeneratedFeatures } from '../pipelines/recipe-for.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** Thrown when this worker has no declaration of the pipeline. */
export class PipelineUnknown extends Error {
  override readonly name = 'PipelineUnknown';
}

/** Thrown when this worker was started with other settings than those the run was accepted with. */
export class SettingsDiffer extends Error {
  override readonly name = 'SettingsDiffer';
}

/**
 * The pipeline, with the settings, the candidates' parameters and the generated features that the run was accepted with.
 * @throws PipelineUnknown, SettingsDiffer
 */
export async function pipelineOfRun(
  deps: Pick<ActivityDependencies, 'db' | 'pipelines'>,
  { runId, pipeline: name }: Pick<StepInput, 'runId' | 'pipeline'>,
): Promise<LoadedPipeline> {
  const pipeline = findPipeline(deps, name);
  const { settingsSha256: accepted, tuned } = await readRunBasis(deps.db, runId);
  const own = pipeline.settings.sha256;
  if (accepted !== own)
    throw new SettingsDiffer(
      `the run was accepted with ${described(accepted)} of ${name}, this worker has ${described(own)}: ` +
        'start the API and the workers with the same settings file, and ask for the run anew',
    );
  if (tuned === null) return pipeline;
  return withGeneratedFeatures({ ...pipeline, candidates: withParams(pipeline.candidates, tuned) }, tuned);
}

/** Parameters that a search found take the place of those declared. */
function withParams(candidates: LoadedPipeline['candidates'], tuned: Tuned): LoadedPipeline['candidates'] {
  return Object.fromEntries(
    Object.entries(candidates).map(([name, candidate]) => {
      const params = tuned.candidates[name]?.params ?? candidate.params;
      return [name, { ...candidate, params }];
    }),
  );
}

const described = (sha256: string | null): string =>
  sha256 === null ? 'no settings' : `the settings ${sha256}`;

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

/**
 * The declaration as a run has it: the parameters of the split replace its settings, and the
 * numbers of clusters stand for the parameters that say them.
 */
export function withParameters(pipeline: LoadedPipeline, parameters: RunParameters): LoadedPipeline {
  if (pipeline.task === 'clustering')
    return { ...pipeline, clusters: resolveClusters(pipeline.clusters, parameters) };
  return { ...pipeline, split: splitOfRun(pipeline.split, parameters) };
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

/** The declaration alone, as the run has it. @throws PipelineUnknown, SettingsDiffer */
export const declarationOfRun = async (
  deps: Pick<ActivityDependencies, 'db' | 'pipelines'>,
  input: StepInput & { parameters: RunParameters },
) => declarationOf(withParameters(await pipelineOfRun(deps, input), input.parameters));
