import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { sha256Schema } from '../contracts/ids.ts';
import { maxArtifactBytes } from '../ml/artifact/container.ts';
import { type Artifact, decodeArtifact, encodeArtifact } from '../ml/artifact.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { refuseForGood } from './errors.ts';
import type { StoredModel } from './tasks.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * Stores a model gzipped. The hash is of the bytes before compression, which another zlib may do otherwise.
 * @throws LearnerFailed where the model is too big or holds what is no number
 */
export async function storeModel(store: BlobStore, artifact: Artifact): Promise<StoredModel> {
  const bytes = refuseForGood(artifact.learner.name, () => encodeArtifact(artifact));
  const artifactSha256 = sha256Schema.parse(createHash('sha256').update(bytes).digest('hex'));
  return { ...(await store.put(await compress(bytes))), artifactSha256 };
}

/** The model of gzipped bytes. @throws ArtifactError, or zlib's error where they are damaged */
export async function loadModel(compressed: Uint8Array): Promise<Artifact> {
  const bytes = await decompress(compressed, { maxOutputLength: maxArtifactBytes });
  // Sections are read in place and need an offset that is a multiple of 8, which a pooled buffer may not have.
  return decodeArtifact(Uint8Array.from(bytes));
}
