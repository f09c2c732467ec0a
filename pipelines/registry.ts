import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import type { PipelineName } from '../contracts/ids.ts';
import type { Learner } from '../ml/learner.ts';
import { learners as allLearners } from '../ml/learners/registry.ts';
import { type LoadedPipeline, loadPipeline } from './load-pipeline.ts';
import { readSettings } from './settings-file.ts';
import { InvalidPipelines, type Problem } from './yaml-file.ts';

type Folders = Pick<Config, 'ownPipelinesDir' | 'pipelinesDir'>;
export type PipelineConfig = Folders & Pick<Config, 'settingsFile'>;

/** The pipelines of this installation, as its settings have them. @throws InvalidPipelines */
export function loadConfiguredPipelines({
  settingsFile,
  ...folders
}: PipelineConfig): ReadonlyMap<PipelineName, LoadedPipeline> {
  return loadPipelines({ folders: pipelineFolders(folders), settingsFile });
}

/** The names of the folders that declare the configured pipelines. */
export const configuredNames = (folders: Folders): string[] =>
  pipelineFolders(folders).flatMap((parent) => findPipelines(parent).pipelines.map(({ name }) => name));

/** The pipelines that come with the installation, those that `perennial init` wrote and those of `PIPELINES_DIR`. */
export function pipelineFolders({ ownPipelinesDir, pipelinesDir }: Folders): readonly string[] {
  const builtIn = fileURLToPath(new URL('.', import.meta.url));
  const own = ownPipelinesDir !== pipelinesDir && existsSync(ownPipelinesDir) ? [ownPipelinesDir] : [];
  return [builtIn, ...own, ...(pipelinesDir === undefined ? [] : [pipelinesDir])];
}

/**
 * Reads every `<folder>/<name>/pipeline.yaml`. Folders without one are passed over: they may hold what others
 * include.
 * @throws InvalidPipelines
 */
export function loadPipelines({
  folders,
  settingsFile,
  learners = allLearners,
}: {
  folders: readonly string[];
  settingsFile?: string | undefined;
  learners?: ReadonlyMap<string, Learner>;
}): ReadonlyMap<PipelineName, LoadedPipeline> {
  const found = folders.map(findPipelines);
  const problems = found.flatMap((of) => of.problems);
  const declared = found.flatMap((of) => of.pipelines);
  const names = declared.map(({ name }) => name);
  const settings = settingsFile === undefined ? undefined : readSettings(settingsFile, names);
  problems.push(...(settings?.problems ?? []));

  const loaded = new Map<PipelineName, LoadedPipeline>();
  for (const { folder, name } of declared) {
    const { pipeline, problems: faults } = loadPipeline({ folder, name, settings, learners });
    problems.push(...faults);
    if (pipeline === undefined) continue;
    const earlier = loaded.get(pipeline.name);
    if (earlier !== undefined)
      problems.push({
        place: atStart(join(folder, 'pipeline.yaml')),
        path: ['name'],
        message: `"${name}" is declared in ${earlier.folder} too`,
      });
    loaded.set(pipeline.name, pipeline);
  }
  if (problems.length > 0) throw new InvalidPipelines(problems);
  return loaded;
}

function findPipelines(folder: string): {
  pipelines: { folder: string; name: string }[];
  problems: Problem[];
} {
  const place = atStart(folder);
  if (!existsSync(folder))
    return {
      pipelines: [],
      problems: [{ place, path: [], message: 'there is no such folder of pipelines' }],
    };
  const folders = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => ({ folder: join(folder, name), name }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    pipelines: folders.filter((of) => existsSync(join(of.folder, 'pipeline.yaml'))),
    problems: folders
      .map((of) => join(of.folder, 'pipeline.yml'))
      .filter((file) => existsSync(file))
      .map((file) => ({ place: atStart(file), path: [], message: 'a declaration is called pipeline.yaml' })),
  };
}

const atStart = (file: string): Problem['place'] => ({ file, line: 1, column: 1 });
