import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeEntityRows } from '../../bench/entity-rows.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import type { Frame } from '../../ml/frame.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';

export type OlistRows = { pipeline: LoadedPipeline; frame: Frame; target: Float64Array };

/** The entity rows of demo orders, both sides of the split, as training reads them. */
export async function readOlistRows(
  name: 'olist-score' | 'olist-satisfaction',
  orders: number,
): Promise<OlistRows> {
  const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
  const pipeline = pipelines.get(pipelineNameSchema.parse(name));
  if (pipeline === undefined) throw new Error(`${name} is not there`);
  const root = await mkdtemp(join(tmpdir(), 'perennial-olist-rows-'));
  try {
    const store = await createFolderStore(root);
    const rows = await makeEntityRows({
      pipeline,
      source: `demo:olist?rows=${orders}&seed=7`,
      sourceRoots: [],
      parameters: resolveParameters(pipeline),
      store,
    });
    const path = await store.localPath(rows.blob.sha256);
    const { frame, target } = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
    return { pipeline, frame, target };
  } finally {
    await rm(root, { recursive: true });
  }
}
