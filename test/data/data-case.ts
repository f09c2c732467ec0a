import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Snapshot } from '../../contracts/data.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { withSession } from '../../data/duckdb.ts';
import { createHttpsReader } from '../../data/https/https-reader.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import type { SourceReaders } from '../../data/source-files.ts';
import { validate } from '../../data/validate.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';

/** A store and a folder of source files, both gone at the end of the test. */
export type DataCase = {
  folder: string;
  store: BlobStore;
  readers: SourceReaders;
  write(files: Record<string, string | Uint8Array>): Promise<void>;
  snapshot(pipeline: Pipeline, source?: string): Promise<Snapshot>;
  validate(pipeline: Pipeline): ReturnType<typeof validate>;
  remove(): Promise<void>;
};

export async function createDataCase(): Promise<DataCase> {
  const root = await mkdtemp(join(tmpdir(), 'data-case-'));
  const folder = join(root, 'source');
  await mkdir(folder);
  const store = await createFolderStore(join(root, 'store'));
  const readers: SourceReaders = {
    demo: async ({ name, rows, seed, folder: target }) =>
      writeFile(join(target, `${name}.csv`), `id\n${rows}-${seed}\n`),
    uploads: { files: async () => undefined },
    reviews: async () => 0,
    snapshots: { find: async () => undefined },
    sourceRoots: [folder],
    https: createHttpsReader({ hosts: [] }),
  };
  const snapshot = (pipeline: Pipeline, source = `folder:${folder}`) =>
    takeSnapshot({ pipeline, source, store, readers });
  return {
    folder,
    store,
    readers,
    snapshot,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), content);
      }
    },
    validate: async (pipeline) => validate({ pipeline, store, snapshot: await snapshot(pipeline) }),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** The rows of a Parquet or NDJSON blob. */
export async function readBlob(store: BlobStore, sha256: string, format: 'parquet' | 'ndjson' = 'parquet') {
  const path = await store.localPath(sha256);
  if (format === 'ndjson')
    return (await store.read(sha256))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  return withSession({}, (session) => session.rows(`SELECT * FROM read_parquet('${path}')`));
}
