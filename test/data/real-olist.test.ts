import { afterAll, beforeAll, expect, test } from 'vitest';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import { buildRows } from '../../data/rows.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { validate } from '../../data/validate.ts';
import { describeRealData } from '../real-data.ts';
import { createDataCase, type DataCase } from './data-case.ts';
import { olistPipeline, olistSql } from './olist-pipeline.ts';

describeRealData('olist', 'the real Olist tables', (path) => {
  const pipeline = olistPipeline();
  let dataCase: DataCase;
  beforeAll(async () => {
    dataCase = await createDataCase();
  });
  afterAll(() => dataCase.remove());

  const validated = async () => {
    const { store, readers } = dataCase;
    const snapshot = await takeSnapshot({
      pipeline,
      source: `folder:${path}`,
      store,
      readers: { ...readers, sourceRoots: [path] },
    });
    return validate({ pipeline, snapshot, store });
  };

  test('flags products in four columns at a null bar of 2 %, and the review ids that stand twice', async () => {
    const { report } = await validated();
    expect(report.verdict).toBe('flagged');
    const nullShares = report.checks.filter(({ check }) => check === 'null-share');
    expect(nullShares.map(({ table, column, offences }) => [table, column, offences])).toEqual([
      ['products', 'product_category_name', 111],
      ['products', 'product_name_lenght', 111],
      ['products', 'product_description_lenght', 111],
      ['products', 'product_photos_qty', 111],
    ]);
    const others = report.checks.filter(({ check }) => check !== 'null-share');
    expect(others).toMatchObject([
      { table: 'reviews', check: 'unique', column: 'review_id', severity: 'warn', offences: 34 },
    ]);
    // The 1,171st review begins on line 1,262: texts before it have line breaks.
    expect(others[0]?.examples[0]).toMatchObject({ row: 1171, line: 1262 });
  });

  test('accounts for every row: 8,135 orders are 7,360 kept and 775 without items', async () => {
    const { report, tables } = await validated();
    const counts = report.tables.map(({ table, rowsIn, kept, quarantined }) => [
      table,
      rowsIn,
      kept,
      quarantined,
    ]);
    expect(counts).toEqual([
      ['orders', 8135, 8135, 0],
      ['customers', 8135, 8135, 0],
      ['reviews', 8225, 8225, 0],
      ['items', 8365, 8365, 0],
      ['products', 5460, 5460, 0],
    ]);
    const rows = await buildRows({
      pipeline,
      sql: { rows: olistSql, lookups: {} },
      joined: false,
      tables,
      parameters: {},
      store: dataCase.store,
    });
    expect(rows.report).toMatchObject({
      entities: 8135,
      kept: 7360,
      excluded: { 'no-items': { count: 775 }, 'no-review': { count: 0 } },
    });
    const path = await dataCase.store.localPath(rows.blob.sha256);
    const train = await readFrame({ ...entityColumns(pipeline), path, split: 'train' });
    const holdOut = await readFrame({ ...entityColumns(pipeline), path, split: 'hold-out' });
    expect(train.frame.rows + holdOut.frame.rows).toBe(7360);
    expect(train.keys.filter((key) => holdOut.keys.includes(key))).toEqual([]);
    const state = train.frame.columns.get('customer_state');
    expect(state?.kind === 'category' && state.levels).toHaveLength(27);
  });
});
