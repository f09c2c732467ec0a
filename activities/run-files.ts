import type { BlobRef } from '../contracts/data.ts';
import type { RunId } from '../contracts/ids.ts';
import { recordArtifacts } from '../db/queries/runs.ts';
import type { ActivityDependencies } from './dependencies.ts';

type Content =
  | { name: string; mediaType: string; content: string }
  | { name: string; mediaType: string; blob: BlobRef };

/** Puts a run's files into the store and lists them with the run; a repeated name replaces. */
export async function storeRunFiles(
  { db, store }: Pick<ActivityDependencies, 'db' | 'store'>,
  runId: RunId,
  files: Content[],
): Promise<void> {
  const stored = await Promise.all(
    files.map(async (file) => {
      const { sha256, bytes } = 'blob' in file ? file.blob : await store.put(Buffer.from(file.content));
      return { runId, name: file.name, mediaType: file.mediaType, sha256, bytes };
    }),
  );
  await recordArtifacts(db, stored);
}

export const jsonFile = (name: string, value: unknown): Content => ({
  name,
  mediaType: 'application/json',
  content: JSON.stringify(value, null, 2),
});
