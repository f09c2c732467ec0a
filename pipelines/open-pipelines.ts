import type { LoadedPipeline } from './load-pipeline.ts';
import { configuredNames, loadConfiguredPipelines, type PipelineConfig } from './registry.ts';
import { InvalidPipelines } from './yaml-file.ts';

/** What a process asks of the pipelines it knows. */
export type Pipelines = {
  get(name: string): LoadedPipeline | undefined;
  has(name: string): boolean;
  keys(): Iterable<string>;
  values(): Iterable<LoadedPipeline>;
};

/** A folder that cannot be read must not cost every request the reading of all. */
const triedAgainAfterMs = 2_000;

/**
 * The configured pipelines, and from the moment their folders are there those that are added later: looked for where
 * all are listed, or one is asked for that is not known. What is known stays as it was read, for runs under way go by it.
 * @param onRefused told why added pipelines were not taken up
 * @throws InvalidPipelines of those that are there already
 */
export function openPipelines(
  config: PipelineConfig,
  onRefused: (problems: InvalidPipelines) => void,
): Pipelines {
  const known = new Map<string, LoadedPipeline>(loadConfiguredPipelines(config));
  let triedMs = Number.NEGATIVE_INFINITY;

  const takeUpAdded = (): void => {
    if (configuredNames(config).every((name) => known.has(name))) return;
    if (performance.now() - triedMs < triedAgainAfterMs) return;
    triedMs = performance.now();
    try {
      for (const [name, pipeline] of loadConfiguredPipelines(config))
        if (!known.has(name)) known.set(name, pipeline);
      triedMs = Number.NEGATIVE_INFINITY;
    } catch (error) {
      if (!(error instanceof InvalidPipelines)) throw error;
      onRefused(error);
    }
  };

  return {
    get(name) {
      if (!known.has(name)) takeUpAdded();
      return known.get(name);
    },
    has(name) {
      if (!known.has(name)) takeUpAdded();
      return known.has(name);
    },
    keys() {
      takeUpAdded();
      return known.keys();
    },
    values() {
      takeUpAdded();
      return known.values();
    },
  };
}
