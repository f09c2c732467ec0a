import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../local/ports.ts';
import { type PostgresServer, startPostgres } from '../../local/postgres-server.ts';
import { isAlive, waitUntil } from '../../local/processes.ts';
import { createTestFolder } from './command.ts';

const started: PostgresServer[] = [];
const folders: { remove(): void }[] = [];
afterEach(async () => {
  for (const server of started.splice(0)) await server.stop('immediate');
  for (const folder of folders.splice(0)) folder.remove();
});

function arrange() {
  const root = createTestFolder();
  folders.push(root);
  const folder = join(root.path, 'postgres');
  const lines: string[] = [];
  const start = async (requiredPort?: number) => {
    const server = await startPostgres({
      folder,
      choosePort: async () => requiredPort ?? (await freePort()),
      requiredPort,
      durable: false,
      say: (line) => lines.push(line),
    });
    started.push(server);
    return server;
  };
  return { folder, lines, start };
}

async function answer(url: string): Promise<unknown> {
  const sql = postgres(url, { max: 1 });
  try {
    const [row] = await sql`select current_user as name, inet_server_addr()::text as address`;
    return row;
  } finally {
    await sql.end();
  }
}

test('listens on loopback only, for its own password only', async () => {
  const { start } = arrange();
  const { url } = await start();
  expect(await answer(url)).toEqual({ name: 'perennial', address: '127.0.0.1/32' });
  const guessed = new URL(url);
  guessed.password = 'postgres';
  await expect(answer(guessed.href)).rejects.toThrow(/password authentication failed/);
});

test('a data folder that was cut off while it was made is set aside and made anew', async () => {
  const { folder, lines, start } = arrange();
  mkdirSync(join(folder, 'data', 'base'), { recursive: true });
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '18\n');
  mkdirSync(join(folder, 'initialising-1'), { recursive: true });
  const { url } = await start();
  expect(await answer(url)).toMatchObject({ name: 'perennial' });
  expect(lines.join('\n')).toMatch(/was not finished: moved to .*data-unfinished-/);
  const names = readdirSync(folder);
  expect(names).not.toContain('initialising-1');
  expect(names.some((name) => name.startsWith('data-unfinished-'))).toBe(true);
});

test('a running server is taken over, with its port and its password', async () => {
  const { lines, start } = arrange();
  const first = await start();
  const second = await start();
  expect(second).toMatchObject({ pid: first.pid, port: first.port, url: first.url, takenOver: true });
  expect(lines.join('\n')).toContain(`PostgreSQL was still running (pid ${first.pid})`);
});

test('a running server moves to the port that is asked for', async () => {
  const { start } = arrange();
  const first = await start();
  const port = await freePort();
  const second = await start(port);
  expect(second.port).toBe(port);
  expect(isAlive(first.pid)).toBe(false);
});

test('a lock file whose pid went to another program does not stop the start', async () => {
  const { folder, lines, start } = arrange();
  const first = await start();
  const lock = join(folder, 'data', 'postmaster.pid');
  const content = readFileSync(lock, 'utf8');
  await first.stop('fast');
  writeFileSync(lock, content.replace(/^\d+/, String(process.pid)));
  const second = await start();
  expect(second.takenOver).toBe(false);
  expect(lines.join('\n')).toContain(`process ${process.pid} is another program now`);
});

test.skipIf(platform() !== 'linux')(
  'a killed server that nothing has reaped does not stop the start',
  async () => {
    const { folder, start } = arrange();
    const first = await start();
    const lock = join(folder, 'data', 'postmaster.pid');
    const content = readFileSync(lock, 'utf8');
    await first.stop('fast');
    // The shell becomes a program that never asks for the end of its child.
    const parent = spawn('sh', ['-c', 'true & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    onTestFinished(() => {
      parent.kill();
    });
    const [zombie] = await once(parent.stdout, 'data');
    writeFileSync(lock, content.replace(/^\d+/, String(zombie).trim()));
    await waitUntil(() => (isAlive(Number(zombie)) ? undefined : true), {
      withinMs: 5000,
      what: 'the zombie',
    });
    const second = await start();
    expect(second.takenOver).toBe(false);
    expect(await answer(second.url)).toMatchObject({ name: 'perennial' });
  },
);

test('data of another major version is refused by name', async () => {
  const { folder, start } = arrange();
  const server = await start();
  await server.stop('fast');
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '17\n');
  await expect(start()).rejects.toThrow(/was written by PostgreSQL 17; this one is 18/);
});
