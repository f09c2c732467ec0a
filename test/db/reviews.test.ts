import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import {
  claimForgottenBatches,
  countBacklog,
  finishReviewBatches,
  letBatchesWait,
} from '../../db/queries/review-batches.ts';
import {
  quarantineReviews,
  type ReviewScore,
  readOutdatedReviews,
  readWaitingReviews,
  storeReviewScores,
} from '../../db/queries/reviews.ts';
import { reviewBatches, reviews } from '../../db/schema/reviews.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { takeIn } from './new-reviews.ts';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 4, applicationName: 'test' });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

const model = { pipeline: pipelineNameSchema.parse('review-insights'), version: 3 };
const score = (id: string, sentiment: ReviewScore['sentiment']): ReviewScore => ({
  id,
  language: 'en',
  sentiment,
  probabilities: { [sentiment]: 0.9 },
  topic: 'claims',
  topicWeights: [{ topic: 'claims', weight: 0.7 }],
});

test('a review is stored once: by its id there, and by its content only where it has none', async () => {
  const text = 'Asked twice, answered once.';
  const same = { source: 'once.example', text };
  expect(
    (
      await takeIn(client.db, [
        { ...same, externalId: 'a' },
        { ...same, externalId: 'b' },
      ])
    ).count,
  ).toBe(2);
  expect((await takeIn(client.db, [{ ...same, externalId: 'a', text: 'Edited.' }, same, same])).count).toBe(
    1,
  );
  expect((await takeIn(client.db, [{ ...same, source: 'other.example' }])).count).toBe(1);
});

test('what a model has said of a review stays, however often its batch is scored', async () => {
  const { batchId } = await takeIn(client.db, [
    { externalId: '1' },
    { externalId: '2' },
    { externalId: '3' },
  ]);
  const waiting = await readWaitingReviews(client.db, [batchId], 10);
  const [first, second, third] = waiting.map(({ id }) => id);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('three are waiting');
  await storeReviewScores(client.db, { of: 'received', by: model, scores: [score(first, 'positive')] });
  expect(await finishReviewBatches(client.db, [batchId])).toBe(1);
  await storeReviewScores(client.db, {
    of: 'received',
    by: { ...model, version: 4 },
    scores: [score(first, 'negative'), score(second, 'neutral')],
  });
  await quarantineReviews(client.db, {
    of: 'received',
    refused: [
      { id: second, reason: 'late' },
      { id: third, reason: 'holds no words' },
    ],
  });
  expect(await finishReviewBatches(client.db, [batchId])).toBe(0);
  const stored = await client.db
    .select()
    .from(reviews)
    .where(eq(reviews.batchId, batchId))
    .orderBy(reviews.id);
  expect(
    stored.map(({ status, sentiment, scoredVersion, reason }) => [status, sentiment, scoredVersion, reason]),
  ).toEqual([
    ['scored', 'positive', 3, null],
    ['scored', 'neutral', 4, null],
    ['quarantined', null, null, 'holds no words'],
  ]);
  expect(stored[0]).toMatchObject({
    topicWeights: [{ topic: 'claims', weight: 0.7 }],
    probabilities: { positive: 0.9 },
  });
});

test('a batch counts as backlog until it is done, and is claimed by one sweeper at a time', async () => {
  const before = await countBacklog(client.db);
  const { batchId } = await takeIn(client.db, [
    { source: 'late.example', text: 'one' },
    { source: 'late.example', text: 'two' },
  ]);
  expect(await countBacklog(client.db)).toBe(before + 2);
  const claim = (withWaiting: boolean) =>
    claimForgottenBatches(client.db, {
      afterSeconds: 30,
      signalledAfterSeconds: 300,
      withWaiting,
      limit: 100,
    });
  const names = async (withWaiting = false) => (await claim(withWaiting)).map(({ id }) => id);
  expect(await names()).not.toContain(batchId);
  const age = () =>
    client.db
      .update(reviewBatches)
      .set({ enqueuedAt: sql`now() - interval '1 minute'` })
      .where(eq(reviewBatches.id, batchId));
  await age();
  const claims = (await Promise.all([names(), names()])).flat();
  expect(claims.filter((id) => id === batchId)).toHaveLength(1);
  await letBatchesWait(client.db, [batchId]);
  expect(await names()).not.toContain(batchId);
  expect(await names(true)).toContain(batchId);
  const waiting = await readWaitingReviews(client.db, [batchId], 10);
  const refused = waiting.map(({ id }) => ({ id, reason: 'test' }));
  await quarantineReviews(client.db, { of: 'received', refused });
  await finishReviewBatches(client.db, [batchId]);
  expect(await countBacklog(client.db)).toBe(before);
});

test('a version scores once what others scored before it, and leaves alone what waits', async () => {
  await client.db.update(reviews).set({ status: 'quarantined' });
  const { batchId } = await takeIn(client.db, [
    { externalId: 'older' },
    { externalId: 'newer' },
    { externalId: 'of another' },
    { externalId: 'waiting' },
  ]);
  const waiting = await readWaitingReviews(client.db, [batchId], 10);
  const [older, newer, other] = waiting.map(({ id }) => id);
  if (older === undefined || newer === undefined || other === undefined) throw new Error('four are waiting');
  const by = { ...model, version: 5 };
  const scoredBy = (id: string, version: typeof model) =>
    storeReviewScores(client.db, { of: 'received', by: version, scores: [score(id, 'positive')] });
  await scoredBy(older, { ...model, version: 4 });
  await scoredBy(newer, { ...model, version: 6 });
  await scoredBy(other, { pipeline: pipelineNameSchema.parse('another'), version: 5 });
  const outdated = async () => (await readOutdatedReviews(client.db, by, 10)).map(({ id }) => id).sort();
  expect(await outdated()).toEqual([older, newer, other].sort());
  expect(await readOutdatedReviews(client.db, by, 2)).toHaveLength(2);

  const scores = [older, newer].map((id) => score(id, 'negative'));
  await storeReviewScores(client.db, { of: 'scored', by, scores });
  expect(await outdated()).toEqual([other]);
  // A second attempt at the same work, which has come to something else.
  await storeReviewScores(client.db, { of: 'scored', by, scores: [score(older, 'neutral')] });
  await quarantineReviews(client.db, { of: 'scored', refused: [{ id: other, reason: 'holds no words' }] });
  expect(await outdated()).toEqual([]);
  const stored = await client.db
    .select()
    .from(reviews)
    .where(eq(reviews.batchId, batchId))
    .orderBy(reviews.id);
  expect(stored.map(({ status, sentiment, scoredVersion }) => [status, sentiment, scoredVersion])).toEqual([
    ['scored', 'negative', 5],
    ['scored', 'negative', 5],
    ['quarantined', 'positive', 5],
    ['received', null, null],
  ]);
});

test('reviews are found by their words', async () => {
  await takeIn(client.db, [
    { source: 'words.example', title: 'Refund', text: 'Nobody answered my letters.' },
  ]);
  const found = await client.db
    .select({ title: reviews.title })
    .from(reviews)
    .where(sql`${reviews.search} @@ websearch_to_tsquery('simple', 'letters refund')`);
  expect(found).toEqual([{ title: 'Refund' }]);
});
