import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalog } from '../../api/catalog.ts';
import { dueRetrainings } from '../../api/label-retraining.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import type { NewReview } from '../../db/queries/reviews.ts';
import type { LoadedPipeline } from '../../pipelines/load-pipeline.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { takeIn } from '../db/new-reviews.ts';
import { createStartedRun } from '../db/started-run.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { fitModel, promote, registerModel } from './models.ts';
import { valuation } from './pipelines.ts';

const name = pipelineNameSchema.parse('review-insights');
const shipped = loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] }).get(name);
if (shipped === undefined) throw new Error(`${name} is declared`);
const catalogOf = (retrain: LoadedPipeline['retrain']) =>
  createCatalog(new Map([[name, { ...shipped, retrain }]]));
const catalog = catalogOf({ maxAgeDays: 30, afterLabels: 3 });

let database: TestDatabase;
let client: DatabaseClient;
let taken = 0;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

const take = (...ratings: (number | null)[]) =>
  takeIn(
    client.db,
    ratings.map((rating): Partial<NewReview> => ({ rating, externalId: String(++taken) })),
  );
const due = async (of = catalog) =>
  (await dueRetrainings({ db: client.db, catalog: of })).map(({ kind, source, reason, idempotencyKey }) => ({
    kind,
    source,
    reason,
    idempotencyKey,
  }));

test('reviews with a rating that come after the version in production begin its retraining, each number of them once', async () => {
  await take(5, 4, 3, 2, 1);
  expect(await due()).toEqual([]);

  const version = await registerModel(client.db, shipped, fitModel(valuation, 2));
  await promote(client.db, name, version, null);
  expect(await due()).toEqual([]);

  await take(5, null, 1, null);
  expect(await due()).toEqual([]);
  await take(3);
  const first = {
    kind: 'retrain',
    source: 'reviews:*',
    reason: `3 reviews with a rating have come since version ${version}`,
    idempotencyKey: `labels:review-insights:${version}:1`,
  };
  expect(await due()).toEqual([first]);
  await take(4, 4);
  expect(await due()).toEqual([first]);
  expect(await due(catalogOf({ maxAgeDays: 30 }))).toEqual([]);

  // The gate may have refused what came of it.
  await take(4);
  expect(await due()).toMatchObject([{ idempotencyKey: `labels:review-insights:${version}:2` }]);
  await createStartedRun(client.db, { pipeline: name, kind: 'retrain' });
  expect(await due()).toEqual([]);
});
