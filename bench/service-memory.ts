import { readdirSync, readFileSync } from 'node:fs';

export type MemoryGauge = {
  /** The most that the processes held together between two moments, and a sample before and after. */
  peakBytes(span: { fromMs: number; toMs: number }): number;
  stop(): void;
};

const sampleEveryMs = 500;

/**
 * Follows the memory of a process, of those it started, and of those that name `folder` on their command line
 * (PostgreSQL belongs to no other process). Pages that several share count once: sums of the kernel's PSS.
 * @returns null where the kernel does not tell (it is not Linux)
 */
export function gaugeMemory({ pid, folder }: { pid: number; folder: string }): MemoryGauge | null {
  if (process.platform !== 'linux') return null;
  const samples: { atMs: number; bytes: number }[] = [];
  const take = (): void => {
    const processes = listProcesses();
    let bytes = 0;
    for (const one of processes.values())
      if (isOf(processes, one, { pid, folder })) bytes += proportionalBytes(one.pid);
    samples.push({ atMs: Date.now(), bytes });
  };
  const timer = setInterval(take, sampleEveryMs);
  return {
    peakBytes: ({ fromMs, toMs }) =>
      samples
        .filter(({ atMs }) => atMs >= fromMs - sampleEveryMs && atMs <= toMs + sampleEveryMs)
        .reduce((most, { bytes }) => Math.max(most, bytes), 0),
    stop: () => clearInterval(timer),
  };
}

type RunningProcess = { pid: number; parent: number; command: string };

function listProcesses(): Map<number, RunningProcess> {
  const found = new Map<number, RunningProcess>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readProcFile(pid, 'stat');
    // The second field, in parentheses, may hold spaces itself.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    found.set(pid, { pid, parent, command: readProcFile(pid, 'cmdline') });
  }
  return found;
}

function isOf(
  processes: ReadonlyMap<number, RunningProcess>,
  one: RunningProcess,
  { pid, folder }: { pid: number; folder: string },
): boolean {
  for (let at: RunningProcess | undefined = one; at !== undefined; at = processes.get(at.parent)) {
    if (at.pid === process.pid) return false;
    if (at.pid === pid || at.command.includes(folder)) return true;
  }
  return false;
}

function proportionalBytes(pid: number): number {
  const [, kilobytes] = /^Pss:\s+(\d+) kB$/m.exec(readProcFile(pid, 'smaps_rollup')) ?? [];
  return Number(kilobytes ?? 0) * 1024;
}

/** Empty where the process is gone. */
function readProcFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
