import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { eq } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rangesOf } from '../../activities/day-ranges.ts';
import { candidateOf, sqlOf } from '../../activities/declared.ts';
import type { ActivityDependencies } from '../../activities/dependencies.ts';
import { declarationOf } from '../../activities/pipeline-of-run.ts';
import { createRefreshActivities } from '../../activities/refresh.ts';
import { createDriftActivities } from '../../activities/review-drift.ts';
import { judgeDrift } from '../../api/reviews/drift.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import type { DriftMeasurement } from '../../contracts/review-activities.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { readProduction } from '../../db/queries/models.ts';
import { readDriftDays, readReviewReference } from '../../db/queries/review-drift.ts';
import { type NewReview, readWaitingReviews, storeReviewScores } from '../../db/queries/reviews.ts';
import { recordSnapshot } from '../../db/queries/snapshots.ts';
import { reviews as reviewRows } from '../../db/schema/reviews.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { performTask } from '../../threads/perform-task.ts';
import type { ThreadPool } from '../../threads/pool.ts';
import { readModel } from '../../threads/score-hold-out.ts';
import type { TaskInput, TaskName, TaskOutput } from '../../threads/tasks.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { fitModel, promote, registerModel } from '../api/models.ts';
import { valuation } from '../api/pipelines.ts';
import { takeIn } from '../db/new-reviews.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { sourceReaders } from '../source-readers.ts';
import { createTestContext } from '../threads/test-context.ts';

const name = pipelineNameSchema.parse('review-insights');
const pipelines = loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] });
const declared = findDeclared();
function findDeclared() {
  const found = pipelines.get(name);
  if (found === undefined) throw new Error(`${name} is declared`);
  return found;
}

