import { createRoute, z } from '@hono/zod-openapi';
import {
  driftMeasureRequestSchema,
  driftQuerySchema,
  driftRequestedSchema,
  reviewDriftSchema,
} from '../../contracts/http/review-drift.ts';
import { noScoringVersion } from '../../contracts/reviews.ts';
import { jsonAnswer, optionalJsonBody, problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { createCursor } from '../cursor.ts';
import { requestMonitoring } from '../drift-schedule.ts';
import { conflict } from '../problem.ts';
import { readDrift } from '../reviews/drift.ts';

const tags = ['Reviews'];
const path = '/api/v1/reviews/drift';

const show = createRoute({
  method: 'get',
  path,
  tags,
  summary:
    'How far reviews are, day by day, from what the model was trained on: words, length, rating and sentiment',
  request: { query: driftQuerySchema },
  responses: {
    200: jsonAnswer(reviewDriftSchema, 'A page of days, the latest first'),
    ...problemsOf(400, 401, 503),
  },
});

const measure = createRoute({
  method: 'post',
  path,
  tags,
  summary: 'Measure the days that have changed now; one measurement runs at a time',
  request: { body: optionalJsonBody(driftMeasureRequestSchema) },
  responses: {
    202: jsonAnswer(driftRequestedSchema, 'Begun, or under way'),
    ...problemsOf(400, 401, 409, 415, 422, 503),
  },
});

const driftCursor = createCursor('drift', z.iso.date());

export function reviewDriftRoutes(deps: AppDependencies) {
  const { db, temporal, scoringVersion, driftSettings } = deps;
  return createRoutes()
    .openapi(show, async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const by = await scoringVersion();
      const after = driftCursor.decode(cursor);
      const { hasMore, ...page } = await readDrift(db, by, { ...filter, rule: driftSettings, after, limit });
      const last = page.items.at(-1);
      const nextCursor = hasMore && last !== undefined ? driftCursor.encode(last.day) : null;
      return c.json({ ...page, nextCursor }, 200);
    })
    .openapi(measure, async (c) => {
      if ((await scoringVersion()) === null) throw conflict(noScoringVersion);
      const { workflowId } = await requestMonitoring(temporal);
      return c.json({ workflowId, links: { drift: path, temporal: temporalLink(deps, workflowId) } }, 202);
    });
}
