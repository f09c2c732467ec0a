import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { isSameProcess, processRecord } from './processes.ts';

const lockSchema = z.object({
  pid: z.int().positive(),
  identity: z.string(),
  /** What the holder wants a second comer to know. */
  note: z.string(),
});

export type LockResult =
  | { held: true; annotate(note: string): void; release(): void }
  | { held: false; holder: { pid: number; note: string } };

/**
 * A lock file held by a process: left behind by a dead one, it is taken over.
 * The file appears by `link`, whole and only if absent, so no reader sees half of it.
 */
export function tryLock(file: string): LockResult {
  const mine = processRecord(process.pid);
  const draft = `${file}.${process.pid}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    writeFileSync(draft, JSON.stringify({ ...mine, note: '' }));
    try {
      linkSync(draft, file);
      return {
        held: true,
        annotate: (note) => {
          writeFileSync(draft, JSON.stringify({ ...mine, note }));
          renameSync(draft, file);
        },
        release: () => rmSync(file, { force: true }),
      };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const holder = readHolder(file);
    if (holder !== undefined && isSameProcess(holder)) return { held: false, holder };
    removeStale(file);
  }
  throw new Error(`${file} could not be locked: it came back each time it was removed`);
}

/** Two starts may find the same stale lock; the later one must not remove the lock that the earlier one has made. */
function removeStale(file: string): void {
  const aside = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, aside);
    const moved = readHolder(aside);
    if (moved !== undefined && isSameProcess(moved)) linkSync(aside, file);
  } catch {
    // Another start has moved it, or has made its own since: the next attempt sees which.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(file: string): z.infer<typeof lockSchema> | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
}