let database: TestDatabase;
let client: DatabaseClient;
let folder: string;
let store: BlobStore;
let deps: ActivityDependencies;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 3, applicationName: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'perennial-drift-'));
  store = await createFolderStore(join(folder, 'store'));
  deps = {
    db: client.db,
    store,
    pipelines,
    threads: inThisThread(store),
    sources: sourceReaders(folder),
    logger: pino({ level: 'silent' }),
    codeVersion: 'test',
    stepCode: 'test',
    nowMs: Date.now,
  };
});
afterAll(async () => {
  await client.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** What a thread of the pool does, in the test's own. */
const inThisThread = (blobs: BlobStore): ThreadPool => ({
  run: async <N extends TaskName>(task: N, input: TaskInput<N>) =>
    (await performTask(task, input, createTestContext(blobs))) as TaskOutput<N>,
  warm: async () => {},
  close: async () => {},
});

const environment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
const measure = (): Promise<DriftMeasurement> =>
  environment().run(createDriftActivities(deps).measureReviewDrift, { runId: null });

/** A version as a run makes it, and what it was trained on. */
async function registerTrained(): Promise<number> {
  const context = createTestContext(store);
  const pipeline = declarationOf(declared);
  const parameters = resolveParameters(declared, {});
  const source = 'demo:reviews?rows=500&seed=3';
  const snapshot = await takeSnapshot({ pipeline, source, store, readers: sourceReaders(folder) });
  await recordSnapshot(client.db, name, snapshot);
  const { tables } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context);
  const rows = await buildRowsTask(
    { pipeline, sql: sqlOf(declared), joined: false, tables, parameters },
    context,
  );
  const { candidate, moment } = candidateOf(pipeline, 'words', null);
  const { artifact } = await trainCandidate(
    { pipeline, recipe: recipeFor(pipeline, 'words'), candidate, moment, rows, seed: 1 },
    context,
  );
  return registerModel(client.db, declared, await readModel(context, artifact), {
    snapshotId: snapshot.id,
    rowsSha256: rows.blob.sha256,
  });
}

let taken = 0;
/** Takes reviews in and has the version score them. */
async function score(version: number, all: readonly Partial<NewReview>[]): Promise<void> {
  const { batchId } = await takeIn(
    client.db,
    all.map((review) => ({ ...review, externalId: String(++taken) })),
  );
  const waiting = await readWaitingReviews(client.db, [batchId], all.length);
  await storeReviewScores(client.db, {
    of: 'received',
    by: { pipeline: name, version },
    scores: waiting.map(({ id, rating }) => {
      const sentiment = (rating ?? 5) > 3 ? 'positive' : 'negative';
      return {
        id,
        language: 'en',
        sentiment,
        probabilities: { [sentiment]: 0.9 },
        topic: null,
        topicWeights: null,
      };
    }),
  });
}

const angry = (day: string, count: number): Partial<NewReview>[] =>
  Array.from({ length: count }, (_, n) => ({
    text: 'Login crashes.',
    rating: 1,
    publishedAt: `${day}T${String(n % 24).padStart(2, '0')}:30:00Z`,
  }));

test('days are held against what the version was trained on, and only those that have changed', async () => {
  expect(await measure()).toEqual({ skipped: 'no model that scores reviews is in production' });
  const version = await registerTrained();
  await promote(client.db, name, version, null);
  const by = { pipeline: name, version };
  expect(await measure()).toEqual({ skipped: null, ...by, days: 0, reviews: 0 });
  const made = await readReviewReference(client.db, by);
  expect(made?.reference).toMatchObject({ reviews: expect.any(Number), othersAtMost: 1 });
  const { reviews = 0, ratings = [], sentiments = [], lengths = [] } = made?.reference ?? {};
  const sum = (counts: readonly (readonly [unknown, number])[]) => counts.reduce((all, [, n]) => all + n, 0);
  expect(reviews).toBeGreaterThan(400);
  expect(sum(lengths)).toBe(reviews);
  expect(ratings.map(([stars]) => stars)).toEqual([1, 2, 3, 4, 5]);
  // Of the rows held out alone, a fifth.
  expect(sum(sentiments)).toBeGreaterThan(0.1 * reviews);
  expect(sum(sentiments)).toBeLessThan(0.3 * reviews);

  await score(version, [...angry('2024-05-01', 40), ...angry('2024-05-02', 3), ...angry('2024-05-09', 30)]);
  expect(await measure()).toMatchObject({ days: 3, reviews: 73 });
  expect(await measure()).toMatchObject({ days: 0, reviews: 0 });
  // An earlier version's, and those that nobody has scored, are none of this one's.
  await score(version + 1, angry('2024-05-01', 5));
  await takeIn(client.db, angry('2024-05-02', 5));
  expect(await measure()).toMatchObject({ days: 0 });
  await score(version, angry('2024-05-02', 30));
  expect(await measure()).toMatchObject({ days: 1, reviews: 33 });

  const judged = await judgeDrift(client.db, by, { minReviews: 20, level: 0.01, minDistance: 0.1 });
  expect(judged.map(({ day, alert }) => [day, alert])).toEqual([
    ['2024-05-09', true],
    ['2024-05-02', true],
    ['2024-05-01', true],
  ]);
  const [day] = await readDriftDays(client.db, by, ['2024-05-02']);
  expect(day).toMatchObject({
    reviews: 33,
    drift: { length: { median: 2 }, rating: { reviews: 33 }, sentiment: { reviews: 33 } },
  });
  expect(day?.drift.words.rose.map(({ word }) => word)).toContain('crashes');

  // Another version has scored them: this one has none any more.
  await client.db.update(reviewRows).set({ scoredVersion: version + 1 });
  expect(await measure()).toMatchObject({ days: 0 });
  expect(await judgeDrift(client.db, by, { minReviews: 20, level: 0.01, minDistance: 0.1 })).toEqual([]);
});

test('scores what others scored, unless it is declared to leave them and nobody asks for it', async () => {
  const { version } = (await readProduction(client.db, name)) ?? {};
  const stored = await client.db.$count(reviewRows, eq(reviewRows.status, 'scored'));
  const retrain = { ...declared.retrain, rescore: false };
  const { rescoreReviews } = createRefreshActivities({
    ...deps,
    pipelines: new Map([[name, { ...declared, retrain }]]),
  });
  const rescore = (scoreAgain?: true) => environment().run(rescoreReviews, { runId: null, scoreAgain });
  const left = `${name} leaves them as they are (retrain.rescore)`;
  expect(await rescore()).toEqual({ rescored: 0, quarantined: 0, end: left });
  const end = `all are scored by version ${version} of ${name}`;
  expect(await rescore(true)).toEqual({ rescored: stored, quarantined: 0, end });
  expect(await rescore(true)).toEqual({ rescored: 0, quarantined: 0, end });
  expect(stored).toBeGreaterThan(50);
});

test('a version of another declaration, whose rows say nothing, is told so and tried no more', async () => {
  const production = await readProduction(client.db, name);
  const version = await registerModel(client.db, declared, fitModel(valuation, 2));
  await promote(client.db, name, version, production?.version ?? null);
  const { skipped } = await measure();
  expect(skipped).toMatch(
    new RegExp(`^review-insights version ${version} has no reference: it reads "area" as a number`),
  );
  expect(await measure()).toEqual({ skipped });
});

describe('days to measure', () => {
  const days = (...counts: [reviews: number, measured: number | null][]) =>
    counts.map(([reviews, measured], n) => ({ day: `2024-01-0${n + 1}`, reviews, measured }));

  test('are read together while they follow each other and are not too many', () => {
    expect(rangesOf(days([3, null], [4, 2], [4, null], [20, null]), 10)).toEqual([
      { from: '2024-01-01', to: '2024-01-02' },
      { from: '2024-01-03', to: '2024-01-03' },
      { from: '2024-01-04', to: '2024-01-04' },
    ]);
  });

  test('are read apart where one between has not changed, and without those that have no review left', () => {
    expect(rangesOf(days([3, null], [4, 4], [0, 5], [1, null]), 10)).toEqual([
      { from: '2024-01-01', to: '2024-01-01' },
      { from: '2024-01-04', to: '2024-01-04' },
    ]);
    expect(rangesOf(days([4, 4]), 10)).toEqual([]);
  });
});
