import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync, rmSync } from 'node:fs';
import { platform } from 'node:os';
import { lastLines, rotateLog } from './log-files.ts';
import { endProcess, readProcessFile, signalGroup, writeProcessFile } from './processes.ts';

export interface ChildOptions {
  name: string;
  /** A compiled module. It sends `{ type: 'ready' }`, drains on SIGTERM, and on `disconnect` as well. */
  script: string;
  env: Record<string, string>;
  logFile: string;
  pidFile: string;
  /** How long it may drain before it is killed. */
  graceMs: number;
  say(line: string): void;
}

export interface Child {
  /** Resolves at the first `ready`. Rejects when it keeps ending before. */
  ready: Promise<void>;
  stop(): Promise<void>;
  kill(): void;
}

const firstBackoffMs = 250;
const maxBackoffMs = 30_000;
/** A child that has run this long starts again with the shortest pause. */
const healthyMs = 60_000;
const maxEarlyEnds = 3;

/** Forks a part of the service in a process group of its own and restarts it, with growing pauses, when it ends. */
export function startChild(options: ChildOptions): Child {
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let stopping = false;
  let backoffMs = firstBackoffMs;
  let earlyEnds = 0;
  let wasReady = false;
  let resolveReady = () => {};
  let rejectReady = (_reason: Error) => {};
  const ready = new Promise<void>((resolve, reject) => {
    resolveReady = resolve;
    rejectReady = reject;
  });

  const launch = () => {
    const startedMs = performance.now();
    rotateLog(options.logFile);
    const log = openSync(options.logFile, 'a');
    child = fork(options.script, [], {
      detached: true,
      env: options.env,
      // Its log is a file, not a pipe: a pipe's end would die with this process.
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    if (child.pid !== undefined) writeProcessFile(options.pidFile, child.pid);
    child.on('message', (message: unknown) => {
      if (typeof message !== 'object' || message === null || !('type' in message)) return;
      if (message.type !== 'ready') return;
      if (wasReady && !stopping) options.say(`The ${options.name} is ready again.`);
      wasReady = true;
      resolveReady();
    });
    child.once('error', (error) => rejectReady(error));
    child.once('exit', (code, signal) => {
      if (stopping) return;
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      const excerpt = lastLines(options.logFile, 8);
      if (!wasReady) earlyEnds += 1;
      if (earlyEnds >= maxEarlyEnds) {
        rejectReady(
          new Error(`the ${options.name} ended ${how} ${earlyEnds} times at its start:\n${excerpt}`),
        );
        return;
      }
      if (performance.now() - startedMs > healthyMs) backoffMs = firstBackoffMs;
      options.say(
        `The ${options.name} ended ${how}; started again in ${backoffMs / 1000} s. Its log: ${options.logFile}`,
      );
      restart = setTimeout(launch, backoffMs);
      backoffMs = Math.min(backoffMs * 2, maxBackoffMs);
    });
  };
  launch();

  return {
    ready,
    async stop() {
      stopping = true;
      clearTimeout(restart);
      if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        // Windows has no SIGTERM: there the closed channel is the sign to drain.
        if (platform() === 'win32' && child.connected) child.disconnect();
        await endProcess({ pid: child.pid, graceMs: options.graceMs });
      }
      rmSync(options.pidFile, { force: true });
    },
    kill() {
      stopping = true;
      clearTimeout(restart);
      if (child?.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    },
  };
}

/** A child whose supervisor was killed sees its channel close and drains; what still runs is ended. */
export async function endOrphanChild({ name, pidFile, say }: Pick<ChildOptions, 'name' | 'pidFile' | 'say'>) {
  const orphan = readProcessFile(pidFile);
  if (orphan === undefined) return;
  say(`The ${name} of an earlier start was still running (pid ${orphan.pid}): ended.`);
  await endProcess({ pid: orphan.pid, graceMs: 10_000 });
  rmSync(pidFile, { force: true });
}
