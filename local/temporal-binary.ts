import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { compiledFile } from '../config/paths.ts';
import { cacheFolder, childEnvironment, searchPath } from '../config/process-environment.ts';
import { tryLock } from './lock.ts';
import { signalGroup, waitUntil } from './processes.ts';
import type { Screen, Task } from './screen.ts';

/** The newest tag that `go install` accepts: later ones carry a `replace`. */
export const temporalCliVersion = 'v1.5.1';
/** Older servers lack what the workflows use (update-with-start, current details). */
const minServerVersion = [1, 27] as const;

export interface TemporalBinary {
  path: string;
  /** Such as `1.29.1`: the database file belongs to it. */
  serverVersion: string;
}

/** Thrown when no binary is found and none could be had. */
export class NoTemporalBinaryError extends Error {
  override readonly name = 'NoTemporalBinaryError';
}

/** TEMPORAL_CLI_PATH, PATH, the cache; else the SDK's download, else a build by Go, both into the cache. */
export async function ensureTemporalBinary({
  cliPath,
  screen,
}: {
  cliPath: string | undefined;
  screen: Screen;
}): Promise<TemporalBinary> {
  if (cliPath !== undefined) {
    const given = inspect(cliPath);
    if (typeof given === 'object') return given;
    throw new NoTemporalBinaryError(`TEMPORAL_CLI_PATH is ${JSON.stringify(cliPath)}, but ${given}.`);
  }
  const executable = platform() === 'win32' ? 'temporal.exe' : 'temporal';
  const cached = join(cacheFolder(), `temporal-${temporalCliVersion}`, executable);
  const found = findExisting([...searchPath().map((folder) => join(folder, executable)), cached], screen);
  if (found !== undefined) return found;

  mkdirSync(join(cached, '..'), { recursive: true });
  const release = await lockCache(`${cached}.lock`, screen);
  try {
    // Another start may have provided it while this one waited.
    return findExisting([cached], screen) ?? (await provide(cached, screen));
  } finally {
    release();
  }
}

function findExisting(paths: readonly string[], screen: Screen): TemporalBinary | undefined {
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const result = inspect(path);
    if (typeof result === 'object') return result;
    screen.say(`Not used: ${path}, because ${result}.`);
  }
  return undefined;
}

/** What the binary says of itself, or why it cannot be used. */
function inspect(path: string): TemporalBinary | string {
  const { status, stdout, error } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 });
  if (error !== undefined) return `it cannot be run (${error.message})`;
  const serverVersion = /Server (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (status !== 0 || serverVersion === undefined) return 'it is not a Temporal CLI with a server in it';
  const [major = 0, minor = 0] = serverVersion.split('.').map(Number);
  const [minMajor, minMinor] = minServerVersion;
  if (major < minMajor || (major === minMajor && minor < minMinor)) {
    return `its server ${serverVersion} is older than ${minServerVersion.join('.')}`;
  }
  return { path, serverVersion };
}

/** Two starts must not both build for minutes. */
async function lockCache(file: string, screen: Screen): Promise<() => void> {
  let told = false;
  return waitUntil(
    () => {
      const lock = tryLock(file);
      if (lock.held) return lock.release;
      if (!told) screen.say(`Process ${lock.holder.pid} is providing Temporal already: waiting for it.`);
      told = true;
      return undefined;
    },
    { withinMs: 30 * 60_000, everyMs: 500, what: `the lock ${file}` },
  );
}

