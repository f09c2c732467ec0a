import { createRoute, z } from '@hono/zod-openapi';
import { predictRequestSchema, predictResponseSchema } from '../../contracts/http/predictions.ts';
import { jsonAnswer, jsonBody, problemsOf } from '../answers.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { refuseFailed } from '../validation.ts';

const predict = createRoute({
  method: 'post',
  path: '/api/v1/models/{pipeline}/predict',
  tags: ['Predictions'],
  summary: 'Predict for one instance or up to ten thousand',
  description:
    'The predictions are stored before they are answered, in the order asked. `instanceSchema` and `example` of the pipeline show what an instance is.',
  request: { params: z.object({ pipeline: z.string() }), body: jsonBody(predictRequestSchema) },
  responses: {
    200: jsonAnswer(predictResponseSchema, 'The predictions'),
    ...problemsOf(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

export function predictRoutes({ catalog, predict: answer, metrics }: AppDependencies) {
  // The pipeline's own schema refuses texts that cannot be stored.
  return createRoutes(refuseFailed).openapi(predict, async (c) => {
    const entry = findPipeline(catalog, c.req.valid('param').pipeline);
    const stop = metrics.predictionSeconds.startTimer({ pipeline: entry.name });
    const { instances, version } = c.req.valid('json');
    const answered = await answer({ entry, instances, version, requestId: c.get('requestId') });
    stop();
    return c.json(answered, 200);
  });
}
