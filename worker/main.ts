import { readFileSync } from 'node:fs';
import { DefaultLogger, type NativeConnection, Runtime } from '@temporalio/worker';
import { createActivities } from '../activities/create-activities.ts';
import { readCollectors } from '../collectors/load-collectors.ts';
import { readConfigOrExit } from '../config/config.ts';
import { createLogger } from '../config/logger.ts';
import { compiledFile } from '../config/paths.ts';
import { temporalConnectionOptions } from '../config/temporal.ts';
import { createDatabaseClient } from '../db/client.ts';
import { openPipelines } from '../pipelines/open-pipelines.ts';
import { blobFolder } from '../store/blob-folder.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { createThreadPool } from '../threads/pool.ts';
import { connectTemporal } from './connect.ts';
import { createWorkers } from './create-workers.ts';
import { runWorkers } from './run-workers.ts';
import { createPages, createSourceReaders } from './source-readers.ts';

/** Composition root of the worker process, compiled; runs until SIGTERM, or until the process that started it is gone. */
const config = readConfigOrExit();
const logger = createLogger({ level: config.logLevel, name: 'worker' });
const stopping = new AbortController();
const stop = (reason: string): void => {
  if (stopping.signal.aborted) return;
  logger.info({ reason }, 'stopping');
  stopping.abort();
};
process.on('disconnect', () => stop('the process that started the worker is gone'));
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));

async function main(): Promise<void> {
  if (config.databaseUrl === undefined)
    throw new Error('DATABASE_URL is not set; the worker needs a database');
  Runtime.install({
    logger: new DefaultLogger('WARN', ({ level, message, meta }) =>
      logger[level === 'ERROR' ? 'error' : 'warn']({ temporal: meta }, message),
    ),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'WARN' }, forward: {} } },
    // Handled above, so that a worker that is still connecting stops as well.
    shutdownSignals: [],
  });

  const folder = blobFolder(config);
  const pipelines = openPipelines(config, ({ message }) =>
    logger.error({ problems: message }, 'added pipelines are not taken up'),
  );
  const database = createDatabaseClient({
    url: config.databaseUrl,
    poolSize: 10,
    applicationName: 'perennial-worker',
  });
  const threads = createThreadPool({ size: config.cpuSlots, blobFolder: folder });
  const { namespace, connectionOptions } = temporalConnectionOptions(config);
  let connection: NativeConnection | undefined;
  try {
    const [store] = await Promise.all([createFolderStore(folder), threads.warm()]);
    connection = await connectTemporal(connectionOptions, { logger, signal: stopping.signal });
    const workers = await createWorkers({
      connection,
      namespace,
      bundlePath: compiledFile('workflow-bundle.js'),
      activities: createActivities({
        db: database.db,
        store,
        pipelines,
        sources: createSourceReaders(database.db, config),
        pages: createPages(config),
        readCollectors: () => readCollectors(config),
        sourceRoots: config.sourceRoots,
        threads,
        logger,
        // The hash of the sources that this build was made from.
        codeVersion: readFileSync(compiledFile('.build-hash'), 'utf8').trim(),
        stepCode: readFileSync(compiledFile('.step-code'), 'utf8').trim(),
        nowMs: Date.now,
      }),
      cpuSlots: config.cpuSlots,
    });
    const running = runWorkers(workers, stopping.signal);
    process.send?.({ type: 'ready' });
    const { cpuSlots, settingsFile } = config;
    logger.info({ pipelines: [...pipelines.keys()], cpuSlots, settingsFile }, 'ready');
    await running;
  } finally {
    // Without it the process would stay alive.
    await connection?.close();
    await threads.close();
    await database.close();
  }
}

try {
  await main();
} catch (error) {
  if (!stopping.signal.aborted) {
    logger.fatal({ err: error }, 'the worker cannot run');
    process.exitCode = 1;
  }
}
// The supervisor's channel would keep the process alive.
if (process.connected) process.disconnect();
