import { sqlOf } from '../activities/declared.ts';
import { declarationOf, withParameters } from '../activities/pipeline-of-run.ts';
import type { RowsRef } from '../contracts/data.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { generateDemo } from '../data/demo/registry.ts';
import { createHttpsReader } from '../data/https/https-reader.ts';
import { buildRows } from '../data/rows.ts';
import { takeSnapshot } from '../data/snapshot.ts';
import { validate } from '../data/validate.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { BlobStore } from '../store/blob-store.ts';

/**
 * The steps from a source to entity rows without a service: loading, validation and the pipeline's SQL in this process.
 *
 * @param threads of DuckDB in the SQL of the rows
 */
export async function makeEntityRows(options: {
  pipeline: LoadedPipeline;
  source: string;
  sourceRoots: readonly string[];
  parameters: RunParameters;
  store: BlobStore;
  threads?: number;
}): Promise<RowsRef> {
  const { source, sourceRoots, parameters, store, threads = 1 } = options;
  const loaded = withParameters(options.pipeline, parameters);
  const pipeline = declarationOf(loaded);
  const snapshot = await takeSnapshot({
    pipeline,
    source,
    store,
    readers: {
      demo: generateDemo,
      uploads: { files: async () => undefined },
      reviews: async () => 0,
      snapshots: { find: async () => undefined },
      sourceRoots,
      https: createHttpsReader({ hosts: [] }),
    },
  });
  const session = { threads };
  const { tables } = await validate({ pipeline, snapshot, parameters, store, session });
  return buildRows({
    pipeline,
    sql: sqlOf(loaded),
    joined: snapshot.joined,
    tables,
    parameters,
    store,
    session,
  });
}
