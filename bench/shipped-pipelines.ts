import { fileURLToPath } from 'node:url';
import type { PipelineName } from '../contracts/ids.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { loadPipelines } from '../pipelines/registry.ts';

/** Those that come with the project, as they are declared: no settings, none of one's own. */
export const shippedPipelines = (): ReadonlyMap<PipelineName, LoadedPipeline> =>
  loadPipelines({ folders: [fileURLToPath(new URL('../pipelines', import.meta.url))] });

export function shippedPipeline(name: string): LoadedPipeline {
  const pipelines = shippedPipelines();
  const found = [...pipelines.values()].find((pipeline) => pipeline.name === name);
  if (found === undefined)
    throw new Error(`there is no pipeline ${name}; there are ${[...pipelines.keys()].join(', ')}`);
  return found;
}
