import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that API and worker keep blobs in: `blobs` under the home, or what ARTIFACTS_URL names. */
export const blobFolder = ({
  artifactsUrl,
  home,
}: {
  artifactsUrl: string | undefined;
  home: string;
}): string => (artifactsUrl === undefined ? join(home, 'blobs') : fileURLToPath(artifactsUrl));