async function provide(cached: string, screen: Screen): Promise<TemporalBinary> {
  const draft = mkdtempSync(join(cached, '..', 'draft-'));
  try {
    const reasons: string[] = [];
    for (const [way, attempt] of [
      ['the download by the Temporal SDK', download],
      [`go install github.com/temporalio/cli/cmd/temporal@${temporalCliVersion}`, buildWithGo],
    ] as const) {
      const result = await attempt(draft, screen);
      if (typeof result === 'string') {
        reasons.push(`${way}: ${result}`);
        continue;
      }
      const inspected = inspect(result.path);
      if (typeof inspected === 'string') {
        reasons.push(`${way}: ${inspected}`);
        continue;
      }
      renameSync(result.path, cached);
      return { ...inspected, path: cached };
    }
    throw new NoTemporalBinaryError(
      `There is no Temporal CLI, and none could be had:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}\n` +
        'Three ways to provide it:\n' +
        '  1. install it (https://docs.temporal.io/cli) so that `temporal` is on PATH, or name it by TEMPORAL_CLI_PATH;\n' +
        '  2. install Go (https://go.dev/dl): the next start builds it once, in about 3 minutes;\n' +
        '  3. use a server that runs elsewhere: TEMPORAL_ADDRESS=host:port.',
    );
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

type Provided = { path: string } | string;

/** A download that has not grown for this long is given up: where the network is closed, it never starts. */
const downloadStallMs = 20_000;

async function download(folder: string, screen: Screen): Promise<Provided> {
  const script = compiledFile('local/temporal-download.js');
  if (!existsSync(script)) return 'the project is not built';
  const task = screen.task('Downloading Temporal');
  const child = spawn(process.execPath, [script, folder, temporalCliVersion], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const end = ended(child);
  let grownMs = performance.now();
  let size = 0;
  const watch = setInterval(() => {
    const now = folderSize(folder);
    if (now > size) grownMs = performance.now();
    size = now;
    task.update(undefined, `${Math.round(size / 1e6)} MB`);
    if (performance.now() - grownMs > downloadStallMs && child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL');
    }
  }, 500);
  const { code, output } = await end.finally(() => clearInterval(watch));
  const file = readdirSync(folder)
    .map((name) => join(folder, name))
    .find((path) => !path.endsWith('.downloading') && statSync(path).size > 10e6);
  if (code === 0 && file !== undefined) {
    task.end('done');
    return { path: file };
  }
  task.end('not possible here');
  return code === null ? `nothing arrived for ${downloadStallMs / 1000} s` : firstLine(output);
}

function folderSize(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => {
    try {
      return sum + statSync(join(folder, name)).size;
    } catch {
      return sum;
    }
  }, 0);
}

/** About how long the build takes on 2 cores, for the progress bar. */
const expectedBuildMs = 180_000;

async function buildWithGo(folder: string, screen: Screen): Promise<Provided> {
  const go = spawnSync('go', ['version'], { encoding: 'utf8' });
  if (go.status !== 0) return 'Go is not installed';
  const task: Task = screen.task('Building Temporal');
  const startedMs = performance.now();
  const child = spawn(
    'go',
    ['install', '-v', `github.com/temporalio/cli/cmd/temporal@${temporalCliVersion}`],
    {
      env: childEnvironment({ GOBIN: folder }),
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  let compiled = 0;
  child.stderr.on('data', (text: Buffer) => {
    compiled += text.toString().split('\n').length - 1;
  });
  const tick = setInterval(() => {
    const share = Math.min(0.99, (performance.now() - startedMs) / expectedBuildMs);
    task.update(share, `with Go, once, about 3 minutes; ${compiled} packages so far`);
  }, 500);
  const { code, output } = await ended(child).finally(() => clearInterval(tick));
  const path = join(folder, platform() === 'win32' ? 'temporal.exe' : 'temporal');
  if (code === 0 && existsSync(path)) {
    task.end('done');
    return { path };
  }
  task.end('failed');
  return output.trim().split('\n').slice(-3).join(' ') || `go ended with ${code}`;
}

function ended(child: ReturnType<typeof spawn>): Promise<{ code: number | null; output: string }> {
  // A start that is broken off must not leave a build behind that nobody waits for.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  return new Promise((resolve) => {
    let output = '';
    child.once('close', () => process.off('exit', kill));
    child.stderr?.on('data', (text: Buffer) => {
      output = (output + text.toString()).slice(-4000);
    });
    child.once('error', (error) => resolve({ code: -1, output: error.message }));
    // Not `exit`: the last of the output may come after it.
    child.once('close', (code) => resolve({ code, output }));
  });
}

const firstLine = (text: string): string => text.trim().split('\n')[0] ?? '';
