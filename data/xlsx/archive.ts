import { type Entry, openPromise } from 'yauzl';
import { UnreadableWorkbook } from './unreadable.ts';

/** The parts of a spreadsheet's ZIP archive. */
export type Archive = {
  has(name: string): boolean;
  /**
   * The text of a part in pieces, as it is unpacked.
   * @param maxBytes unpacked; what a part claims is checked before, what it gives while it is read
   * @throws UnreadableWorkbook
   */
  read(name: string, maxBytes: number): AsyncIterable<string>;
  close(): void;
};

/** Excel writes about ten parts and a few a sheet. */
const maxParts = 10_000;

/** @throws UnreadableWorkbook */
export async function openArchive(path: string, signal?: AbortSignal): Promise<Archive> {
  const zip = await openPromise(path, { autoClose: false }).catch(refuseArchive);
  const parts = new Map<string, Entry>();
  try {
    if (zip.entryCount > maxParts)
      throw new UnreadableWorkbook(
        `it has ${zip.entryCount.toLocaleString('en')} parts; at most ${maxParts.toLocaleString('en')} are read`,
      );
    for await (const entry of zip.eachEntry()) {
      signal?.throwIfAborted();
      parts.set(entry.fileName, entry);
    }
  } catch (error) {
    zip.close();
    return refuseArchive(error);
  }

  async function* read(name: string, maxBytes: number): AsyncGenerator<string> {
    const entry = parts.get(name);
    if (entry === undefined) throw new UnreadableWorkbook(`its part ${name} is missing`);
    if (entry.isEncrypted()) throw new UnreadableWorkbook('it is encrypted');
    // Reading ends with an error where a part unpacks to more than it claims.
    if (entry.uncompressedSize > maxBytes)
      throw new UnreadableWorkbook(
        `its part ${name} unpacks to ${entry.uncompressedSize.toLocaleString('en')} bytes; at most ${maxBytes.toLocaleString('en')} are read`,
      );
    const decoder = new TextDecoder('utf-8', { fatal: true });
    try {
      for await (const bytes of await zip.openReadStreamPromise(entry)) {
        signal?.throwIfAborted();
        yield decoder.decode(bytes, { stream: true });
      }
      yield decoder.decode();
    } catch (error) {
      signal?.throwIfAborted();
      refuseArchive(error);
    }
  }
  return { has: (name) => parts.has(name), read, close: () => zip.close() };
}

function refuseArchive(error: unknown): never {
  if (error instanceof UnreadableWorkbook || !(error instanceof Error)) throw error;
  throw new UnreadableWorkbook(error.message, { cause: error });
}
