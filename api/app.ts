import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { type Admit, createAccess } from './access.ts';
import { securityHeaders } from './answer-headers.ts';
import { boundBody, streamedPaths } from './body-bound.ts';
import type { AppDependencies, AppEnv } from './context.ts';
import { whileDatabaseAnswers } from './database-watch.ts';
import { checkJson, refusePacked } from './json-body.ts';
import { createMethods, type MethodsOf } from './methods.ts';
import { createObserve, type Observe } from './observe.ts';
import { HttpProblem, notFound } from './problem.ts';
import { answerProblem } from './problem-answer.ts';
import { requestIdOf } from './request-id.ts';
import { collectorRoutes } from './routes/collectors.ts';
import { dashboardRoutes } from './routes/dashboard.ts';
import { deploymentRoutes } from './routes/deployments.ts';
import { documentationRoutes } from './routes/documentation.ts';
import { healthRoutes } from './routes/health.ts';
import { modelRoutes } from './routes/models.ts';
import { pipelineRoutes } from './routes/pipelines.ts';
import { createPredictHandler, predictRoute, predictRoutes } from './routes/predict.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { reviewDriftRoutes } from './routes/review-drift.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { runArtifactRoutes } from './routes/run-artifacts.ts';
import { runEventRoutes } from './routes/run-events.ts';
import { runRoutes } from './routes/runs.ts';
import { scheduleRoutes } from './routes/schedules.ts';
import { searchRoutes } from './routes/searches.ts';
import { snapshotRoutes } from './routes/snapshots.ts';
import { uploadRoutes } from './routes/uploads.ts';

/** The whole interface, without a process: what is called in tests is what a server serves. */
export function createApp(deps: AppDependencies) {
  const app = new OpenAPIHono<AppEnv>();
  app.onError((error, c) => answerProblem(c, error, deps.logger));
  let methodsOf: MethodsOf | undefined;
  app.notFound((c) => {
    methodsOf ??= createMethods(app.routes);
    const allow = methodsOf(c.req.path);
    if (allow.length === 0) return answerProblem(c, notFound(`nothing is at ${c.req.path}`), deps.logger);
    if (c.req.method === 'OPTIONS') return c.body(null, 204, { allow: allow.join(', ') });
    const detail = `${c.req.path} takes ${allow.join(' and ')}, not ${c.req.method}`;
    return answerProblem(c, new HttpProblem(405, detail, { allow }), deps.logger);
  });
  const admit = createAccess(deps);
  const observe = createObserve(deps);
  // Before the middleware, whose rules it applies itself: each that a prediction passes costs it microseconds.
  app.post(predictRoute.getRoutingPath(), createPredictHandler({ ...deps, admit, observe }));
  app.use(identifyRequest);
  app.use(observeRequest(observe));
  app.use(secureAnswer);
  app.use(admitRequest(admit));
  app.use(boundBody);
  app.use('/api/*', boundWait(deps));
  app.on(['POST', 'PUT', 'DELETE'], '/api/*', checkBody);
  return app
    .route('/', healthRoutes(deps))
    .route('/', pipelineRoutes(deps))
    .route('/', runRoutes(deps))
    .route('/', searchRoutes(deps))
    .route('/', runEventRoutes(deps))
    .route('/', runArtifactRoutes(deps))
    .route('/', uploadRoutes(deps))
    .route('/', reviewRoutes(deps))
    .route('/', reviewDriftRoutes(deps))
    .route('/', snapshotRoutes(deps))
    .route('/', modelRoutes(deps))
    .route('/', deploymentRoutes(deps))
    .route('/', predictRoutes())
    .route('/', predictionRoutes(deps))
    .route('/', scheduleRoutes(deps))
    .route('/', collectorRoutes(deps))
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

const identifyRequest = createMiddleware<AppEnv>(async (c, next) => {
  const requestId = requestIdOf(c.req);
  c.set('requestId', requestId);
  c.header('x-request-id', requestId);
  await next();
});

const observeRequest = (observe: Observe) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const startedMs = performance.now();
    await next();
    const status = c.res.status;
    observe(c, { status, ms: performance.now() - startedMs });
  });

/** After the route, whatever it has set. */
const secureAnswer = createMiddleware<AppEnv>(async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(securityHeaders)) c.res.headers.set(name, value);
});

const admitRequest = (admit: Admit) =>
  createMiddleware<AppEnv>(async (c, next) => {
    const actor = admit(c.req);
    if (actor !== undefined) c.set('actor', actor);
    await next();
  });

/**
 * What was asked of a database that went away may still happen once it is back: the `Idempotency-Key` is for asking
 * again.
 */
const boundWait = ({ databaseWatch }: AppDependencies) =>
  createMiddleware<AppEnv>((_, next) => whileDatabaseAnswers(databaseWatch, next));

const checkBody = createMiddleware<AppEnv>(async (c, next) => {
  refusePacked(c.req);
  if (!streamedPaths.has(c.req.path)) await checkJson(c.req);
  await next();
});
