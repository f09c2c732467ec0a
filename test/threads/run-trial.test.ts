import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import type { RowsRef } from '../../contracts/data.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import type { TaskContext } from '../../threads/context.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { runTrial } from '../../threads/run-trial.ts';
import type { RunTrialInput } from '../../threads/tasks.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { declared, snapshotOrders } from './olist.ts';
import { createTestContext } from './test-context.ts';

const { loaded, pipeline } = declared('olist-score');
if (pipeline.task !== 'regression') throw new Error('olist-score is a regression');
const regression = pipeline;
const candidate = pipeline.candidates['gradient-boosting'];
if (candidate === undefined) throw new Error('gradient-boosting is a candidate');
const params = { rounds: 20, earlyStopping: null };

describe('a trial on the rows of some hundred orders', () => {
  let folder: string;
  let store: BlobStore;
  let context: TaskContext;
  let rows: RowsRef;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perennial-trials-'));
    store = await createFolderStore(folder);
    context = createTestContext(store);
    const snapshot = await snapshotOrders(pipeline, 300, store);
    const { tables } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context);
    rows = await buildRowsTask(
      { pipeline, sql: sqlOf(loaded), joined: snapshot.joined, tables, parameters: {} },
      context,
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const trial = (
    input: Pick<RunTrialInput, 'folds' | 'earlier'> & Partial<Pick<RunTrialInput, 'rival' | 'candidate'>>,
    of: Pipeline = pipeline,
  ) =>
    runTrial(
      {
        pipeline: of,
        recipe: recipeFor(of, 'gradient-boosting'),
        candidate: { ...candidate, params },
        rows,
        seeds: { trial: 5, folds: 7 },
        rival: null,
        ...input,
      },
      context,
    );

  test('comes to the same, fold by fold or at once', async () => {
    const whole = await trial({ folds: { from: 0, to: 5, of: 5 }, earlier: null });
    const first = await trial({ folds: { from: 0, to: 2, of: 5 }, earlier: null });
    const rest = await trial({ folds: { from: 2, to: 5, of: 5 }, earlier: first.predictions });
    expect(first.predictions).not.toBe(whole.predictions);
    expect({ ...rest, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
    expect(whole.selectionScore).toBe(whole.metrics.r2);
  });

  const time = pipeline.rows.asOf ?? '';
  const inTime: Pipeline = { ...regression, split: { by: 'cutoff', column: time, date: '2030-01-01' } };

  test.each([
    ['dealt out', pipeline],
    ['in the order of time', inTime],
  ])('over folds %s is measured as a run measures its candidates', async (_, of) => {
    const seed = 7;
    const fitted = {
      pipeline: of,
      recipe: recipeFor(of, 'gradient-boosting'),
      candidate: { ...candidate, params },
      rows,
    };
    const trained = await trainCandidate({ ...fitted, moment: of.moment, seed }, context);
    const measured = await runTrial(
      {
        ...fitted,
        seeds: { trial: seed, folds: seed },
        folds: { from: 0, to: 5, of: 5 },
        earlier: null,
        rival: null,
      },
      context,
    );
    expect(measured.metrics).toEqual(trained.metrics);
  });

  test('is stopped after the fold in which it falls clearly behind its rival, and not before three', async () => {
    const whole = { from: 0, to: 5, of: 5 };
    const rival = await trial({ folds: whole, earlier: null });
    const poor = { ...candidate, params: { ...params, rounds: 1, learningRate: 0.001 } };
    const stopped = await trial({ folds: whole, earlier: null, rival: rival.predictions, candidate: poor });
    expect(stopped.isStopped).toBe(true);
    expect(stopped.folds).toBeGreaterThanOrEqual(3);
    expect(stopped.folds).toBeLessThan(5);
    const upTo = await trial({ folds: { ...whole, to: stopped.folds }, earlier: null, candidate: poor });
    expect(stopped.predictions).toBe(upTo.predictions);
    const equal = await trial({ folds: whole, earlier: null, rival: rival.predictions });
    expect({ ...equal, seconds: 0 }).toEqual({ ...rival, seconds: 0 });
  });

  test('of fewer folds than the pipeline is measured on all its rows', async () => {
    const { predictions, metrics } = await trial({ folds: { from: 0, to: 3, of: 3 }, earlier: null });
    const values = new Float64Array(Uint8Array.from(await store.read(predictions)).buffer);
    expect(values.every((value) => value >= 1)).toBe(true);
    const onFive = await trial({ folds: { from: 0, to: 5, of: 5 }, earlier: null });
    expect(metrics).not.toEqual(onFive.metrics);
  });

  test('of a pipeline that is split at a date is predicted from earlier rows only', async () => {
    const { predictions, selectionScore } = await trial(
      { folds: { from: 0, to: 5, of: 5 }, earlier: null },
      inTime,
    );
    const bytes = await store.read(predictions);
    const values = new Float64Array(Uint8Array.from(bytes).buffer);
    // The oldest block is only learned from; scores lie from 1 to 5.
    const unmeasured = values.filter((value) => value === 0).length;
    expect(unmeasured).toBeGreaterThan(values.length / 10);
    expect(unmeasured).toBeLessThan(values.length / 4);
    expect(selectionScore).toEqual(expect.any(Number));
  });
});
