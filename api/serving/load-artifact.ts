import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { maxArtifactBytes } from '../../ml/artifact/container.ts';
import { type Artifact, decodeArtifact } from '../../ml/artifact.ts';
import { verifyGoldenRows } from '../../ml/scorer.ts';

/** Thrown when a stored model does not reproduce the scores it was stored with. */
export class GoldenRowsDiffer extends Error {
  override readonly name = 'GoldenRowsDiffer';
}

const gunzipLater = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

/** The bytes that the SHA-256 of an artifact is of. */
export const unpackArtifact = (content: Uint8Array): Promise<Buffer> =>
  gunzipLater(content, { maxOutputLength: maxArtifactBytes });

/** Other Node versions round some functions otherwise in the last bits. */
const tolerance = 1e-12;

/** @throws where the bytes are damaged, too big, or the model does not reproduce its golden rows. */
export function loadArtifact(content: Uint8Array): Artifact {
  const bytes = gunzipSync(content, { maxOutputLength: maxArtifactBytes });
  // Sections are read in place: shared, so that the numbers of a model are in memory once, for all threads.
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength));
  shared.set(bytes);
  const artifact = decodeArtifact(shared);
  const [mismatch, ...others] = verifyGoldenRows(artifact, tolerance);
  if (mismatch !== undefined) {
    throw new GoldenRowsDiffer(
      `golden row ${mismatch.row} scores ${mismatch.actual} here, stored was ${mismatch.expected}` +
        (others.length > 0 ? ` (and ${others.length} more)` : ''),
    );
  }
  return artifact;
}
