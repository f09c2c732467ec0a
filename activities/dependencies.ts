import type { Logger } from 'pino';
import type { PipelineName } from '../contracts/ids.ts';
import type { SourceReaders } from '../data/source-files.ts';
import type { Database } from '../db/client.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ThreadPool } from '../threads/pool.ts';

/** What activities are made from; the worker's composition root gives it. */
export type ActivityDependencies = {
  db: Database;
  store: BlobStore;
  pipelines: ReadonlyMap<PipelineName, LoadedPipeline>;
  sources: SourceReaders;
  threads: ThreadPool;
  logger: Logger;
  /** Part of each version's lineage. */
  codeVersion: string;
  nowMs(): number;
};
