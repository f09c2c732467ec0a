import { and, count, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  quarantineListSchema,
  type ReviewList,
  replayedSchema,
  reviewInsightsSchema,
  reviewListSchema,
  reviewSummarySchema,
  reviewsAcceptedSchema,
} from '../../contracts/http/reviews.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { recordReviewBatches } from '../../db/queries/review-batches.ts';
import { quarantineReviews, type ReviewScore, storeReviewScores } from '../../db/queries/reviews.ts';
import { reviewBatches, reviewQuarantine, reviews } from '../../db/schema/reviews.ts';
import { brokenReviews } from './broken-reviews.ts';
import { readAs, type Service, startService } from './service.ts';

const insights = pipelineNameSchema.parse('review-insights');
let service: Service;
beforeAll(async () => {
  service = await startService({
    maxReviewBacklog: 5_000,
    scoringVersion: { pipeline: insights, version: 3 },
  });
});
afterAll(() => service.stop());

const review = (n: number, change: Record<string, unknown> = {}) => ({
  source: 'shop.example',
  id: `r${n}`,
  text: `Delivery number ${n} came on time.`,
  rating: 5,
  ...change,
});

/** A body that comes in pieces of so many bytes. */
function streamed(body: string | Uint8Array, pieceBytes: number): ReadableStream<Uint8Array> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(bytes.slice(at, at + pieceBytes));
      at += pieceBytes;
      if (at >= bytes.byteLength) controller.close();
    },
  });
}

const send = (body: string | ReadableStream<Uint8Array>, type = 'application/x-ndjson') =>
  service.app.request('/api/v1/reviews', {
    method: 'POST',
    headers: { 'content-type': type },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  });
const accepted = (answer: Response | Promise<Response>) => readAs(reviewsAcceptedSchema, answer, 202);
const ndjson = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');

describe('intake', () => {
  test('stores each review once, however often and in whichever form it is sent', async () => {
    const sent = Array.from({ length: 1_234 }, (_, n) => review(n));
    const first = await accepted(send(streamed(ndjson(sent), 777)));
    expect(first).toEqual({ accepted: 1_234, duplicates: 0, rejected: [], rejectedCount: 0 });
    const again = await accepted(send(streamed(JSON.stringify(sent, null, 1), 1_001), 'application/json'));
    expect(again).toMatchObject({ accepted: 0, duplicates: 1_234 });
    const [stored] = await service.db
      .select({ count: count() })
      .from(reviews)
      .where(eq(reviews.source, 'shop.example'));
    expect(stored?.count).toBe(1_234);
    const batches = await service.db
      .select({ count: reviewBatches.count })
      .from(reviewBatches)
      .where(eq(reviewBatches.source, 'shop.example'));
    expect(batches.reduce((sum, batch) => sum + batch.count, 0)).toBe(1_234);
    expect(Math.max(...batches.map((batch) => batch.count))).toBeLessThan(1_500);
  });

  test('keeps what is no review with its reason, and takes the others of the request', async () => {
    const body = `${JSON.stringify(review(1, { source: 'mixed.example' }))}\n{"source":"mixed.example","id":"r2","rating":9,"text":"x"}\n{"source":\n${JSON.stringify(review(4, { source: 'mixed.example' }))}`;
    const answer = await accepted(send(body));
    expect(answer).toMatchObject({ accepted: 2, rejectedCount: 2 });
    expect(answer.rejected).toEqual([
      { index: 1, errors: [{ pointer: '/rating', message: 'must be from 1 to 5' }] },
      { index: 2, errors: [{ pointer: '', message: 'ends where a value is wanted' }] },
    ]);
    await accepted(send(body));
    const kept = await service.db
      .select()
      .from(reviewQuarantine)
      .where(eq(reviewQuarantine.externalId, 'r2'));
    expect(kept).toMatchObject([{ source: 'mixed.example', times: 2 }]);
    expect(kept[0]?.content.toString()).toBe('{"source":"mixed.example","id":"r2","rating":9,"text":"x"}');
  });

  test('stores nothing of a body that is too large, or that breaks off', async () => {
    const some = ndjson(Array.from({ length: 700 }, (_, n) => review(n, { source: 'large.example' })));
    const answer = await send(streamed(`${some}${'x'.repeat(50 * 1024 * 1024)}`, 1 << 20));
    expect(answer.status).toBe(413);
    const broken = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(some));
      },
      pull(controller) {
        controller.error(new Error('the connection broke'));
      },
    });
    expect((await send(broken)).status).toBe(500);
    const stored = await service.db.select().from(reviews).where(eq(reviews.source, 'large.example'));
    expect(stored).toEqual([]);
  });

  test('refuses a body that is no sequence of reviews, and a type that it does not read', async () => {
    const refused = async (body: string, type?: string) => (await send(body, type)).status;
    expect(await refused('{"source":"a","text":"b"}', 'application/json')).toBe(400);
    expect(await refused('', 'application/json')).toBe(400);
    expect(await refused('a,b\n', 'text/csv')).toBe(415);
    expect(await accepted(send('[]', 'application/json'))).toMatchObject({ accepted: 0 });
  });

  test('names the fault of each of over a hundred kinds of broken records, and takes all others', async () => {
    expect(brokenReviews.length).toBeGreaterThan(100);
    const good = (n: number) => JSON.stringify(review(n, { source: 'between.example' }));
    const body = brokenReviews.flatMap(({ record }, n) => [Buffer.from(good(n)), Buffer.from(record)]);
    const lineEnd = Buffer.from('\n');
    const answer = await accepted(
      send(streamed(Buffer.concat(body.flatMap((line) => [line, lineEnd])), 65_536)),
    );
    expect(answer).toMatchObject({ accepted: brokenReviews.length, rejectedCount: brokenReviews.length });
    for (const [n, { record, pointer, reason }] of brokenReviews.entries()) {
      const shown = Buffer.from(record).toString().slice(0, 80);
      const rejection = answer.rejected.find(({ index }) => index === 2 * n + 1);
      const messages = rejection?.errors
        .filter((error) => error.pointer === pointer)
        .map(({ message }) => message);
      expect(messages?.join(), shown).toContain(reason);
    }
    const [kept] = await service.db.select({ count: count() }).from(reviewQuarantine);
    expect(kept?.count).toBeGreaterThanOrEqual(brokenReviews.length);
  });

  test('takes no more while too many wait to be scored', async () => {
    const full = await startService({ maxReviewBacklog: 10 });
    try {
      const id = '01890000-0000-7000-8000-000000000001';
      await recordReviewBatches(full.db, [{ id, source: 'full.example', count: 10 }]);
      const answer = await full.send('/api/v1/reviews', [review(1)]);
      expect(answer.status).toBe(429);
      expect(answer.headers.get('retry-after')).toBe('10');
    } finally {
      await full.stop();
    }
  });
});

