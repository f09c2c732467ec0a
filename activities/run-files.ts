import type { BlobRef } from '../contracts/data.ts';
import type { RunId } from '../contracts/ids.ts';
import type { recordArtifacts } from '../db/queries/runs.ts';
import type { BlobStore } from '../store/blob-store.ts';

export type RunFile =
  | { name: string; mediaType: string; content: string }
  | { name: string; mediaType: string; blob: BlobRef };

/** Puts a run's files into the store. Listed with the run by `recordArtifacts`, where a repeated name replaces. */
export function putRunFiles(
  store: BlobStore,
  runId: RunId,
  files: RunFile[],
): Promise<Parameters<typeof recordArtifacts>[1]> {
  return Promise.all(
    files.map(async (file) => {
      const { sha256, bytes } = 'blob' in file ? file.blob : await store.put(Buffer.from(file.content));
      return { runId, name: file.name, mediaType: file.mediaType, sha256, bytes };
    }),
  );
}

export const jsonFile = (name: string, value: unknown): RunFile => ({
  name,
  mediaType: 'application/json',
  content: JSON.stringify(value, null, 2),
});
