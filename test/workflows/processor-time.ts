import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Where the system tells what processes use. */
export const tellsProcessorTime = platform() === 'linux';

const ticksPerSecond = 100;

/** Seconds of processor time that the process has used, those of all its threads together. */
export const processorSeconds = (pid: number): number => readSeconds(`/proc/${pid}/stat`);

/** The same of each of its threads, by the thread's id. */
export function threadSeconds(pid: number): ReadonlyMap<string, number> {
  const folder = `/proc/${pid}/task`;
  return new Map(readdirSync(folder).map((id) => [id, readSeconds(`${folder}/${id}/stat`)]));
}

function readSeconds(file: string): number {
  const text = readFileSync(file, 'utf8');
  // The second field is the command in parentheses, which may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

const windowSeconds = 1;
/** A worker at rest polls its queues; one at work uses most of a core, or what other processes leave of it. */
const idleSeconds = 0.06;

/** Waits until the process has used next to nothing for a second; answers how long ago, in seconds, that began. */
export async function secondsUntilIdle(pid: number, limitSeconds = 60): Promise<number> {
  const startedMs = performance.now();
  const samples: { atSeconds: number; used: number }[] = [];
  for (;;) {
    const atSeconds = (performance.now() - startedMs) / 1000;
    const used = processorSeconds(pid);
    samples.push({ atSeconds, used });
    const since = samples.findLast((sample) => atSeconds - sample.atSeconds >= windowSeconds);
    if (since !== undefined && used - since.used <= idleSeconds) return since.atSeconds;
    if (atSeconds > limitSeconds) throw new Error(`process ${pid} still works after ${limitSeconds} s`);
    await delay(50);
  }
}