describe('reading', () => {
  const source = 'read.example';
  const said = (sentiment: ReviewScore['sentiment']) => ({
    language: 'en',
    sentiment,
    probabilities: { [sentiment]: 0.8 },
    topic: 'delivery',
    topicWeights: [{ topic: 'delivery', weight: 0.6 }],
  });
  beforeAll(async () => {
    const on = (day: number, n: number, change: Record<string, unknown>) =>
      review(n, { source, publishedAt: `2024-05-0${day}T12:00:00Z`, ...change });
    const sent = [
      on(1, 1, { rating: 5, text: 'A quick delivery and a kind driver.' }),
      on(1, 2, { rating: 1, text: 'A wonderful shop, I shall come again.' }),
      on(2, 3, { rating: 3, text: 'The delivery was neither quick nor slow.' }),
      on(3, 4, { rating: null, text: 'Nobody answers the phone.' }),
    ];
    expect(await accepted(service.send('/api/v1/reviews', sent))).toMatchObject({ accepted: 4 });
    const stored = await service.db
      .select()
      .from(reviews)
      .where(eq(reviews.source, source))
      .orderBy(reviews.at, reviews.externalId);
    const [first, second, , fourth] = stored.map(({ id }) => id);
    if (first === undefined || second === undefined || fourth === undefined)
      throw new Error('four are stored');
    const by = { pipeline: pipelineNameSchema.parse('review-insights'), version: 2 };
    const scores = [first, second].map((id) => ({ id, ...said('positive') }));
    await storeReviewScores(service.db, { of: 'received', by, scores });
    const refused = [{ id: fourth, reason: 'the model knows none of its words' }];
    await quarantineReviews(service.db, { of: 'received', refused });
  });

  const find = async (query: string) => {
    const { items } = await readAs(
      reviewListSchema,
      service.get(`/api/v1/reviews?source=${source}&${query}`),
    );
    return items.map(({ externalId }) => externalId);
  };

  test('finds reviews by source, time, sentiment, topic, status, rating and words, the newest first', async () => {
    expect(await find('')).toEqual(['r4', 'r3', 'r2', 'r1']);
    expect(await find('from=2024-05-02T00:00:00Z&to=2024-05-03T00:00:00Z')).toEqual(['r3']);
    expect(await find('sentiment=positive&topic=delivery')).toEqual(['r2', 'r1']);
    expect(await find('status=quarantined')).toEqual(['r4']);
    expect(await find('rating=1')).toEqual(['r2']);
    expect(await find('words=quick%20delivery')).toEqual(['r3', 'r1']);
    expect(await find('words=%22quick%20delivery%22')).toEqual(['r1']);
    expect(await find('words=delivery%20-neither')).toEqual(['r1']);
    expect(await find('disagrees=true')).toEqual(['r2']);
    expect((await service.get('/api/v1/reviews?sentimnt=positive')).status).toBe(400);
    const pages: (string | null)[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const answer = service.get(
        `/api/v1/reviews?source=${source}&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      const page: ReviewList = await readAs(reviewListSchema, answer);
      pages.push(...page.items.map(({ externalId }) => externalId));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(['r4', 'r3', 'r2', 'r1']);
  });

  test('counts them by day, source and rating, and where the rating says the opposite of the text', async () => {
    const summary = await readAs(
      reviewSummarySchema,
      service.get(`/api/v1/reviews/summary?source=${source}`),
    );
    expect(summary.total).toEqual({
      reviews: 4,
      received: 1,
      scored: 2,
      quarantined: 1,
      positive: 2,
      neutral: 0,
      negative: 0,
      averageRating: 3,
      disagreements: 1,
    });
    expect(summary.byDay.map(({ day, reviews }) => [day, reviews])).toEqual([
      ['2024-05-03', 1],
      ['2024-05-02', 1],
      ['2024-05-01', 2],
    ]);
    expect(summary.bySource).toMatchObject([{ source, reviews: 4 }]);
    expect(summary.byRating.map(({ rating, disagreements }) => [rating, disagreements])).toEqual([
      [1, 1],
      [3, 0],
      [5, 0],
      [null, 0],
    ]);
  });

  test('shows the quarantine, and takes from it what has become a review', async () => {
    const cut = `[${JSON.stringify(review(1, { source: 'cut.example' }))},${JSON.stringify(review(2, { source: 'cut.example' }))}`;
    expect(await accepted(send(cut, 'application/json'))).toMatchObject({ accepted: 1, rejectedCount: 1 });
    const shown = await readAs(quarantineListSchema, service.get('/api/v1/reviews/quarantine?limit=1'));
    expect(shown.items).toMatchObject([
      { complete: true, errors: [{ message: 'is cut off: the body ends before the array does' }] },
    ]);
    const ids = shown.items.map(({ id }) => id);
    const replay = () => readAs(replayedSchema, service.send('/api/v1/reviews/quarantine/replay', { ids }));
    expect(await replay()).toEqual({ accepted: 1, duplicates: 0, rejected: 0, rescored: 0 });
    expect(await replay()).toEqual({ accepted: 0, duplicates: 0, rejected: 0, rescored: 0 });
    const all = await readAs(replayedSchema, service.send('/api/v1/reviews/quarantine/replay'));
    expect(all).toMatchObject({ accepted: 0, rescored: 1 });
    expect(all.rejected).toBeGreaterThan(100);
    expect(await find('status=quarantined')).toEqual([]);
    expect(await find('status=received')).toEqual(['r4', 'r3']);
  });

  test('tells what lowers satisfaction, with examples, and how it went', async () => {
    const [third] = await service.db
      .select()
      .from(reviews)
      .where(and(eq(reviews.source, source), eq(reviews.externalId, 'r3')));
    if (third === undefined) throw new Error('it is stored');
    const by = { pipeline: pipelineNameSchema.parse('review-insights'), version: 2 };
    const claims = { ...said('negative'), topic: 'claims', topicWeights: [{ topic: 'claims', weight: 0.9 }] };
    await storeReviewScores(service.db, { of: 'received', by, scores: [{ id: third.id, ...claims }] });
    const found = await readAs(
      reviewInsightsSchema,
      service.get(`/api/v1/reviews/insights?source=${source}&recentDays=1&period=year`),
    );
    expect(found.reviews).toBe(3);
    expect(found.topics).toMatchObject([
      { topic: 'claims', reviews: 1, satisfaction: -100, rise: { value: 1 }, examples: [{ id: third.id }] },
      {
        topic: 'delivery',
        reviews: 2,
        satisfaction: 100,
        positive: 2,
        averageRating: 3,
        rise: { value: -1 },
      },
    ]);
    expect(found.topics[0]?.effect.value).toBeCloseTo(100 / 3 - 100, 10);
    expect(found.periods).toMatchObject([{ from: '2024-01-01', reviews: 3, positive: 2, negative: 1 }]);
    expect((await service.get('/api/v1/reviews/insights?period=decade')).status).toBe(400);
  });
});
