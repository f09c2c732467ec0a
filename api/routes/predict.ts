import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { predictRequestSchema, predictResponseSchema } from '../../contracts/http/predictions.ts';
import type { Admit } from '../access.ts';
import { securityHeaders } from '../answer-headers.ts';
import { jsonAnswer, jsonBody, problemsOf } from '../answers.ts';
import { boundBody } from '../body-bound.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, type AppEnv, createRoutes } from '../context.ts';
import { whileDatabaseAnswers } from '../database-watch.ts';
import { readJsonBody } from '../json-body.ts';
import type { Observe } from '../observe.ts';
import { answerProblem } from '../problem-answer.ts';
import { requestIdOf } from '../request-id.ts';

export const predictRoute = createRoute({
  method: 'post',
  path: '/api/v1/models/{pipeline}/predict',
  tags: ['Predictions'],
  summary: 'Predict for one instance or up to ten thousand',
  description:
    'The predictions are stored before they are answered, in the order asked. `instanceSchema` and `example` of the pipeline show what an instance is. With `explain` each comes with what its features add to it.',
  request: { params: z.object({ pipeline: z.string() }), body: jsonBody(predictRequestSchema) },
  responses: {
    200: jsonAnswer(predictResponseSchema, 'The predictions'),
    ...problemsOf(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

/** For the contract; requests are answered by the handler below. */
export function predictRoutes() {
  const routes = createRoutes();
  routes.openAPIRegistry.registerPath(predictRoute);
  return routes;
}

/**
 * Not by `openapi()`, which parses, copies and checks a body before the handler sees it, while a big one goes to a
 * thread as it came; and with the rules of the middleware, called as functions. The schemas are the same.
 */
export function createPredictHandler(
  deps: Pick<AppDependencies, 'catalog' | 'databaseWatch' | 'predict' | 'metrics' | 'logger'> & {
    admit: Admit;
    observe: Observe;
  },
) {
  const { catalog, databaseWatch, predict, metrics, logger, admit, observe } = deps;

  const answer = async (c: Context<AppEnv>, requestId: string): Promise<Response> => {
    const startedMs = performance.now();
    admit(c.req);
    let body: Uint8Array<ArrayBuffer> = noBytes;
    await boundBody(c, async () => {
      body = await readJsonBody(c.req);
    });
    const entry = findPipeline(catalog, c.req.param('pipeline') ?? '');
    const json = await whileDatabaseAnswers(databaseWatch, () => predict({ entry, body, requestId }));
    metrics.predictionSeconds.observe({ pipeline: entry.name }, (performance.now() - startedMs) / 1000);
    // With plain headers, which the server writes as they are.
    const headers = { ...securityHeaders, 'content-type': 'application/json', 'x-request-id': requestId };
    return new Response(json, { headers });
  };

  return async (c: Context<AppEnv>): Promise<Response> => {
    const startedMs = performance.now();
    const requestId = requestIdOf(c.req);
    c.set('requestId', requestId);
    let response: Response;
    try {
      response = await answer(c, requestId);
    } catch (error) {
      for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
      c.header('x-request-id', requestId);
      response = answerProblem(c, error, logger);
    }
    observe(c, { status: response.status, ms: performance.now() - startedMs });
    return response;
  };
}

const noBytes = new Uint8Array();
