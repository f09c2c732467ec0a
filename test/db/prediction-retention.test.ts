import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { dropOldPredictions, ensurePredictionPartitions } from '../../db/queries/predictions.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 3, applicationName: 'retention' });
  await ensurePredictionPartitions(client.db);
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

/** A partition of a day, with one row, or a row without one. */
async function storeOn(daysAgo: number, hasPartition: boolean): Promise<void> {
  const day = sql.raw(`((now() at time zone 'UTC')::date - ${daysAgo})`);
  if (hasPartition) {
    await client.db.execute(sql`do $$ begin execute format(
      'create table %I partition of predictions for values from (%L) to (%L)',
      'predictions_' || to_char(${day}, 'YYYYMMDD'), ${day}::timestamp at time zone 'UTC', (${day} + 1)::timestamp at time zone 'UTC'
    ); end $$`);
  }
  await client.db.execute(sql`
    insert into predictions (id, at, pipeline, version, score, instance, output, request_id)
    values (gen_random_uuid(), ${day}::timestamp at time zone 'UTC' + interval '12 hours', 'p', 1, ${daysAgo}, '{}', '{}', 'test')`);
}

async function daysStored(): Promise<number[]> {
  const rows = await client.db.execute<{ score: number }>(sql`select score from predictions order by score`);
  return rows.map(({ score }) => score);
}

test('drops the days that ended longer ago, with and without a partition, and nothing else', async () => {
  await storeOn(0, false);
  for (const daysAgo of [6, 7, 8, 30]) await storeOn(daysAgo, true);
  for (const daysAgo of [5, 9]) await storeOn(daysAgo, false);
  // Another session reads: nothing is waited for, and nobody has to wait.
  await client.db.transaction(async (reader) => {
    await reader.execute(sql`select count(*) from predictions`);
    expect(await dropOldPredictions(client.db, 7)).toEqual([]);
  });
  expect(await dropOldPredictions(client.db, 7)).toHaveLength(2);
  expect(await daysStored()).toEqual([0, 5, 6, 7]);
  expect(await dropOldPredictions(client.db, 7)).toEqual([]);
});
