import { join } from 'node:path';
import { declarationOf } from '../../activities/pipeline-of-run.ts';
import { projectRoot } from '../../config/paths.ts';
import type { Snapshot } from '../../contracts/data.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { sourceReaders } from '../source-readers.ts';

/** A declared pipeline, whole and as it goes to a thread. */
export function declared(name: 'olist-score' | 'olist-satisfaction' | 'lead-conversion'): {
  loaded: LoadedPipeline;
  pipeline: ReturnType<typeof declarationOf>;
} {
  const loaded = loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).get(
    pipelineNameSchema.parse(name),
  );
  if (loaded === undefined) throw new Error(`${name} is declared`);
  return { loaded, pipeline: declarationOf(loaded) };
}

export const snapshotOrders = (pipeline: Pipeline, orders: number, store: BlobStore): Promise<Snapshot> =>
  takeSnapshot({ pipeline, source: `demo:olist?rows=${orders}&seed=7`, store, readers: sourceReaders() });
