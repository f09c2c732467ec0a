import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'vitest';
import { searchPath } from '../../config/process-environment.ts';
import { freePort } from '../../local/ports.ts';
import { waitUntil } from '../../local/processes.ts';

export type TestRedis = { url: string; stop(): Promise<void> };

const program = searchPath()
  .map((folder) => join(folder, 'redis-server'))
  .find(existsSync);

/** `describe` for tests that need a Redis: skipped, with the reason in its name, where no redis-server is on the PATH. */
export function describeRedis(name: string, tests: () => void): void {
  if (program === undefined) describe.skip(`${name} (skipped: no redis-server on the PATH)`, tests);
  else describe(name, tests);
}

/** A Redis of the test file's own, which keeps nothing. */
export async function startTestRedis(port?: number): Promise<TestRedis> {
  if (program === undefined) throw new Error('no redis-server on the PATH');
  const folder = mkdtempSync(join(tmpdir(), 'perennial-redis-'));
  const taken = port ?? (await freePort());
  const child = spawn(
    program,
    ['--port', String(taken), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
    { stdio: 'ignore' },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await waitUntil(() => answers(taken), { withinMs: 10_000, what: `Redis on port ${taken}` });
  return {
    url: `redis://127.0.0.1:${taken}`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<true | undefined> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(undefined));
  });
