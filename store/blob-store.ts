import type { Readable } from 'node:stream';
import type { BlobRef } from '../contracts/data.ts';

/**
 * Bytes named by their SHA-256. A blob never changes, so putting the same bytes twice stores them once,
 * and whatever was read under a hash is what was put under it.
 */
export interface BlobStore {
  /**
   * Durable when it resolves. A stream that fails leaves nothing behind.
   * @param options.expected the hash that the bytes must have
   * @throws BlobDiffers where they have another; nothing is kept then
   */
  put(bytes: Uint8Array | Readable, options?: { expected?: string | undefined }): Promise<BlobRef>;
  /** Copies the file; the original stays the caller's. @throws AbortError where the signal stops it */
  putFile(path: string, options?: { signal?: AbortSignal | undefined }): Promise<BlobRef>;
  /** @throws BlobMissing */
  get(sha256: string): Promise<Readable>;
  /** The whole blob in memory: for reports, plots and other small things. @throws BlobMissing */
  read(sha256: string): Promise<Buffer>;
  /** A file on this machine that holds the blob, for engines that read files. Never written to. @throws BlobMissing */
  localPath(sha256: string): Promise<string>;
  /** Reads the blob: true where its bytes are those it is named by. A damaged one is taken away, so that a put can mend it. */
  isWhole(blob: BlobRef): Promise<boolean>;
  /** Undefined where no blob has the hash. */
  find(sha256: string): Promise<BlobRef | undefined>;
  /** In no particular order. */
  list(): AsyncIterable<BlobRef>;
}

/** Thrown when no blob has the hash. */
export class BlobMissing extends Error {
  override readonly name = 'BlobMissing';
  readonly sha256: string;
  constructor(sha256: string) {
    super(`the store holds no blob ${sha256}`);
    this.sha256 = sha256;
  }
}

/** Thrown when bytes have another hash than was expected of them. */
export class BlobDiffers extends Error {
  override readonly name = 'BlobDiffers';
  readonly found: BlobRef;
  readonly expected: string;
  constructor(found: BlobRef, expected: string) {
    super(`${found.bytes} bytes have the SHA-256 ${found.sha256}, not ${expected}`);
    this.found = found;
    this.expected = expected;
  }
}
