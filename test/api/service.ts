import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { expect } from 'vitest';
import type { z } from 'zod';
import { createApp } from '../../api/app.ts';
import { createCatalog } from '../../api/catalog.ts';
import type { AppDependencies } from '../../api/context.ts';
import { createDatabaseWatch } from '../../api/database-watch.ts';
import { createMetrics } from '../../api/metrics.ts';
import { createReviewIntake } from '../../api/reviews/intake.ts';
import { createRunEvents } from '../../api/run-events.ts';
import { createServing } from '../../api/serving/serving.ts';
import { createTemporalGateway } from '../../api/temporal.ts';
import type { ScoringVersion } from '../../contracts/reviews.ts';
import { createDatabaseClient } from '../../db/client.ts';
import { readReviewSettings } from '../../pipelines/settings-file.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createTestDatabase } from '../environment/test-database.ts';
import { valuation, wellness } from './pipelines.ts';

/** The whole interface on a database of its own; requests go to it without a socket. */
export async function startService(options: {
  /** Absent: no server is there, as when Temporal is down. */
  temporal?: { address: string; namespace: string };
  maxReviewBacklog?: number;
  scoringVersion?: ScoringVersion;
  change?: Partial<AppDependencies>;
}) {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'perennial-api-'));
  const client = createDatabaseClient({ url: database.url, poolSize: 5, applicationName: 'api-test' });
  const { address, namespace } = options.temporal ?? { address: '127.0.0.1:1', namespace: 'default' };
  const temporal = createTemporalGateway({
    connectionOptions: { address },
    namespace,
    deadlineMs: options.temporal === undefined ? 300 : 10_000,
  });
  const metrics = createMetrics({ processMetrics: false });
  const logger = pino({ level: 'silent' });
  const serving = createServing({ client, metrics, logger, replicaId: randomUUID() });
  const stopping = new AbortController();
  const catalog = createCatalog(new Map([valuation, wellness].map((pipeline) => [pipeline.name, pipeline])));
  const store = await createFolderStore(folder);
  const databaseWatch = createDatabaseWatch({ ping: () => client.db.execute(sql`select 1`), logger });
  const scoringVersion = async () => options.scoringVersion ?? null;
  const deps: AppDependencies = {
    db: client.db,
    databaseWatch,
    store,
    temporal,
    catalog,
    readCollectors: () => ({ collectors: new Map(), problems: [] }),
    production: serving.production,
    predict: serving.predict,
    runEvents: createRunEvents(client, (error) => {
      throw error;
    }),
    reviewIntake: createReviewIntake({
      db: client.db,
      maxBacklog: options.maxReviewBacklog ?? 100_000,
      onBatches: () => undefined,
      nowMs: Date.now,
    }),
    scoringVersion,
    driftSettings: readReviewSettings(undefined).drift,
    metrics,
    logger,
    apiKeys: [],
    allowedHosts: [],
    sourceRoots: [],
    sourceHosts: [],
    temporalUiUrl: 'http://127.0.0.1:8233',
    dashboardFolder: undefined,
    stopping: stopping.signal,
    ...options.change,
  };
  const app = createApp(deps);
  return {
    ...deps,
    app,
    client,
    get: (path: string, headers: Record<string, string> = {}) => app.request(path, { headers }),
    send: (path: string, body?: unknown, headers: Record<string, string> = {}, method = 'POST') =>
      app.request(path, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    async stop() {
      stopping.abort();
      await serving.close();
      await temporal.close();
      databaseWatch.close();
      await client.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type Service = Awaited<ReturnType<typeof startService>>;

/** Waits for what another connection brings about. */
export async function eventually<T>(
  read: () => Promise<T | undefined> | T | undefined,
  limitMs = 15_000,
): Promise<T> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const found = await read();
    if (found !== undefined) return found;
    if (Date.now() > endMs) throw new Error(`nothing came within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The body of an answer, held to the contract. */
export async function readAs<Schema extends z.ZodType>(
  schema: Schema,
  answer: Response | Promise<Response>,
  status = 200,
): Promise<z.output<Schema>> {
  const response = await answer;
  const text = await response.text();
  expect(response.status, text).toBe(status);
  return schema.parse(JSON.parse(text));
}
