import type { RunParameters } from '../contracts/runs.ts';
import { findSplit } from '../ml/splits/registry.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';

/** Parameters of a run, which holds out other rows for each number. @throws Error where the pipeline has one hold-out */
export function nthSplit({ name, split }: LoadedPipeline, number: number): RunParameters {
  const { parameters } = findSplit(split);
  if ('splitSeed' in parameters) return { splitSeed: number };
  if ('salt' in parameters) return { salt: `salt-${number}` };
  throw new Error(`${name} is split by ${split.by}: the same rows are held out every time`);
}
