import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

/**
 * A process as written to a file. `identity` is its start time, so that another process that got the
 * same pid later (after a reboot, or in a container where pids are few) is not taken for it.
 */
const processRecordSchema = z.object({ pid: z.int().positive(), identity: z.string() });
export type ProcessRecord = z.infer<typeof processRecordSchema>;

export function isAlive(pid: number): boolean {
  const state = linuxStat(pid)?.state;
  // A zombie answers signal 0; where nothing reaps orphans (many containers) it does so for ever.
  if (state !== undefined) return state !== 'Z' && state !== 'X';
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function linuxStat(pid: number): { state: string; startTicks: string } | undefined {
  if (platform() !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses, which may itself hold spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', startTicks: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}

/** The command line, or undefined where the process is gone or the platform does not tell. */
export function commandLine(pid: number): string | undefined {
  if (platform() === 'linux') {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    } catch {
      return undefined;
    }
  }
  return processStatus(pid, 'command=');
}

function processStatus(pid: number, field: string): string | undefined {
  if (platform() === 'win32') return undefined;
  try {
    return execFileSync('ps', ['-o', field, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

export function processRecord(pid: number): ProcessRecord {
  return { pid, identity: linuxStat(pid)?.startTicks ?? processStatus(pid, 'lstart=') ?? 'unknown' };
}

export function isSameProcess(record: ProcessRecord): boolean {
  return isAlive(record.pid) && processRecord(record.pid).identity === record.identity;
}

export function writeProcessFile(file: string, pid: number): void {
  writeFileSync(file, JSON.stringify(processRecord(pid)));
}

/** The process that `file` names, if it still runs; a file left behind by a dead one is removed. */
export function readProcessFile(file: string): ProcessRecord | undefined {
  let record: ProcessRecord;
  try {
    record = processRecordSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return undefined;
  }
  if (isSameProcess(record)) return record;
  rmSync(file, { force: true });
  return undefined;
}

/** Signals a process group where there is one: the leader may have children of its own. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // Gone already, no group of that id, or Windows, which has none: then the process itself.
    }
  }
}

/** Ends a process: politely, and with SIGKILL once `graceMs` have passed. */
export async function endProcess({ pid, graceMs }: { pid: number; graceMs: number }): Promise<void> {
  const gone = () => (isAlive(pid) ? undefined : true);
  if (gone()) return;
  signalGroup(pid, 'SIGTERM');
  try {
    await waitUntil(gone, { withinMs: graceMs, what: `process ${pid} to end` });
  } catch {
    signalGroup(pid, 'SIGKILL');
    await waitUntil(gone, { withinMs: 10_000, what: `process ${pid} to end after SIGKILL` });
  }
}

/** Polls until `probe` gives a value. @throws Error naming `what` once `withinMs` have passed. */
export async function waitUntil<T>(
  probe: () => T | undefined | Promise<T | undefined>,
  { withinMs, what, everyMs = 50 }: { withinMs: number; what: string; everyMs?: number },
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (performance.now() >= deadline) throw new Error(`waited ${withinMs / 1000} s in vain for ${what}`);
    await delay(everyMs);
  }
}
