import { createRoute, z } from '@hono/zod-openapi';
import {
  quarantineListSchema,
  quarantineQuerySchema,
  replayedSchema,
  replayRequestSchema,
  rescoredSchema,
  rescoreRequestSchema,
  reviewInsightsQuerySchema,
  reviewInsightsSchema,
  reviewListSchema,
  reviewQuerySchema,
  reviewSummaryQuerySchema,
  reviewSummarySchema,
  reviewsAcceptedSchema,
  reviewTopicsQuerySchema,
  reviewTopicsSchema,
} from '../../contracts/http/reviews.ts';
import { httpLimits } from '../../contracts/http/shared.ts';
import { reviewSchema } from '../../contracts/reviews.ts';
import { listQuarantine, listReviews, summariseReviews } from '../../db/queries/review-views.ts';
import { jsonAnswer, optionalJsonBody, problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { createCursor, timeAndId, toPage } from '../cursor.ts';
import { HttpProblem } from '../problem.ts';
import { readInsights } from '../reviews/insights.ts';
import type { ReviewFormat } from '../reviews/intake.ts';
import { beginRescoring } from '../reviews/rescore.ts';
import { readTopics } from '../reviews/topics.ts';
import { toQuarantined, toReview } from '../views.ts';

const tags = ['Reviews'];

const take = createRoute({
  method: 'post',
  path: '/api/v1/reviews',
  tags,
  summary: 'Take in reviews',
  description: `A JSON array, or NDJSON with a review a line; streamed, at most ${httpLimits.reviewBytes / 1024 ** 2} MiB and ${httpLimits.reviewRecords} records. Answered once every review is stored; each is checked by itself, and what is no review goes to quarantine while the others are taken. Sending the same again is harmless.`,
  request: {
    body: {
      required: true,
      content: {
        'application/json': { schema: z.array(reviewSchema) },
        'application/x-ndjson': { schema: reviewSchema },
      },
    },
  },
  responses: {
    202: jsonAnswer(reviewsAcceptedSchema, 'Stored'),
    ...problemsOf(400, 401, 413, 415, 429, 503),
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/reviews',
  tags,
  summary: 'Reviews and what the model says of them, the newest first',
  request: { query: reviewQuerySchema },
  responses: { 200: jsonAnswer(reviewListSchema, 'A page of reviews'), ...problemsOf(400, 401, 503) },
});

const summary = createRoute({
  method: 'get',
  path: '/api/v1/reviews/summary',
  tags,
  summary: 'How many reviews there are, by day, source and rating, and how they read',
  request: { query: reviewSummaryQuerySchema },
  responses: { 200: jsonAnswer(reviewSummarySchema, 'The summary'), ...problemsOf(400, 401, 503) },
});

const insights = createRoute({
  method: 'get',
  path: '/api/v1/reviews/insights',
  tags,
  summary: 'Which topics lower satisfaction most, which are on the rise, and how satisfaction went',
  request: { query: reviewInsightsQuerySchema },
  responses: { 200: jsonAnswer(reviewInsightsSchema, 'The insights'), ...problemsOf(400, 401, 503) },
});

const topics = createRoute({
  method: 'get',
  path: '/api/v1/reviews/topics',
  tags,
  summary: 'Topics of the version in production, with words, and what is written about each over time',
  description:
    'Without such a version, or where it has learned no topics, the list is empty and `message` says why.',
  request: { query: reviewTopicsQuerySchema },
  responses: { 200: jsonAnswer(reviewTopicsSchema, 'The topics'), ...problemsOf(400, 401, 503) },
});

const quarantine = createRoute({
  method: 'get',
  path: '/api/v1/reviews/quarantine',
  tags,
  summary: 'What was sent as a review and is none, with the reasons; the newest first',
  request: { query: quarantineQuerySchema },
  responses: { 200: jsonAnswer(quarantineListSchema, 'A page of records'), ...problemsOf(400, 401, 503) },
});

const replay = createRoute({
  method: 'post',
  path: '/api/v1/reviews/quarantine/replay',
  tags,
  summary: 'Read again what is in quarantine, by the rules of now, and score again what no model could score',
  request: { body: optionalJsonBody(replayRequestSchema) },
  responses: { 200: jsonAnswer(replayedSchema, 'What became of it'), ...problemsOf(400, 401, 415, 422, 503) },
});

const rescore = createRoute({
  method: 'post',
  path: '/api/v1/reviews/rescore',
  tags,
  summary: 'Score again, by the version in production, what an earlier one scored',
  request: { body: optionalJsonBody(rescoreRequestSchema) },
  responses: { 202: jsonAnswer(rescoredSchema, 'How many'), ...problemsOf(400, 401, 409, 415, 422, 503) },
});

const lines = /^application\/(?:x-)?(?:ndjson|jsonl|jsonlines)\s*(?:;|$)/i;
const array = /^application\/json\s*(?:;|$)/i;

function formatOf(type: string | undefined): ReviewFormat {
  if (type !== undefined && lines.test(type)) return 'lines';
  if (type !== undefined && array.test(type)) return 'array';
  const sent = type === undefined ? 'it came without a content type' : `not as "${type}"`;
  throw new HttpProblem(415, `send reviews as application/json or application/x-ndjson; ${sent}`);
}

const reviewsCursor = createCursor('reviews', timeAndId);
const quarantineCursor = createCursor('quarantine', timeAndId);

export function reviewRoutes({
  db,
  store,
  temporal,
  catalog,
  reviewIntake,
  scoringVersion,
}: AppDependencies) {
  const app = createRoutes();
  app.openAPIRegistry.registerPath(take);
  // Not by the route's schema, which would read the whole body before it looks at the first review.
  app.post(take.path, async (c) => {
    const format = formatOf(c.req.header('content-type'));
    const { body } = c.req.raw;
    if (body === null) throw new HttpProblem(400, 'the body is empty');
    const length = Number(c.req.header('content-length') ?? 0);
    if (length > httpLimits.reviewBytes)
      throw new HttpProblem(413, `the body has ${length} bytes; the limit is ${httpLimits.reviewBytes}`);
    return c.json(await reviewIntake.take(body, format), 202);
  });
  return app
    .openapi(list, async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const rows = await listReviews(db, { ...filter, after: reviewsCursor.decode(cursor), limit });
      const page = toPage({
        rows,
        limit,
        toItem: toReview,
        cursor: reviewsCursor,
        keyOf: ({ at, id }): [string, string] => [at, id],
      });
      return c.json(page, 200);
    })
    .openapi(summary, async (c) => c.json(await summariseReviews(db, c.req.valid('query')), 200))
    .openapi(insights, async (c) => c.json(await readInsights(db, c.req.valid('query')), 200))
    .openapi(topics, async (c) => {
      const filter = c.req.valid('query');
      return c.json(await readTopics({ db, store, scoringVersion }, filter), 200);
    })
    .openapi(quarantine, async (c) => {
      const { limit, cursor, source } = c.req.valid('query');
      const rows = await listQuarantine(db, { source, after: quarantineCursor.decode(cursor), limit });
      const page = toPage({
        rows,
        limit,
        toItem: toQuarantined,
        cursor: quarantineCursor,
        keyOf: ({ receivedAt, id }): [string, string] => [receivedAt, id],
      });
      return c.json(page, 200);
    })
    .openapi(replay, async (c) => {
      const { ids } = c.req.valid('json');
      return c.json(await reviewIntake.replay(ids ?? null), 200);
    })
    .openapi(rescore, async (c) =>
      c.json(await beginRescoring({ db, temporal, catalog, by: await scoringVersion() }), 202),
    );
}
