import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { type BlobRef, blobRefSchema } from '../contracts/data.ts';
import { sha256Schema } from '../contracts/ids.ts';
import { BlobDiffers, BlobMissing, type BlobStore } from './blob-store.ts';

/** A temporary file this old belongs to a process that died: no put takes a day. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

/**
 * Blobs in a folder: `ab/cd/<sha256>`. Bytes go to `incoming/`, are synced, and are renamed into place, so a
 * crash leaves either the whole blob or none. Several processes may share the folder.
 *
 * @param now milliseconds since the epoch: what is left of a put is swept at start, at once where its process is
 *   known to be dead, else after a day
 */
export async function createFolderStore(folder: string, now: () => number = Date.now): Promise<BlobStore> {
  const incoming = join(folder, 'incoming');
  await mkdir(incoming, { recursive: true });
  await sweep(incoming, now());

  const pathOf = (sha256: string): string => {
    const name: string = sha256Schema.parse(sha256);
    return join(folder, name.slice(0, 2), name.slice(2, 4), name);
  };

  const localPath = async (sha256: string): Promise<string> => {
    const path = pathOf(sha256);
    if ((await sizeOf(path)) === undefined) throw new BlobMissing(sha256);
    return path;
  };

  const put: BlobStore['put'] = async (bytes, { expected } = {}) => {
    const temporary = join(incoming, `${process.pid}@${hostname()}@${randomUUID()}`);
    try {
      const written = await writeSynced(temporary, bytes);
      if (expected !== undefined && written.sha256 !== expected) throw new BlobDiffers(written, expected);
      const final = pathOf(written.sha256);
      if ((await sizeOf(final)) !== written.bytes) await moveIntoPlace(temporary, final);
      return written;
    } finally {
      await rm(temporary, { force: true });
    }
  };

  return {
    put,
    async putFile(path, { signal } = {}) {
      // Most files are there already: the same source is read run after run. Hashing costs less than syncing.
      const stoppable = signal === undefined ? {} : { signal };
      const known = await hashFile(createReadStream(path, { ...stoppable, highWaterMark: 1 << 20 }));
      if ((await sizeOf(pathOf(known.sha256))) === known.bytes) return known;
      return put(createReadStream(path, stoppable));
    },
    get: async (sha256) => createReadStream(await localPath(sha256)),
    read: async (sha256) => readFile(await localPath(sha256)),
    localPath,
    async isWhole({ sha256, bytes }) {
      const path = pathOf(sha256);
      const size = await sizeOf(path);
      if (size === undefined) return false;
      const found = await hashFile(createReadStream(path, { highWaterMark: 1 << 20 }));
      if (found.sha256 === sha256 && found.bytes === bytes) return true;
      // A put goes by the size, and would leave other bytes of the same size where they are.
      if (found.sha256 !== sha256) await rm(path, { force: true });
      return false;
    },
    async find(sha256) {
      const bytes = await sizeOf(pathOf(sha256));
      return bytes === undefined ? undefined : blobRefSchema.parse({ sha256, bytes });
    },
    list: () => listBlobs(folder),
  };
}

async function writeSynced(path: string, bytes: Uint8Array | Readable): Promise<BlobRef> {
  const hash = createHash('sha256');
  let length = 0;
  const file = await open(path, 'wx', 0o644);
  try {
    for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) {
      const piece: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      hash.update(piece);
      length += piece.byteLength;
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return blobRefSchema.parse({ sha256: hash.digest('hex'), bytes: length });
}

async function hashFile(file: Readable): Promise<BlobRef> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of file) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return blobRefSchema.parse({ sha256: hash.digest('hex'), bytes });
}

async function moveIntoPlace(temporary: string, final: string): Promise<void> {
  const parent = join(final, '..');
  await mkdir(parent, { recursive: true });
  await rename(temporary, final);
  // Without this the new name may be lost with the power, although the bytes are on the disk.
  const directory = await open(parent, 'r');
  try {
    await directory.sync();
  } catch (error) {
    if (!isCode(error, 'EPERM', 'EINVAL', 'EISDIR')) throw error; // Windows cannot sync a directory.
  } finally {
    await directory.close();
  }
}

async function sweep(incoming: string, nowMs: number): Promise<void> {
  for (const name of await readdir(incoming)) {
    const path = join(incoming, name);
    const [pidText, host] = name.split('@');
    const pid = Number(pidText);
    const age = nowMs - ((await modifiedMs(path)) ?? nowMs);
    // A process id says nothing about a process on another machine that shares the folder.
    const isDead = host === hostname() && pid !== process.pid && !isRunning(pid);
    if (age > abandonedAfterMs || isDead) await rm(path, { force: true });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

async function* listBlobs(folder: string): AsyncIterable<BlobRef> {
  for (const first of await readdir(folder)) {
    if (!/^[0-9a-f]{2}$/.test(first)) continue;
    for (const second of await readdir(join(folder, first)))
      for (const name of await readdir(join(folder, first, second))) {
        const bytes = await sizeOf(join(folder, first, second, name));
        if (bytes !== undefined) yield blobRefSchema.parse({ sha256: name, bytes });
      }
  }
}

const sizeOf = async (path: string): Promise<number | undefined> => (await statIfThere(path))?.size;
const modifiedMs = async (path: string): Promise<number | undefined> => (await statIfThere(path))?.mtimeMs;

async function statIfThere(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code));
