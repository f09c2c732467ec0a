import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import type { RowsRef } from '../../contracts/data.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import type { TaskContext } from '../../threads/context.ts';
import { buildRowsTask, validateDataTask } from '../../threads/data-tasks.ts';
import { describeModel } from '../../threads/describe-model.ts';
import type { DescribeModelOutput } from '../../threads/tasks.ts';
import { trainCandidate } from '../../threads/train-candidate.ts';
import { readBlob } from '../data/data-case.ts';
import { sourceReaders } from '../source-readers.ts';
import { declared } from './olist.ts';
import { createTestContext } from './test-context.ts';

/** What a run says of its model's making, on leads: two standard deviations, means and modes, levels, the range. */

const { loaded, pipeline } = declared('lead-conversion');
const parameters = resolveParameters(loaded);
let folder: string;
let store: BlobStore;
let rows: RowsRef;
let described: DescribeModelOutput;

async function describeCandidate(name: string, context: TaskContext): Promise<DescribeModelOutput> {
  const candidate = pipeline.candidates[name];
  if (candidate === undefined) throw new Error(`${name} is no candidate`);
  const recipe = recipeFor(pipeline, name, { leftOut: Object.keys(rows.report.leftOut ?? {}) });
  const of = { ...pipeline, selection: { ...pipeline.selection, folds: 2 } };
  const { artifact } = await trainCandidate(
    { pipeline: of, recipe, candidate, moment: pipeline.moment, rows, seed: 1 },
    context,
  );
  return describeModel({ pipeline, rows, model: artifact }, context);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'perennial-described-'));
  store = await createFolderStore(folder);
  const context = createTestContext(store);
  const source = 'demo:leads?rows=4000&seed=5';
  const snapshot = await takeSnapshot({ pipeline, source, store, readers: sourceReaders() });
  const { tables } = await validateDataTask({ pipeline, snapshot, parameters }, context);
  rows = await buildRowsTask(
    { pipeline, sql: sqlOf(loaded), joined: snapshot.joined, tables, parameters },
    context,
  );
  described = await describeCandidate('logistic', context);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('lists the features as they were in training, without what was left out', () => {
  const { features, trainRows, holdOutRows } = described.columns;
  expect({ trainRows, holdOutRows }).toEqual({
    trainRows: rows.report.trainRows,
    holdOutRows: rows.report.holdOutRows,
  });
  expect(features.map(({ name }) => name)).toEqual([
    'purchases',
    'time_spent',
    'n_visits',
    'customer_group',
    'onboarding',
  ]);
  for (const feature of features) {
    const counts =
      feature.kind === 'number'
        ? feature.bins.counts
        : feature.kind === 'category'
          ? feature.levels.map(({ count }) => count)
          : [];
    expect(counts.reduce((sum, count) => sum + count, feature.missing)).toBe(trainRows);
  }
});

test('counts what was clipped beyond two standard deviations and filled, by the limits of the training rows', async () => {
  const { train, holdOut } = described.preparation;
  const time = train.outliers.find(({ column }) => column === 'time_spent');
  const statistics = described.columns.features.find(({ name }) => name === 'time_spent');
  if (statistics?.kind !== 'number') throw new Error('time_spent is a number');
  const { mean, deviation } = statistics;
  expect(time?.low).toBeCloseTo((mean ?? 0) - 2 * (deviation ?? 0), 9);
  const kept = (await readBlob(store, rows.blob.sha256)).filter(({ split }) => split === 'train');
  const times = kept.map(({ time_spent }) => time_spent);
  const isBelow = (value: unknown) => value !== null && Number(value) < (time?.low ?? 0);
  expect(time?.below).toBe(times.filter(isBelow).length);
  expect(time?.below).toBeGreaterThan(0);

  const filled = train.imputation.find(({ column }) => column === 'time_spent');
  expect(filled?.filled).toBe(times.filter((value) => value === null).length);
  expect(filled?.filled).toBeGreaterThan(0);
  expect(holdOut.outliers.map(({ low, high }) => [low, high])).toEqual(
    train.outliers.map(({ low, high }) => [low, high]),
  );
});

test('keeps the rows as the learner got them: numbers between 0 and 1, an unseen level beside those seen', async () => {
  if (described.prepared === null) throw new Error('there are prepared rows');
  const prepared = await readBlob(store, described.prepared.sha256);
  const [first = {}] = prepared;
  expect(Object.keys(first)).toEqual(['lead_id', 'lead_indicator', 'split', ...described.columns.prepared]);
  expect(described.columns.prepared).toContain('customer_group=other');
  expect(prepared).toHaveLength(rows.report.kept);
  const training = prepared.filter(({ split }) => split === 'train');
  for (const name of ['purchases', 'time_spent', 'n_visits']) {
    const values = training.map((row) => Number(row[name]));
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 1]);
  }
  for (const row of training) {
    const groups = Object.entries(row).filter(([name]) => name.startsWith('customer_group='));
    expect(groups.reduce((sum, [, value]) => sum + Number(value), 0)).toBe(1);
  }
});

test('the model read again gives the scores that travel with it', () => {
  expect(described.check).toMatchObject({ rows: 16, largestDifference: 0 });
});
