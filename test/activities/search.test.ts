import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFeatureSearchActivities } from '../../activities/feature-search.ts';
import { createSearchActivities } from '../../activities/search.ts';
import type { FeatureSearchActivities, SearchActivities } from '../../contracts/activities.ts';
import { pipelineNameSchema, type RunId, sha256Schema } from '../../contracts/ids.ts';
import type { FeaturePlan, GeneratedStep, ParameterPlan, TriedFeature } from '../../contracts/search.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { findTrial, listTrials, recordTrial, startTrial } from '../../db/queries/trials.ts';
import { searchSpaceSchema } from '../../ml/search/space.ts';
import { trialOf } from '../../ml/search/trials.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool, type ThreadPool } from '../../threads/pool.ts';
import { createStartedRun } from '../db/started-run.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { sourceReaders } from '../source-readers.ts';

const pipeline = pipelineNameSchema.parse('olist-score');
const predictionsSha256 = sha256Schema.parse('b'.repeat(64));
const plan: ParameterPlan = {
  strategy: 'halving',
  trials: 5,
  minutes: null,
  parallel: 2,
  rungs: [1, 2, 5],
  candidates: [
    {
      candidate: 'linear',
      params: {},
      space: searchSpaceSchema.parse({ l2: { type: 'number', from: 0.1, to: 9 } }),
    },
  ],
};
/** In no store: a trial that were measured would fail for lack of them. */
const rows = {
  blob: { sha256: sha256Schema.parse('a'.repeat(64)), bytes: 1 },
  lookups: null,
  report: {
    entities: 0,
    kept: 0,
    excluded: {},
    cleaning: [],
    trainRows: 0,
    holdOutRows: 0,
    nullShares: {},
  },
};

let database: TestDatabase;
let client: DatabaseClient;
let folder: string;
let threads: ThreadPool;
let activities: SearchActivities & Pick<FeatureSearchActivities, 'concludeFeatures'>;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'perennial-search-'));
  threads = createThreadPool({ size: 1, blobFolder: folder });
  const deps = {
    db: client.db,
    store: await createFolderStore(folder),
    pipelines: loadPipelines({ folders: [join(import.meta.dirname, '../../pipelines')] }),
    threads,
    logger: pino({ level: 'silent' }),
    sources: sourceReaders(),
    codeVersion: 'test',
    stepCode: 'test',
    nowMs: Date.now,
  };
  activities = { ...createSearchActivities(deps), ...createFeatureSearchActivities(deps) };
});
afterAll(async () => {
  await threads.close();
  await client.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

async function acceptSearch(): Promise<{ runId: RunId; pipeline: typeof pipeline }> {
  const runId = await createStartedRun(client.db, { pipeline, kind: 'search', search: plan });
  return { runId, pipeline };
}

/** As a worker records it. */
async function measure(
  runId: RunId,
  number: number,
  selectionScore: number | null,
  folds = 1,
): Promise<void> {
  await startTrial(client.db, runId, trialOf(plan, 1, number));
  await recordTrial(client.db, {
    runId,
    number,
    status: selectionScore === null ? 'refused' : 'scored',
    rung: plan.rungs.indexOf(folds),
    folds,
    selectionScore,
    metrics: { r2: selectionScore ?? 0 },
    predictionsSha256,
    message: selectionScore === null ? 'linear: too few rows' : null,
    seconds: 2,
  });
}

const inEnvironment = (attempt = 1) =>
  new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });

test('a trial that was recorded before its worker died is answered as it was, and not measured again', async () => {
  const step = await acceptSearch();
  await measure(step.runId, 3, 0.4);
  const before = await findTrial(client.db, step.runId, 3);
  const input = { ...step, rows, parameters: {}, seed: 1, plan, trial: 3, rung: 0 };
  const answer = await inEnvironment(2).run(activities.runTrial, input);
  expect(answer).toEqual({ selectionScore: 0.4 });
  expect(await findTrial(client.db, step.runId, 3)).toEqual(before);
});

test('the better half of a rung goes on, the others are stopped, and to ask again changes nothing', async () => {
  const step = await acceptSearch();
  for (const [number, score] of [0.3, 0.5, null, 0.1, 0.4].entries())
    await measure(step.runId, number, score);
  for (const attempt of [1, 2]) {
    const judged = await inEnvironment(attempt).run(activities.judgeTrials, { ...step, rung: 0 });
    expect(judged).toEqual({ survivors: [0, 1, 4] });
    const trials = await listTrials(client.db, step.runId);
    expect(trials.map(({ status }) => status)).toEqual(['scored', 'scored', 'refused', 'stopped', 'scored']);
  }
});

test('the winner is the best of those measured on most folds, whatever others scored on fewer', async () => {
  const step = await acceptSearch();
  await measure(step.runId, 0, 0.9, 1);
  await measure(step.runId, 1, 0.5, 5);
  await measure(step.runId, 2, 0.6, 5);
  await startTrial(client.db, step.runId, trialOf(plan, 1, 3));
  const input = { ...step, parameters: {}, seed: 1, plan };
  const result = await inEnvironment().run(activities.concludeSearch, input);
  expect(result).toMatchObject({ winner: { trial: 2, candidate: 'linear' }, scored: 2 });
  expect((await findTrial(client.db, step.runId, 3))?.status).toBe('cancelled');
});

test('a search whose trials were all refused fails with the reason', async () => {
  const step = await acceptSearch();
  await measure(step.runId, 0, null);
  const concluded = inEnvironment().run(activities.concludeSearch, {
    ...step,
    parameters: {},
    seed: 1,
    plan,
  });
  await expect(concluded).rejects.toMatchObject({ type: 'LearnerFailed', message: 'linear: too few rows' });
});

test('features are those that had a trial before the time was up, and no others', async () => {
  const proposals = ['first', 'second', 'third'].map(
    (as): GeneratedStep => ({ step: 'difference', left: 'price', right: 'freight', as }),
  );
  const features: FeaturePlan = {
    strategy: 'forward',
    trials: 4,
    minutes: 1,
    parallel: 2,
    rungs: [5],
    candidates: [{ candidate: 'linear', params: {} }],
    generate: { proposals: 3, keep: 1 },
  };
  const runId = await createStartedRun(client.db, { pipeline, kind: 'search', search: features });
  const begin = (number: number, tried: string | null) => {
    const round = tried === null ? 0 : 1;
    const of: TriedFeature = {
      round,
      features: tried === null ? [] : [tried],
      tried,
      confirms: false,
      gain: null,
    };
    return startTrial(client.db, runId, { number, candidate: 'linear', params: {}, seed: 1, features: of });
  };
  const measured = { rung: 0, folds: 5, metrics: { r2: 0.5 }, predictionsSha256, seconds: 1 };
  for (const [number, tried] of [null, 'first'].entries()) {
    await begin(number, tried);
    await recordTrial(client.db, { runId, number, status: 'scored', selectionScore: 0.5, ...measured });
  }
  await begin(2, 'second');

  const result = await inEnvironment().run(activities.concludeFeatures, {
    ...{ runId, pipeline, parameters: {}, seed: 1, plan: features },
    ...{ winner: 0, kept: [], proposals, made: 9, needed: 2.5 },
  });
  const found = [
    { step: { as: 'first' }, trial: 1, round: 1 },
    { step: { as: 'second' }, trial: 2, round: 1 },
  ];
  expect(result).toMatchObject({ winner: { trial: 0 }, generated: { made: 9, tried: 2, features: found } });
  expect((await findTrial(client.db, runId, 2))?.status).toBe('cancelled');
});
