import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Thrown when ARTIFACTS_URL names a kind of store that this version does not have. */
export class UnsupportedStore extends Error {
  override readonly name = 'UnsupportedStore';
}

/**
 * The folder that API and worker keep blobs in: `blobs` under the home, or what ARTIFACTS_URL names.
 * @throws UnsupportedStore
 */
export function blobFolder({
  artifactsUrl,
  home,
}: {
  artifactsUrl: string | undefined;
  home: string;
}): string {
  if (artifactsUrl === undefined) return join(home, 'blobs');
  const url = new URL(artifactsUrl);
  if (url.protocol === 'file:') return fileURLToPath(url);
  throw new UnsupportedStore(
    `ARTIFACTS_URL is ${artifactsUrl}; this version stores in folders only (file:///…)`,
  );
}
