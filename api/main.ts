import { randomUUID } from 'node:crypto';
import { readCollectors } from '../collectors/load-collectors.ts';
import { readConfigOrExit } from '../config/config.ts';
import { createLogger } from '../config/logger.ts';
import { compiledFile } from '../config/paths.ts';
import { temporalConnectionOptions } from '../config/temporal.ts';
import { createDatabaseClient } from '../db/client.ts';
import { createDatabaseProbe } from '../db/probe.ts';
import { openPipelines } from '../pipelines/open-pipelines.ts';
import { readReviewSettings } from '../pipelines/settings-file.ts';
import { blobFolder } from '../store/blob-folder.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { createApp } from './app.ts';
import { createCatalog } from './catalog.ts';
import { createDatabaseWatch } from './database-watch.ts';
import { endsWithin } from './ends-within.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createMetrics } from './metrics.ts';
import { createDispatch } from './reviews/dispatch-batches.ts';
import { createReviewIntake } from './reviews/intake.ts';
import { createReviewQueue } from './reviews/review-queue.ts';
import { findScoringVersion } from './reviews/scoring-version.ts';
import { createRunEvents } from './run-events.ts';
import { listen } from './server.ts';
import { createServing } from './serving/serving.ts';
import { createTemporalGateway } from './temporal.ts';

/** Composition root of the API process, compiled; runs until SIGTERM, or until the process that started it is gone. */
const config = readConfigOrExit();
const logger = createLogger({ level: config.logLevel, name: 'api' });
const stopping = new AbortController();
/** No request asks the database for anything that takes so long. */
const statementLimitSeconds = 15;
/** A database or a Temporal that hangs must not keep a process whose requests are all answered. */
const closeLimitMs = 4_000;
const stop = (reason: string): void => {
  if (stopping.signal.aborted) return;
  logger.info({ reason }, 'stopping');
  stopping.abort();
};
process.on('disconnect', () => stop('the process that started the API is gone'));
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));

async function main(): Promise<void> {
  const { databaseUrl } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set; the API needs a database');
  const pipelines = openPipelines(config, ({ message }) =>
    logger.error({ problems: message }, 'added pipelines are not taken up'),
  );
  const catalog = createCatalog(pipelines);
  const { drift: driftSettings } = readReviewSettings(config.settingsFile);
  const store = await createFolderStore(blobFolder(config));
  const replicaId = randomUUID();
  const applicationName = `perennial-api ${replicaId}`;
  const client = createDatabaseClient({ url: databaseUrl, poolSize: 10, applicationName });
  const probe = createDatabaseProbe({ url: databaseUrl, applicationName, statementLimitSeconds });
  const databaseWatch = createDatabaseWatch({ ping: probe.ask, onBack: client.closeSilent, logger });
  const temporal = createTemporalGateway(temporalConnectionOptions(config));
  const metrics = createMetrics({ processMetrics: true });
  const serving = createServing({ client, metrics, logger, replicaId });
  const dispatch = createDispatch({ db: client.db, temporal, stopping: stopping.signal });
  const reviewQueue = createReviewQueue({
    databaseUrl,
    redisUrl: config.redisUrl,
    logger,
    deliver: dispatch.deliver,
  });
  const collectors = () => readCollectors(config);
  const housekeeping = createHousekeeping({
    db: client.db,
    reviewQueue,
    readCollectors: collectors,
    driftSettings,
    temporal,
    catalog,
    logger,
    predictionRetentionDays: config.predictionRetentionDays,
  });
  const scoringVersion = () => findScoringVersion(client.db, catalog);
  const app = createApp({
    db: client.db,
    databaseWatch,
    store,
    temporal,
    catalog,
    readCollectors: collectors,
    production: serving.production,
    predict: serving.predict,
    runEvents: createRunEvents(client, (error) =>
      logger.error({ err: error }, 'not listening for changes of runs yet'),
    ),
    reviewIntake: createReviewIntake({
      db: client.db,
      maxBacklog: config.reviewsMaxBacklog,
      onBatches: (batches) => reviewQueue.offer(batches.map(({ id }) => id)),
      nowMs: Date.now,
    }),
    scoringVersion,
    driftSettings,
    metrics,
    logger,
    apiKeys: config.apiKeys,
    allowedHosts: config.allowedHosts,
    sourceRoots: config.sourceRoots,
    sourceHosts: config.sourceHosts,
    temporalUiUrl: config.temporal.uiUrl,
    dashboardFolder: compiledFile('web'),
    stopping: stopping.signal,
  });
  const server = await listen(app, { host: config.host, port: config.port });
  process.send?.({ type: 'ready', port: server.port });
  const { host, settingsFile } = config;
  logger.info({ host, port: server.port, pipelines: [...pipelines.keys()], settingsFile }, 'listening');

  await new Promise<void>((resolve) => {
    if (stopping.signal.aborted) resolve();
    else stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  // Requests in flight are finished first, then what they wrote, then what they used.
  await server.close();
  databaseWatch.close();
  probe.close();
  const closing = (async () => {
    // First: what waits for Temporal is not waited for.
    await temporal.close();
    await housekeeping.close();
    await reviewQueue.close();
    await serving.close();
    await client.close();
  })();
  if (await endsWithin(closing, closeLimitMs)) logger.info('stopped');
  else logger.warn(`stopped, although something it used was not closed within ${closeLimitMs} ms`);
  process.exit();
}

try {
  await main();
} catch (error) {
  logger.fatal({ err: error }, 'the API cannot run');
  process.exitCode = 1;
}
// The supervisor's channel would keep the process alive.
if (process.connected) process.disconnect();
