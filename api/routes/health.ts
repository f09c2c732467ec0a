import { createRoute, z } from '@hono/zod-openapi';
import { sql } from 'drizzle-orm';
import { type Readiness, readinessSchema } from '../../contracts/http/health.ts';
import { jsonAnswer } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { describeFault } from '../database-fault.ts';

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

export function healthRoutes({ db, temporal, production, catalog, metrics }: AppDependencies) {
  const postgres = (): Promise<State> =>
    stateOf(async () => {
      await db.execute(sql`select 1 from runs, predictions limit 1`);
    });
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
      return c.json(
        { status: isReady ? ('ready' as const) : ('unready' as const), dependencies },
        isReady ? 200 : 503,
        isReady ? {} : { 'retry-after': '2' },
      );
    })
    .openapi(metricsRoute, async (c) => {
      for (const { name } of catalog.values()) {
        metrics.production.set({ pipeline: name }, production.version(name) ?? 0);
      }
      return c.text(await metrics.registry.metrics(), 200, { 'content-type': metrics.registry.contentType });
    });
}

const limitMs = 3_000;

async function stateOf(probe: () => Promise<void>): Promise<State> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
    });
    await Promise.race([probe(), late]);
    return { state: 'ok', detail: null };
  } catch (error) {
    return { state: 'down', detail: describeFault(error) };
  } finally {
    clearTimeout(timer);
  }
}
