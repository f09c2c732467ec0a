import { createHash } from 'node:crypto';
import { shapeOf } from '../collectors/load-collectors.ts';
import type { CollectedPart, CollectionId } from '../contracts/collections.ts';
import type { FolderCollector } from '../contracts/collector.ts';
import { type Sha256, sha256Schema } from '../contracts/ids.ts';
import { readCollectedFile } from '../data/collect/file-records.ts';
import { isUnchanged, listSettledFiles, type WatchedFile } from '../data/collect/watched-folder.ts';
import { PageUnlike } from '../data/errors.ts';
import { NotRecords } from '../data/reviews/split-records.ts';
import {
  advanceCollection,
  findContent,
  findPart,
  holdCollection,
  openCollector,
  readWholeParts,
  recordPart,
} from '../db/queries/collections.ts';
import { checkFound, takeIn } from './collected-reviews.ts';
import type { CollectionDependencies } from './dependencies.ts';

/** That a step names: they fit into a payload. Of more, the sweeper tells the workflows of their sources. */
const mostBatches = 500;

type FileInput = { id: CollectionId; collector: FolderCollector; step: number };
type Dependencies = Pick<CollectionDependencies, 'db' | 'store' | 'sourceRoots' | 'nowMs'>;

/**
 * Takes the next file that has not been taken, some records at a transaction: an attempt after this one goes on at the
 * first record that is not in yet. Its bytes are kept first, so that what is read is what was hashed.
 */
export async function collectFile(
  deps: Dependencies,
  input: FileInput,
  signal: AbortSignal,
): Promise<CollectedPart> {
  const { db, sourceRoots, nowMs } = deps;
  const { collector } = input;
  await openCollector(db, collector.name, shapeOf(collector));
  const files = await listSettledFiles(collector, { roots: sourceRoots, nowMs: nowMs() });
  const taken = await readWholeParts(db, collector.name);
  const done: CollectedPart = {
    accepted: 0,
    duplicates: 0,
    rejected: 0,
    isPart: false,
    batches: [],
    pauseMs: 0,
    end: null,
  };
  let refusal: unknown;
  for (const file of files) {
    if (taken.has(partOf(file))) continue;
    const blob = await deps.store.putFile(file.path, { signal });
    // Somebody writes to it after all: once that is over, it is another file.
    if (!(await isUnchanged(file))) continue;
    const sha256 = sha256Schema.parse(blob.sha256);
    const same = await findContent(db, collector.name, { sha256, since: null });
    try {
      if (same === null) await takeFile(deps, { ...input, file, sha256, done, signal });
    } catch (error) {
      if (!isOfFile(error)) throw error;
      // It must not keep the files after it from being taken; once they are, the round says what is wrong with it.
      refusal ??= error;
      continue;
    }
    return settle(deps, input, { file, sha256, done: { ...done, isPart: same === null } });
  }
  if (refusal !== undefined) throw refusal;
  return settle(deps, input, { done: { ...done, end: 'no file is left that has not been taken' } });
}

/** Whether the file itself is of another form than was declared: another attempt would find the same. */
const isOfFile = (error: unknown): boolean => error instanceof PageUnlike || error instanceof NotRecords;

async function takeFile(
  { db, store, nowMs }: Dependencies,
  {
    id,
    collector,
    file,
    sha256,
    done,
    signal,
  }: Omit<FileInput, 'step'> & {
    file: WatchedFile;
    sha256: Sha256;
    /** Added to. */
    done: CollectedPart;
    signal: AbortSignal;
  },
): Promise<void> {
  const part = partOf(file);
  const before = await findPart(db, collector.name, part);
  const skipped = before?.contentSha256 === sha256 ? before.records : 0;
  let seen = 0;
  await readCollectedFile({
    path: await store.localPath(sha256),
    name: file.name,
    collector,
    signal,
    async onRecords(records) {
      signal.throwIfAborted();
      const from = Math.max(0, skipped - seen);
      seen += records.length;
      const fresh = records.slice(from);
      if (fresh.length === 0) return;
      const checked = checkFound(fresh, nowMs());
      const counts = await db.transaction(async (tx) => {
        await holdCollection(tx, id);
        const { batches, ...counted } = await takeIn(tx, checked);
        await recordPart(tx, {
          ...partRow(id, collector, file),
          contentSha256: sha256,
          records: seen,
          isWhole: false,
        });
        await advanceCollection(tx, id, { counts: { ...counted, isPart: false } });
        return { batches, ...counted };
      });
      done.accepted += counts.accepted;
      done.duplicates += counts.duplicates;
      done.rejected += counts.rejected;
      done.batches.push(...counts.batches.slice(0, mostBatches - done.batches.length));
    },
  });
}

const partRow = (id: CollectionId, collector: FolderCollector, file: WatchedFile) => ({
  collector: collector.name,
  part: partOf(file),
  name: file.name,
  collection: id,
  etag: null,
  lastModified: null,
  next: null,
});

async function settle(
  { db }: Dependencies,
  { id, collector, step }: FileInput,
  { file, sha256, done }: { done: CollectedPart; file?: WatchedFile; sha256?: Sha256 },
): Promise<CollectedPart> {
  return db.transaction(async (tx) => {
    const { steps, lastStep } = await holdCollection(tx, id);
    if (steps > step && lastStep !== null) return lastStep;
    if (file !== undefined && sha256 !== undefined) {
      const before = await findPart(tx, collector.name, partOf(file));
      const records = before?.contentSha256 === sha256 ? before.records : 0;
      await recordPart(tx, {
        ...partRow(id, collector, file),
        contentSha256: sha256,
        records,
        isWhole: true,
      });
    }
    const counts = { accepted: 0, duplicates: 0, rejected: 0, isPart: done.isPart };
    await advanceCollection(tx, id, { counts, step: done });
    return done;
  });
}

const partOf = ({ stamp }: WatchedFile): Sha256 =>
  sha256Schema.parse(createHash('sha256').update(stamp).digest('hex'));
