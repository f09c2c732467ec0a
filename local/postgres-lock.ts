import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type Running = { pid: number; port: number };

/** What the server wrote about itself: pid, data folder, start time, port, socket, address, key, status. */
export function readPidFile(data: string): (Running & { status: string }) | undefined {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!Number.isInteger(pid) || pid <= 0) return undefined;
    return { pid, port, status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}

/** Higher than any system gives. */
const nobodysPid = 2 ** 31 - 1;

/**
 * The server asks only whether a process of the pid in its lock file exists, so that a zombie, or another
 * program, keeps it from starting. The rest of the file stays: by the shared memory named there it sees
 * whether a process of the earlier server still works on the data.
 */
export function disownLock(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (existsSync(file)) writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(nobodysPid)));
}
