import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { type Readiness, readinessSchema } from '../../contracts/http/health.ts';
import { respects } from '../../ml/drift/alerts.ts';
import { jsonAnswer } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { describeFault } from '../database-fault.ts';
import { endsWithin } from '../ends-within.ts';
import { isJudged, judgeDrift } from '../reviews/drift.ts';

type State = Readiness['dependencies']['postgres'];
const tags = ['Health'];

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  tags,
  summary: 'Whether the process is alive',
  responses: { 200: jsonAnswer(z.object({ status: z.literal('ok') }), 'Alive') },
});

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  tags,
  summary:
    'Whether Postgres and Temporal can be reached and the models are loaded, each named with its state',
  responses: {
    200: jsonAnswer(readinessSchema, 'Ready'),
    503: jsonAnswer(readinessSchema, 'Not ready; `dependencies` says why'),
  },
});

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  tags,
  summary: 'Counts and latencies for Prometheus',
  responses: { 200: { description: 'Prometheus text', content: { 'text/plain': { schema: z.string() } } } },
});

export function healthRoutes(deps: AppDependencies) {
  const { db, databaseWatch, temporal, production, catalog, metrics, stopping } = deps;
  const readTables = shareUnderWay(async () => {
    await db.execute(sql`select 1 from runs, predictions limit 1`);
  });
  const postgres = (): Promise<State> =>
    databaseWatch.isAway()
      ? Promise.resolve({ state: 'down', detail: 'the database does not answer' })
      : stateOf(readTables);
  const temporalState = (): Promise<State> =>
    stateOf(async () => {
      await temporal.call(({ workflowService }) =>
        workflowService.describeNamespace({ namespace: temporal.namespace }),
      );
    });
  return createRoutes()
    .openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(readyz, async (c) => {
      const [postgresState, temporalFound] = await Promise.all([postgres(), temporalState()]);
      const dependencies = { postgres: postgresState, temporal: temporalFound, models: production.state() };
      const isReady = Object.values(dependencies).every(({ state }) => state === 'ok');
      if (isReady && !stopping.aborted) return c.json({ status: 'ready' as const, dependencies }, 200);
      const status = stopping.aborted ? ('draining' as const) : ('unready' as const);
      return c.json({ status, dependencies }, 503, { 'retry-after': '2' });
    })
    .openapi(metricsRoute, async (c) => {
      for (const { name } of catalog.values()) {
        metrics.production.set({ pipeline: name }, production.version(name) ?? 0);
      }
      if (!databaseWatch.isAway()) await reportDrift(deps).catch(() => undefined);
      return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
    });
}

/** The latest day of reviews that can be judged; without one nothing is told. */
async function reportDrift({ db, scoringVersion, driftSettings, metrics }: AppDependencies): Promise<void> {
  metrics.driftDistance.reset();
  metrics.driftAlert.reset();
  const by = await scoringVersion();
  if (by === null) return;
  const latest = (await judgeDrift(db, by, driftSettings)).find(isJudged);
  for (const respect of respects) {
    const test = latest?.tests[respect];
    if (test === undefined) continue;
    metrics.driftDistance.set({ respect }, test.distance);
    metrics.driftAlert.set({ respect }, latest?.judged[respect]?.alert === true ? 1 : 0);
  }
}

/** Probes come every second or so: one that hangs must not take a connection for each. */
function shareUnderWay(probe: () => Promise<void>): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  return () => {
    underWay ??= probe().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

const limitMs = 3_000;

async function stateOf(probe: () => Promise<void>): Promise<State> {
  try {
    if (await endsWithin(probe(), limitMs)) return { state: 'ok', detail: null };
    return { state: 'down', detail: `no answer within ${limitMs} ms` };
  } catch (error) {
    return { state: 'down', detail: describeFault(error) };
  }
}
