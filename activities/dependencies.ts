import type { Logger } from 'pino';
import type { DeclaredCollectors } from '../collectors/load-collectors.ts';
import type { PageReader } from '../data/collect/read-page.ts';
import type { SourceReaders } from '../data/source-files.ts';
import type { Database } from '../db/client.ts';
import type { Pipelines } from '../pipelines/open-pipelines.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { ThreadPool } from '../threads/pool.ts';

/** What activities are made from; the worker's composition root gives it. */
export type ActivityDependencies = {
  db: Database;
  store: BlobStore;
  pipelines: Pipelines;
  sources: SourceReaders;
  threads: ThreadPool;
  logger: Logger;
  /** Part of each version's lineage. */
  codeVersion: string;
  /** Of the code that steps' results are made by: part of what they are kept under. */
  stepCode: string;
  nowMs(): number;
};

/** What collectors read with, besides. */
export type CollectionDependencies = ActivityDependencies & {
  /** Pages of other servers. */
  pages: PageReader;
  /** Those that are declared now. */
  readCollectors(): DeclaredCollectors;
  /** Absolute folders under which a collector's folder may lie. */
  sourceRoots: readonly string[];
};
