import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import { toFailure } from '../../activities/failure.ts';
import type { BlobRef, RowsRef, Snapshot } from '../../contracts/data.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { compareModels } from '../../threads/compare-models.ts';
import type { TaskContext } from '../../threads/context.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { loadModel, storeModel } from '../../threads/model-bytes.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { declared, snapshotOrders } from './olist.ts';
import { createTestContext } from './test-context.ts';

const { loaded, pipeline } = declared('olist-score');
if (pipeline.task !== 'regression') throw new Error('a score is a number');
const candidate = pipeline.candidates.linear;
if (candidate === undefined) throw new Error('linear is a candidate');

/** Ten rows to train on: as few as a first upload may have. */
const orders = 15;

describe('the tasks of a thread on a handful of rows', () => {
  let folder: string;
  let store: BlobStore;
  let context: TaskContext;
  let snapshot: Snapshot;
  let tables: Awaited<ReturnType<typeof validateDataTask>>['tables'];
  let rows: RowsRef;

  /** @param query reads the rows of rows.sql as `made` */
  const build = (query: string, split: typeof pipeline.split = pipeline.split) => {
    const sql = sqlOf(loaded);
    const made = { ...sql, rows: `WITH made AS (${sql.rows}) ${query}` };
    const of = { ...pipeline, split };
    return buildRowsTask(
      { pipeline: of, sql: made, joined: snapshot.joined, tables, parameters: {} },
      context,
    );
  };
  const train = ({ folds = 5, rows: from = rows }: { folds?: number; rows?: RowsRef } = {}) =>
    trainCandidate(
      {
        pipeline: { ...pipeline, selection: { ...pipeline.selection, folds } },
        recipe: recipeFor(pipeline, 'linear'),
        candidate,
        moment: pipeline.moment,
        rows: from,
        seed: 1,
      },
      context,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perennial-tasks-'));
    store = await createFolderStore(folder);
    context = createTestContext(store);
    snapshot = await snapshotOrders(pipeline, orders, store);
    ({ tables } = await validateDataTask({ pipeline, snapshot, parameters: {} }, context));
    rows = await build('SELECT * FROM made');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('trains on ten rows, with ten different golden rows', async () => {
    expect(rows.report.trainRows).toBe(10);
    const { artifact } = await train();
    const { goldenRows } = await loadModel(await store.read(artifact.sha256));
    expect(new Set(goldenRows.map(({ instance }) => JSON.stringify(instance))).size).toBe(10);
  });

  test('trains on times that no date of ours can hold', async () => {
    const far = await build(
      "SELECT * REPLACE (TIMESTAMP '290000-01-01 00:00:00' AS order_approved_at) FROM made",
    );
    const { artifact } = await train({ rows: far });
    const { goldenRows } = await loadModel(await store.read(artifact.sha256));
    expect(goldenRows[0]?.instance).toMatchObject({ order_approved_at: null });
  });

  test('refuses more folds than rows for good, not to be tried again', async () => {
    const error: unknown = await train({ folds: 20 }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'LearnerFailed' });
    expect(error).toHaveProperty('message', expect.stringContaining('10 rows cannot make 20 folds'));
    expect(toFailure(error)).toMatchObject({ type: 'LearnerFailed', nonRetryable: true });
  });

  test('refuses a split that leaves a side empty for good', async () => {
    const building = build('SELECT * FROM made ORDER BY order_id LIMIT 5', {
      by: 'stratified',
      share: 0.05,
      seed: 1,
    });
    const error: unknown = await building.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RowsInvalid' });
    expect(toFailure(error)).toMatchObject({ nonRetryable: true });
  });

  describe('compared with production', () => {
    const compare = async (
      changed: { pipeline?: Pipeline; rows?: RowsRef; production?: BlobRef; metric?: string } = {},
    ) => {
      const { artifact } = await train();
      const same = { pipeline, rows, challenger: artifact, production: artifact };
      return compareModels({ ...same, metric: 'r2', level: 0.05, seed: 1, ...changed }, context);
    };

    test('finds no difference between a model and itself', async () => {
      expect(await compare({ metric: 'rmse' })).toMatchObject({
        compared: { rows: rows.report.holdOutRows, difference: { value: 0, low: 0, high: 0, level: 0.9 } },
      });
    });

    test('compares nothing where too many resamples leave the metric undefined', async () => {
      expect(await compare({ metric: 'r2' })).toEqual({
        notComparable: 'r2 is undefined on too many resamples of the 4 held-out rows',
      });
    });

    test('says which column production needs that the rows no longer have', async () => {
      const { n_items: gone, ...columns } = pipeline.rows.columns;
      expect(gone).toBeDefined();
      const shorter = { ...pipeline, rows: { ...pipeline.rows, columns } };
      expect(await compare({ pipeline: shorter })).toEqual({
        notComparable: 'it reads "n_items" as a number, which the rows no longer have',
      });
    });

    test('compares nothing on a metric that the rows leave undefined', async () => {
      const path = await store.localPath(rows.blob.sha256);
      const heldOut = await readFrame({ ...entityColumns(pipeline), path, split: 'hold-out' });
      const keys = heldOut.keys.map((key) => `'${key}'`).join(', ');
      const constant = await build(
        `SELECT * REPLACE (CASE WHEN order_id IN (${keys}) THEN 5 ELSE review_score END AS review_score) FROM made`,
      );
      expect(await compare({ rows: constant })).toEqual({
        notComparable: `r2 is undefined on the ${constant.report.holdOutRows} held-out rows`,
      });
    });

    test('compares no number with a class', async () => {
      const { artifact } = await train();
      const model = await loadModel(await store.read(artifact.sha256));
      const production = await storeModel(store, { ...model, task: 'binary', classes: ['no', 'yes'] });
      expect(await compare({ production })).toEqual({
        notComparable: 'it answers binary of no and yes, the new version regression',
      });
    });
  });
});
