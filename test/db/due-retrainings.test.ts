import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyedRunId, pipelineNameSchema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { judgeLabels } from '../../db/queries/due-retrainings.ts';
import { readVersion } from '../../db/queries/models.ts';
import type { NewReview } from '../../db/queries/reviews.ts';
import { finishRun, startRun } from '../../db/queries/runs.ts';
import { runs } from '../../db/schema/runs.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { fitModel, promote, registerModel } from '../api/models.ts';
import { valuation } from '../api/pipelines.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { takeIn } from './new-reviews.ts';
import { createStartedRun } from './started-run.ts';

const name = pipelineNameSchema.parse('review-insights');
const shipped = loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] }).get(name);
if (shipped === undefined) throw new Error(`${name} is declared`);

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
const judge = (afterLabels: number | undefined = 3) =>
  judgeLabels(client.db, { name, retrain: { afterLabels } });
const due = (version: number, times: number) => ({
  pipeline: name,
  runId: keyedRunId(`labels:${name}:${version}:${times}`),
  reason: `${times * 3} ratings are new to version ${version}`,
});
const notDue = (reason: string) => ({ pipeline: name, runId: null, reason });
/** A version in production, made of a source. */
const produce = async (source: string, before: number | null): Promise<number> => {
  const version = await registerModel(client.db, shipped, fitModel(valuation, 2));
  const { runId } = await readVersion(client.db, name, version);
  await client.db.update(runs).set({ source }).where(eq(runs.id, runId));
  await promote(client.db, name, version, before);
  return version;
};

test('ratings begin a retraining once so many are new to the version in production, each number of them once', async () => {
  await take(5, 4, null);
  expect(await judge()).toEqual(notDue('review-insights has no version in production'));

  const first = await produce('demo:reviews?rows=100&seed=1', null);
  expect(await judge()).toEqual(
    notDue(`2 ratings are new to version ${first} of review-insights; 3 are needed`),
  );
  await take(1);
  // Whenever they came: it was made of other data.
  expect(await judge()).toEqual(due(first, 1));
  expect(await judgeLabels(client.db, { name, retrain: {} })).toMatchObject({ runId: null });

  const second = await produce('reviews:*', first);
  expect(await judge()).toMatchObject({ runId: null });
  await take(5, null, 1, null);
  expect(await judge()).toMatchObject({ runId: null });
  await take(3);
  expect(await judge()).toEqual(due(second, 1));
  await take(4, 4);
  expect(await judge()).toEqual(due(second, 1));

  // Of a run that came to nothing, there is none for the same ratings again.
  const { runId } = due(second, 1);
  const { id: _, ...row } = await startedRow();
  await startRun(client.db, { ...row, id: runId });
  expect(await judge()).toEqual(notDue('a run of review-insights is under way'));
  await finishRun(client.db, runId, { status: 'cancelled', reason: 'test' });
  expect(await judge()).toEqual(
    notDue(`run ${runId} on the 3 ratings new to version ${second} is cancelled`),
  );
  await take(4);
  expect(await judge()).toEqual(due(second, 2));

  // Somebody goes back to the first version: what was there by then is no reason to undo that.
  await promote(client.db, name, first, second);
  expect(await judge()).toEqual(
    notDue(`0 ratings are new to version ${first} of review-insights; 3 are needed`),
  );
  await take(5, 1, 2);
  const after = await judge();
  expect(after.reason).toBe(`3 ratings are new to version ${first}`);
  expect(after.runId).not.toBe(due(first, 1).runId);
  expect(after.runId).not.toBeNull();
});

/** As that of another run, which has ended. */
async function startedRow() {
  const id = await createStartedRun(client.db, { pipeline: name, kind: 'retrain' });
  const [row] = await client.db.select().from(runs).where(eq(runs.id, id));
  if (row === undefined) throw new Error('it was started');
  await finishRun(client.db, id, { status: 'cancelled', reason: 'test' });
  return row;
}
