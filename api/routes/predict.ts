import { createRoute, z } from '@hono/zod-openapi';
import { predictRequestSchema, predictResponseSchema } from '../../contracts/http/predictions.ts';
import { jsonAnswer, jsonBody, problemsOf } from '../answers.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { readJsonBody } from '../json-body.ts';

const predict = createRoute({
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

/**
 * Not by `openapi()`, which parses, copies and checks a body before the handler sees it: a big one goes to a thread
 * as it came. The schemas are the same.
 */
export function predictRoutes({ catalog, predict: answer, metrics }: AppDependencies) {
  const routes = createRoutes();
  routes.openAPIRegistry.registerPath(predict);
  return routes.post(predict.getRoutingPath(), async (c) => {
    const entry = findPipeline(catalog, c.req.param('pipeline'));
    const stop = metrics.predictionSeconds.startTimer({ pipeline: entry.name });
    const body = await readJsonBody(c.req);
    const json = await answer({ entry, body, requestId: c.get('requestId') });
    stop();
    return c.body(json, 200, { 'content-type': 'application/json' });
  });
}
