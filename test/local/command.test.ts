import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import postgres from 'postgres';
import { afterEach, expect, test, vi } from 'vitest';
import { endProcess, isAlive, readProcessFile, waitUntil } from '../../local/processes.ts';
import { describeTemporal, testTemporal } from '../environment/test-temporal.ts';
import { type Command, createTestFolder, freePortVariables, startCommand } from './command.ts';

// Each test starts the whole service up to three times.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ready = 'Ready in';
const folders: { remove(): void }[] = [];
const commands: Command[] = [];

async function arrange() {
  const folder = createTestFolder();
  folders.push(folder);
  const home = join(folder.path, 'home');
  const variables = {
    ...(await freePortVariables()),
    PERENNIAL_HOME: home,
    TEMPORAL_CLI_PATH: testTemporal().binaryPath,
  };
  const start = () => {
    const command = startCommand(variables);
    commands.push(command);
    return command;
  };
  return { home, variables, start };
}

afterEach(async () => {
  for (const { pid } of commands.splice(0)) {
    if (isAlive(pid)) await endProcess({ pid, graceMs: 60_000 });
  }
  for (const folder of folders.splice(0)) folder.remove();
});

const processesOf = (home: string) =>
  ['api.pid', 'worker.pid', 'temporal.pid'].map((file) => readProcessFile(join(home, file))?.pid);
const postgresPid = (home: string) =>
  Number(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);

async function stop(command: Command) {
  process.kill(command.pid, 'SIGINT');
  expect(await command.ended()).toBe(0);
}

describeTemporal('the start command', () => {
  test('stops everything on the first signal and finds everything again at the next start', async () => {
    const { home, variables, start } = await arrange();
    const first = start();
    await first.says(ready);
    const pids = [...processesOf(home), postgresPid(home)];
    expect(pids.every((pid) => pid !== undefined && isAlive(pid))).toBe(true);
    const connection = await Connection.connect({ address: `127.0.0.1:${variables.TEMPORAL_PORT}` });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);

    await stop(first);
    expect(pids.some((pid) => pid !== undefined && isAlive(pid))).toBe(false);

    const second = start();
    await second.says(ready);
    expect(second.output()).toContain(`http://127.0.0.1:${variables.PORT}/`);
    expect(second.output()).not.toContain('still running');
    await stop(second);
  });

  test('a second command for the same home names the first one', async () => {
    const { start } = await arrange();
    const first = start();
    await first.says(ready);
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.output()).toContain(`served already by process ${first.pid}`);
    expect(second.output()).toContain('Dashboard: http://127.0.0.1:');
    await stop(first);
  });

  test('takes over what a killed command has left running', async () => {
    const { home, variables, start } = await arrange();
    const first = start();
    await first.says(ready);
    const database = postgresPid(home);
    const [, , temporal] = processesOf(home);
    process.kill(first.pid, 'SIGKILL');
    await first.ended();

    const second = start();
    await second.says(ready);
    expect(second.output()).toContain(`PostgreSQL was still running (pid ${database}): taken over`);
    expect(second.output()).toContain(`Temporal was still running (pid ${temporal}): ended`);
    expect(postgresPid(home)).toBe(database);
    const password = readFileSync(join(home, 'postgres', 'password'), 'utf8');
    const sql = postgres(`postgres://perennial:${password}@127.0.0.1:${variables.POSTGRES_PORT}/perennial`);
    const [row] = await sql<{ runs: string }[]>`select count(*) as runs from runs`;
    await sql.end();
    expect(row?.runs).toBe('0');
    await stop(second);
    expect(isAlive(database)).toBe(false);
  });

  test('starts a killed worker, API, Temporal server and PostgreSQL again', async () => {
    const { home, start } = await arrange();
    const command = start();
    await command.says(ready);
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
      { withinMs: 45_000, what: `four new processes\n${command.output()}` },
    );
    await stop(command);
  });

  test('a port that was asked for and is taken ends the start with its holder', async () => {
    const { start } = await arrange();
    const first = start();
    await first.says(ready);
    const other = await arrange();
    const taken = /http:\/\/127\.0\.0\.1:(\d+)\/docs/.exec(first.output())?.[1] ?? '';
    const second = startCommand({ ...other.variables, PORT: taken });
    commands.push(second);
    expect(await second.ended()).toBe(1);
    expect(second.output()).toMatch(
      new RegExp(`port ${taken} for the API is held by .*api/main\\.js \\(pid \\d+\\)`),
    );
    expect(second.output()).toContain('choose another port by PORT');
    await stop(first);
  });
});
