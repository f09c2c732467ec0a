import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultSource } from '../../api/sources.ts';
import { projectRoot } from '../../config/paths.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { takeIn } from '../db/new-reviews.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 1, applicationName: 'test' });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

test('a run that names no source reads the reviews that were taken in, if it is of them, or else demo data', async () => {
  const pipelines = [...loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).values()];
  const sources = async () =>
    Object.fromEntries(
      await Promise.all(
        pipelines.map(async (one) => [one.name, await defaultSource(client.db, one)] as const),
      ),
    );
  const demos = Object.fromEntries(pipelines.map(({ name, demo }) => [name, demo]));
  expect(await sources()).toEqual(demos);
  await takeIn(client.db, [{ source: 'a.example', externalId: '1', text: 'Came on time', rating: 5 }]);
  expect(await sources()).toEqual({ ...demos, 'review-insights': 'reviews:*' });
});
