import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { endProcess, isAlive, readProcessFile, waitUntil } from '../../local/processes.ts';
import { describeTemporal, testTemporal } from '../environment/test-temporal.ts';
import { type Command, createTestFolder, freePortVariables, startCommand } from './command.ts';

// Most tests start the whole service, or stop it.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ready = 'Ready in';
const folders: { remove(): void }[] = [];
const commands: Command[] = [];

/** Variables of a home of its own. */
async function arrange() {
  const folder = createTestFolder();
  folders.push(folder);
  return {
    ...(await freePortVariables()),
    PERENNIAL_HOME: join(folder.path, 'home'),
    TEMPORAL_CLI_PATH: testTemporal().binaryPath,
  };
}

afterAll(async () => {
  for (const { pid } of commands) {
    if (isAlive(pid)) await endProcess({ pid, graceMs: 60_000 });
  }
  for (const folder of folders) folder.remove();
});

const processesOf = (home: string) =>
  ['api.pid', 'worker.pid', 'temporal.pid'].map((file) => readProcessFile(join(home, file))?.pid);
const postgresPid = (home: string) =>
  Number(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

async function stop(command: Command) {
  process.kill(command.pid, 'SIGINT');
  expect(await command.ended()).toBe(0);
}

// One home and its service, from test to test as the one before has left it.
describeTemporal('the start command', () => {
  let variables: Awaited<ReturnType<typeof arrange>>;
  let home: string;
  let serving: Command;
  const start = (of = variables): Command => {
    const command = startCommand(of);
    commands.push(command);
    return command;
  };
  beforeAll(async () => {
    variables = await arrange();
    home = variables.PERENNIAL_HOME;
    serving = start();
    await serving.says(ready);
  });

  test('a second command for the same home names the first one', async () => {
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`served already by process ${serving.pid}`);
    expect(second.output()).toContain('Dashboard: http://127.0.0.1:');
  });

  test('a port that was asked for and is taken ends the start with its holder', async () => {
    const taken = /http:\/\/127\.0\.0\.1:(\d+)\/docs/.exec(serving.output())?.[1] ?? '';
    const second = start({ ...(await arrange()), PORT: taken });
    expect(await second.ended()).toBe(1);
    expect(second.output()).toMatch(
      new RegExp(`port ${taken} for the API is held by .*api/main\\.js \\(pid \\d+\\)`),
    );
    expect(second.output()).toContain('choose another port by PORT');
  });

  test('stops everything on the first signal and finds everything again at the next start', async () => {
    const pids = [...processesOf(home), postgresPid(home)];
    expect(pids.every((pid) => pid !== undefined && isAlive(pid))).toBe(true);
    const connection = await Connection.connect({ address: `127.0.0.1:${variables.TEMPORAL_PORT}` });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);

    await stop(serving);
    expect(pids.some((pid) => pid !== undefined && isAlive(pid))).toBe(false);

    serving = start();
    await serving.says(ready);
    expect(serving.output()).toContain(`http://127.0.0.1:${variables.PORT}/`);
    expect(serving.output()).not.toContain('still running');
  });

  test('takes over what a killed command has left running', async () => {
    const database = postgresPid(home);
    const [, , temporal] = processesOf(home);
    process.kill(serving.pid, 'SIGKILL');
    await serving.ended();

    serving = start();
    await serving.says(ready);
    expect(serving.output()).toContain(`PostgreSQL was still running (pid ${database}): taken over`);
    expect(serving.output()).toContain(`Temporal was still running (pid ${temporal}): ended`);
    expect(postgresPid(home)).toBe(database);
    const password = readFileSync(join(home, 'postgres', 'password'), 'utf8');
    const sql = postgres(`postgres://perennial:${password}@127.0.0.1:${variables.POSTGRES_PORT}/perennial`);
    const [row] = await sql<{ runs: string }[]>`select count(*) as runs from runs`;
    await sql.end();
    expect(row?.runs).toBe('0');
    await stop(serving);
    expect(isAlive(database)).toBe(false);
  });

  test('starts a killed worker, API, Temporal server and PostgreSQL again', async () => {
    serving = start();
    await serving.says(ready);
    const before = [...processesOf(home), postgresPid(home)];
    for (const pid of before) if (pid !== undefined) process.kill(pid, 'SIGKILL');
    await waitUntil(
      () => {
        try {
          const after = [...processesOf(home), postgresPid(home)];
          const replaced = after.every(
            (pid, index) => pid !== undefined && pid !== before[index] && isAlive(pid),
          );
          return replaced || undefined;
        } catch {
          // The lock file of PostgreSQL is being replaced.
          return undefined;
        }
      },
      { withinMs: 45_000, what: `four new processes\n${serving.output()}` },
    );
    await stop(serving);
  });
});
