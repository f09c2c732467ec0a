import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalog } from '../../api/catalog.ts';
import { reasonToRefresh } from '../../api/reviews/ensure-refresh.ts';
import { collectionIdOf } from '../../contracts/collections.ts';
import { collectorNameSchema } from '../../contracts/collector.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { beginCollection, endCollection } from '../../db/queries/collections.ts';
import { readWaitingReviews, storeReviewScores } from '../../db/queries/reviews.ts';
import { reviews } from '../../db/schema/reviews.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { takeIn } from '../db/new-reviews.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { fitModel, promote, registerModel } from './models.ts';
import { valuation } from './pipelines.ts';

const name = pipelineNameSchema.parse('review-insights');
const shipped = loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] }).get(name);
if (shipped === undefined) throw new Error(`${name} is declared`);
const reasonWith = (retrain: Partial<LoadedPipeline['retrain']>) =>
  reasonToRefresh({
    db: client.db,
    catalog: createCatalog(
      new Map([[name, { ...shipped, retrain: { maxAgeDays: 30, rescore: true, ...retrain } }]]),
    ),
  });

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

test('new ratings are reason for a refresh, but not while a round has its own to come', async () => {
  const version = await registerModel(client.db, shipped, fitModel(valuation, 2));
  await promote(client.db, name, version, null);
  await takeIn(client.db, [{ externalId: '1', rating: 5 }]);
  const reason = `1 ratings are new to version ${version}`;
  expect(await reasonWith({ afterLabels: 2 })).toBeNull();
  expect(await reasonWith({ afterLabels: 1 })).toBe(reason);

  const workflowId = 'collect:shop:test';
  const round = { id: collectionIdOf(workflowId), workflowId, requestedBy: 'test' };
  await beginCollection(client.db, { ...round, collector: collectorNameSchema.parse('shop') });
  expect(await reasonWith({ afterLabels: 1 })).toBeNull();
  const end = { status: 'succeeded', message: 'test' } as const;
  await endCollection(client.db, round.id, { end, score: end });
  expect(await reasonWith({ afterLabels: 1 })).toBe(reason);
  await client.db.delete(reviews);
});

test('reviews that another version has scored are reason for a refresh, unless they are to stay so', async () => {
  const { batchId } = await takeIn(client.db, [{ externalId: '2' }]);
  expect(await reasonWith({})).toBeNull();
  const [waiting] = await readWaitingReviews(client.db, [batchId], 1);
  if (waiting === undefined) throw new Error('one is waiting');
  await storeReviewScores(client.db, {
    of: 'received',
    by: { pipeline: name, version: 1 },
    scores: [
      {
        id: waiting.id,
        language: 'en',
        sentiment: 'positive',
        probabilities: {},
        topic: null,
        topicWeights: null,
      },
    ],
  });
  expect(await reasonWith({})).toBeNull();
  await client.db.update(reviews).set({ scoredVersion: 7 }).where(eq(reviews.id, waiting.id));
  expect(await reasonWith({})).toBe(`reviews are not scored by version 1 of ${name}`);
  expect(await reasonWith({ rescore: false })).toBeNull();
});
