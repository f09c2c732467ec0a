import { createRoute, z } from '@hono/zod-openapi';
import {
  predictionDetailSchema,
  predictionListSchema,
  predictionQuerySchema,
} from '../../contracts/http/predictions.ts';
import { findModelVersion } from '../../db/queries/model-views.ts';
import { findPrediction, listPredictions } from '../../db/queries/predictions.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { createCursor, timeAndId, toPage } from '../cursor.ts';
import { notFound } from '../problem.ts';
import { timeOfId } from '../serving/prediction-id.ts';
import { toLineage, toPrediction, toPredictionOutput } from '../views.ts';

const tags = ['Predictions'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/predictions',
  tags,
  summary: 'The work list that tiers make: predictions, newest first',
  request: { query: predictionQuerySchema },
  responses: { 200: jsonAnswer(predictionListSchema, 'A page of predictions'), ...problemsOf(400, 401, 503) },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/predictions/{id}',
  tags,
  summary: 'What was predicted, by which version, from which data',
  request: { params: z.object({ id: z.string() }) },
  responses: { 200: jsonAnswer(predictionDetailSchema, 'The prediction'), ...problemsOf(401, 404, 503) },
});

const idSchema = z.uuidv7();

const predictionsCursor = createCursor('predictions', timeAndId);

export function predictionRoutes({ db }: AppDependencies) {
  return createRoutes()
    .openapi(list, async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const rows = await listPredictions(db, {
        ...filter,
        after: predictionsCursor.decode(cursor),
        limit,
      });
      const page = toPage({
        rows,
        limit,
        toItem: toPrediction,
        cursor: predictionsCursor,
        keyOf: ({ at, id }): [string, string] => [at, id],
      });
      return c.json(page, 200);
    })
    .openapi(show, async (c) => {
      const { id } = c.req.valid('param');
      const row = idSchema.safeParse(id).success ? await findPrediction(db, id, timeOfId(id)) : null;
      if (row === null) throw notFound(`no prediction has the id "${id}"`);
      const version = await findModelVersion(db, row.pipeline, row.version);
      return c.json(
        {
          ...toPrediction(row),
          output: toPredictionOutput(row),
          lineage: version === null ? null : toLineage(version.lineage),
          verdict: version?.verdict ?? null,
        },
        200,
      );
    });
}
