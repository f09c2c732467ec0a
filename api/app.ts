import { randomUUID } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { httpLimits } from '../contracts/http/shared.ts';
import { createAccess } from './access.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { HttpProblem, notFound, unavailable } from './problem.ts';
import { answerProblem } from './problem-answer.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { healthRoutes } from './routes/health.ts';
import { modelRoutes } from './routes/models.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { predictRoutes } from './routes/predict.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { runArtifactRoutes } from './routes/run-artifacts.ts';
import { runEventRoutes } from './routes/run-events.ts';
import { runRoutes } from './routes/runs.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { uploadRoutes } from './routes/uploads.ts';

/** The whole interface, without a process: what is called in tests is what a server serves. */
export function createApp(deps: AppDependencies) {
  const app = new OpenAPIHono<AppEnv>();
  app.onError((error, c) => answerProblem(c, error, deps.logger));
  app.notFound((c) => answerProblem(c, notFound(`nothing is at ${c.req.method} ${c.req.path}`), deps.logger));
  app.use(identifyRequest);
  app.use(observe(deps));
  app.use(secureHeaders({ crossOriginResourcePolicy: 'same-origin', xFrameOptions: 'DENY' }));
  app.use(createAccess(deps));
  app.use(boundBody);
  app.use('/api/*', boundWait(deps));
  return app
    .route('/', healthRoutes(deps))
    .route('/', pipelineRoutes(deps))
    .route('/', runRoutes(deps))
    .route('/', runEventRoutes(deps))
    .route('/', runArtifactRoutes(deps))
    .route('/', uploadRoutes(deps))
    .route('/', modelRoutes(deps))
    .route('/', deploymentRoutes(deps))
    .route('/', predictRoutes(deps))
    .route('/', predictionRoutes(deps))
    .route('/', scheduleRoutes(deps))
    .route(
      '/',
      documentationRoutes(() => app.getOpenAPI31Document(documentHead)),
    )
    .route('/', dashboardRoutes(deps.dashboardFolder));
}

/** What a client typed by it knows of the routes. */
export type App = ReturnType<typeof createApp>;

const documentHead = {
  openapi: '3.1.0',
  info: {
    title: 'Perennial',
    version: '1',
    description:
      'Train, gate, promote, serve and retrain models. Errors are RFC 9457 problem details; lists take `limit` and `cursor`; every answer carries `x-request-id`.',
  },
  servers: [{ url: '/' }],
};

const givenId = /^[\w.:-]{1,100}$/;

const identifyRequest = createMiddleware<AppEnv>(async (c, next) => {
  const given = c.req.header('x-request-id');
  const requestId = given !== undefined && givenId.test(given) ? given : randomUUID();
  c.set('requestId', requestId);
  c.header('x-request-id', requestId);
  await next();
});

const observe = ({ metrics, logger }: AppDependencies) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const startedMs = performance.now();
    await next();
    const ms = performance.now() - startedMs;
    const status = c.res.status;
    // The pattern, not the path: a label a run would be without bound.
    const labels = { method: c.req.method, route: status === 404 ? 'none' : routePath(c), status };
    metrics.requests.observe(labels, ms / 1000);
    if (status >= 400) metrics.errors.inc(labels);
    logger.debug(
      { ...labels, path: c.req.path, ms: Math.round(ms * 10) / 10, requestId: c.get('requestId') },
      'answered',
    );
  });

/**
 * No request waits for a database that does not answer. What was asked of it may still happen once it is back: the
 * `Idempotency-Key` is for asking again.
 */
const boundWait = ({ databaseWatch }: AppDependencies) =>
  createMiddleware<AppEnv>(async (_, next) => {
    const problem = () => unavailable('the database does not answer', 2);
    if (databaseWatch.isAway()) throw problem();
    let stopWatching = (): void => undefined;
    const away = new Promise<never>((_resolve, reject) => {
      stopWatching = databaseWatch.onAway(() => reject(problem()));
    });
    try {
      await Promise.race([next(), away]);
    } finally {
      stopWatching();
    }
  });

const tooLarge = (): never => {
  throw new HttpProblem(413, `the body has over ${httpLimits.jsonBody} bytes, which is the limit`);
};
const countBody = bodyLimit({ maxSize: httpLimits.jsonBody, onError: tooLarge });

/**
 * Uploads have a bound of their own and are never held in memory. A declared length is enough, for the server reads
 * no more than that; counting the bytes would make a whole `Request` of the platform for every prediction.
 */
const boundBody = createMiddleware<AppEnv>((c, next) => {
  if (c.req.method === 'GET' || c.req.path === '/api/v1/uploads') return next();
  const length = c.req.header('content-length');
  if (length === undefined || c.req.header('transfer-encoding') !== undefined) return countBody(c, next);
  return Number(length) > httpLimits.jsonBody ? tooLarge() : next();
});
