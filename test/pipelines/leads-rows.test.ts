import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { generateDemo } from '../../data/demo/registry.ts';
import { buildRows } from '../../data/rows.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { validate } from '../../data/validate.ts';
import { instanceSchema } from '../../pipelines/instance-schema.ts';
import { resolveParameters } from '../../pipelines/parameters.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { readBlob } from '../data/data-case.ts';
import { describeRealData } from '../real-data.ts';
import { sourceReaders } from '../source-readers.ts';

/** What a run takes of the leads, through the readers, filters and checks that it uses. */

const pipelines = loadPipelines({ folders: [fileURLToPath(new URL('../../pipelines', import.meta.url))] });
const found = pipelines.get(pipelineNameSchema.parse('lead-conversion'));
if (found === undefined) throw new Error('lead-conversion is not there');
const pipeline = found;

let root: string;
let demo: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'perennial-leads-'));
  demo = join(root, 'demo');
  await generateDemo({ name: 'leads', rows: 6000, seed: 3, folder: demo });
});
afterAll(() => rm(root, { recursive: true }));

async function rowsOf(folder: string, given: Record<string, unknown> = {}) {
  const parameters = resolveParameters(pipeline, given);
  const store = await createFolderStore(join(root, 'store'));
  const readers = sourceReaders(folder);
  const snapshot = await takeSnapshot({ pipeline, source: `folder:${folder}`, store, readers });
  const { report, tables, quarantine } = await validate({ pipeline, snapshot, parameters, store });
  const rows = await buildRows({ pipeline, sql: sqlOf(pipeline), joined: false, tables, parameters, store });
  const [leads] = report.tables;
  if (leads === undefined) throw new Error('the report has no table');
  const filtered = Object.fromEntries(
    Object.entries(leads.filtered ?? {}).map(([rule, { count }]) => [rule, count]),
  );
  return { report, leads, filtered, rows, quarantine, store };
}

test('a window takes the leads of its days, padded or not, and no others', async () => {
  const all = await rowsOf(demo, { from: '', to: '' });
  const january = await rowsOf(demo);
  const first = await rowsOf(demo, { from: '2024-01-01', to: '2024-01-15' });
  const second = await rowsOf(demo, { from: '2024-01-16', to: '2024-01-31' });
  const outside = (of: typeof all) => of.filtered['outside-window'] ?? Number.NaN;

  expect(outside(all)).toBe(0);
  expect(outside(january)).toBeGreaterThan(500);
  expect(first.rows.report.kept + second.rows.report.kept).toBe(january.rows.report.kept);
  for (const { leads, filtered, rows } of [all, january, first, second]) {
    const left = Object.values(filtered).reduce((sum, count) => sum + count, 0);
    expect(leads.rowsIn).toBe(6000);
    expect(leads.kept + leads.quarantined + left).toBe(6000);
    expect(rows.report.kept).toBe(leads.kept);
  }
});

test('the report says by which window a run took its rows', async () => {
  const { leads } = await rowsOf(demo, { from: '2024-02-01', to: '2024-02-29' });
  expect(leads.filtered?.['outside-window']?.reason).toBe(
    'The lead came before or after the window of the run. Taken: date_part from 2024-02-01, date_part to 2024-02-29.',
  );
});

test('rows without target or id are set aside with their reason and place', async () => {
  const { leads, quarantine, store } = await rowsOf(demo);
  const records = quarantine === null ? [] : await readBlob(store, quarantine.sha256, 'ndjson');
  expect(records).toHaveLength(leads.quarantined);
  const reasons = new Set(records.flatMap((record) => record.reasons));
  expect([...reasons].sort()).toEqual(['lead_id: is empty', 'lead_indicator: is empty']);
  for (const record of records) {
    expect(record).toMatchObject({ file: 'raw_data.csv', line: record.row + 1 });
    expect(record.values.source).toBe('signup');
  }
});

test('the hold-out has its share of each class', async () => {
  const { rows, store } = await rowsOf(demo);
  const kept = await readBlob(store, rows.blob.sha256);
  const share = (split: string) => {
    const own = kept.filter((row) => row.split === split);
    return own.filter((row) => Number(row.lead_indicator) === 1).length / own.length;
  };
  expect(rows.report.holdOutRows / rows.report.kept).toBeCloseTo(0.15, 2);
  expect(Math.abs(share('hold-out') - share('train'))).toBeLessThan(0.01);
});

test('the source, the same for all that signed up, is no feature of a model', async () => {
  const { rows } = await rowsOf(demo);
  expect(rows.report.leftOut).toEqual({
    source: { rule: 'constant', message: '"source" is signup in every row to train on' },
  });
});

test('a request of another source is refused by its field', () => {
  const { schema } = instanceSchema(pipeline);
  const refused = schema.safeParse({ ...pipeline.example, source: 'fb' });
  expect(refused.error?.issues.map(({ path }) => path)).toEqual([['source']]);
});

describeRealData('leads', 'the real leads', (path) => {
  test('account for every row: 12,345 = 2,937 kept + 128 quarantined + 9,280 filtered', async () => {
    const { leads, filtered, rows } = await rowsOf(path);
    expect(leads).toMatchObject({ rowsIn: 12_345, kept: 2937, quarantined: 128 });
    expect(filtered).toEqual({ 'other-source': 9280, 'outside-window': 0 });
    expect(rows.report).toMatchObject({ kept: 2937, trainRows: 2496, holdOutRows: 441 });
  });
});
