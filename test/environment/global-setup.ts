import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { readConfig } from '../../config/config.ts';
import { testsMustAllRun } from '../../config/process-environment.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { freePort } from '../../local/ports.ts';
import { startPostgres } from '../../local/postgres-server.ts';
import { writeProcessFile } from '../../local/processes.ts';
import { createScreen } from '../../local/screen.ts';
import { ensureTemporalBinary, NoTemporalBinaryError } from '../../local/temporal-binary.ts';
import { startTemporal } from '../../local/temporal-server.ts';
import { makeSuiteFolder, removeAbandonedSuites } from './suite-folder.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The database that migrations were applied to: the template of each test file's own. */
    postgresUrl: string;
    temporal: { address: string; namespace: string; binaryPath: string } | { missing: string };
  }
}

const namespace = 'default';

/** One PostgreSQL and one Temporal server for the whole suite. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await removeAbandonedSuites(tmpdir());
  const folder = makeSuiteFolder(tmpdir());
  const stops: (() => Promise<void>)[] = [];
  const teardown = async () => {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [postgresUrl, temporal] = await Promise.all([
      startTestPostgres(folder, stops),
      startTestTemporal(folder, stops),
    ]);
    project.provide('postgresUrl', postgresUrl);
    project.provide('temporal', temporal);
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function startTestPostgres(folder: string, stops: (() => Promise<void>)[]): Promise<string> {
  const server = await startPostgres({
    folder: join(folder, 'postgres'),
    choosePort: () => freePort(),
    durable: false,
    say: () => undefined,
  });
  stops.push(() => server.stop('immediate'));
  writeProcessFile(join(folder, 'postgres.pid'), server.pid);
  await migrateDatabase(server.url);
  return server.url;
}

async function startTestTemporal(folder: string, stops: (() => Promise<void>)[]) {
  const { cliPath } = readConfig().temporal;
  try {
    const binary = await ensureTemporalBinary({ cliPath, screen: createScreen(process.stdout) });
    const server = await startTemporal({
      binary,
      databaseFile: undefined,
      namespace,
      port: await freePort(),
      uiPort: undefined,
      logFile: join(folder, 'temporal.log'),
      pidFile: join(folder, 'temporal.pid'),
    });
    stops.push(server.stop);
    return { address: server.address, namespace, binaryPath: binary.path };
  } catch (error) {
    if (!(error instanceof NoTemporalBinaryError) || testsMustAllRun()) throw error;
    process.stdout.write(`${error.message}\nThe tests that need Temporal are skipped.\n`);
    return { missing: error.message.split('\n')[0] ?? error.message };
  }
}
