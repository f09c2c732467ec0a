import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlOf } from '../../activities/declared.ts';
import type { RowsRef, Snapshot } from '../../contracts/data.ts';
import type { Sha256 } from '../../contracts/ids.ts';
import type { CandidateDeclaration } from '../../contracts/pipeline.ts';
import { buildRows } from '../../data/rows.ts';
import { validate } from '../../data/validate.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool } from '../../threads/pool.ts';
import { declared, snapshotOrders } from './olist.ts';

const { loaded, pipeline } = declared('olist-satisfaction');

/** What a run makes of generated orders, by the number of threads that the queries and the fits may take. */
export type MadeModel = { rows: Sha256; artifacts: Record<string, Sha256> };

export type ModelMaker = {
  make(threads: number): Promise<MadeModel>;
  remove(): void;
};

/** `params` by candidate stand in for the declared ones; what is not named is not trained. */
export async function createModelMaker(options: {
  orders: number;
  folds: number;
  params: Record<string, CandidateDeclaration['params']>;
}): Promise<ModelMaker> {
  const folder = mkdtempSync(join(tmpdir(), 'perennial-same-model-'));
  const store = await createFolderStore(folder);
  const snapshot = await snapshotOrders(pipeline, options.orders, store);
  return {
    async make(threads) {
      const rows = await rowsOf(snapshot, store, threads);
      const pool = createThreadPool({ size: threads, blobFolder: folder });
      try {
        // One after another: where others train beside it, a fit has no core to borrow.
        const artifacts: Record<string, Sha256> = {};
        for (const [name, params] of Object.entries(options.params)) {
          const candidate = pipeline.candidates[name];
          if (candidate === undefined) throw new Error(`${name} is declared`);
          const { artifact } = await pool.run('trainCandidate', {
            pipeline: { ...pipeline, selection: { ...pipeline.selection, folds: options.folds } },
            recipe: recipeFor(pipeline, name),
            candidate: { ...candidate, params: { ...candidate.params, ...params } },
            moment: pipeline.moment,
            rows,
            seed: 11,
          });
          artifacts[name] = artifact.artifactSha256;
        }
        return { rows: rows.blob.sha256, artifacts };
      } finally {
        await pool.close();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function rowsOf(snapshot: Snapshot, store: BlobStore, threads: number): Promise<RowsRef> {
  const session = { threads };
  const { tables } = await validate({ pipeline, snapshot, store, session });
  return buildRows({ pipeline, sql: sqlOf(loaded), joined: false, tables, parameters: {}, store, session });
}
