import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pipeline } from '../../../contracts/pipeline.ts';
import type { SnapshotDiff } from '../../../contracts/snapshots.ts';
import { diffSnapshots } from '../../../data/diff/diff-snapshots.ts';
import { withSession } from '../../../data/duckdb.ts';
import { takeSnapshot } from '../../../data/snapshot.ts';
import { createDataCase, type DataCase } from '../data-case.ts';
import { smallPipeline } from '../small-pipeline.ts';

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

type Files = Record<string, string | Uint8Array>;

/** Of the two, as files alone or as a pipeline's tables. */
async function diff(
  from: Files,
  to: Files,
  { pipeline = null, key = null }: { pipeline?: Pipeline | null; key?: string[] | null } = {},
): Promise<SnapshotDiff> {
  const { store, readers } = dataCase;
  const take = async (files: Files, folder: string) => {
    await dataCase.write(
      Object.fromEntries(Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content])),
    );
    return takeSnapshot({ pipeline, source: `folder:${join(dataCase.folder, folder)}`, store, readers });
  };
  const [former, later] = [await take(from, 'former'), await take(to, 'later')];
  const declarations = pipeline?.tables ?? {};
  return diffSnapshots({ from: former.files, to: later.files, declarations, key, store });
}

const lines = (...records: string[]): string => `${records.join('\n')}\n`;

describe('files', () => {
  test('are told as added, removed, changed and renamed, and the same are not read', async () => {
    const found = await diff(
      { 'kept.csv': 'a\n1\n', 'gone.csv': 'a\n2\n', 'old.csv': 'a\n3\n', 'other.csv': 'a\n4\n' },
      { 'kept.csv': 'a\n1\n', 'come.csv': 'a\n5\n', 'new.csv': 'a\n3\n', 'other.csv': 'a\n6\n' },
    );
    expect(found.same).toBe(false);
    expect(found.files.same).toBe(1);
    expect(found.files.differences.map(({ name, change, formerName }) => [name, change, formerName])).toEqual(
      [
        ['come.csv', 'added', null],
        ['gone.csv', 'removed', null],
        ['new.csv', 'renamed', 'old.csv'],
        ['other.csv', 'changed', null],
      ],
    );
    expect(found.tables.map(({ table, change, rows }) => [table, change, rows])).toContainEqual([
      'kept.csv',
      'same',
      null,
    ]);
  });

  test('of the same bytes differ in nothing', async () => {
    const files = { 'a.csv': 'a\n1\n', 'b.csv': 'b\n1\n' };
    expect(await diff(files, files)).toMatchObject({
      same: true,
      files: { same: 2, differing: 0, differences: [] },
    });
  });
});

describe('rows', () => {
  test('are found again by the declared key, under aliases too, whatever their order', async () => {
    const pipeline = smallPipeline({
      orders: { primaryKey: ['id'], columns: { id: { type: 'text', aliases: ['order'] } } },
    });
    const [table] = (
      await diff(
        { 'orders.csv': lines('id,when,amount', 'a,2024-01-01,1', 'b,2024-01-02,2', 'c,2024-01-03,3') },
        { 'orders.csv': lines('amount,order,when', '9,c,2024-01-03', '1,a,2024-01-01', '4,d,2024-01-04') },
        { pipeline },
      )
    ).tables;
    expect(table).toMatchObject({
      table: 'orders',
      key: ['id'],
      rows: { from: 3, to: 3, added: 1, removed: 1, changed: 1 },
      columns: { added: [], removed: [], both: 3 },
      examples: {
        added: [{ amount: '4', id: 'd', when: '2024-01-04' }],
        removed: [{ id: 'b', when: '2024-01-02', amount: '2' }],
        changed: [{ key: { id: 'c' }, cells: [{ column: 'amount', from: '3', to: '9' }] }],
      },
    });
    expect(table?.columns.differences.find(({ column }) => column === 'amount')).toMatchObject({
      changed: 1,
      type: { from: 'integer', to: 'integer' },
      numbers: { from: { min: 1, mean: 2, max: 3 }, to: { min: 1, max: 9 } },
    });
  });

  test('are compared whole where no key is known, as often as they stand there', async () => {
    const [table] = (
      await diff(
        { 'a.csv': lines('x,y', '1,a', '1,a', '2,b', '3,"c, d"') },
        { 'renamed.csv': lines('y,x', 'a,1', '"c, d",3', 'e,5', 'e,5') },
      )
    ).tables;
    expect(table).toMatchObject({
      table: 'renamed.csv',
      key: null,
      rows: { from: 4, to: 4, added: 2, removed: 2, changed: null },
      examples: {
        added: [
          { y: 'e', x: '5' },
          { y: 'e', x: '5' },
        ],
        removed: [
          { x: '1', y: 'a' },
          { x: '2', y: 'b' },
        ],
      },
    });
  });

  test('of a repeated key are paired in the order of their contents', async () => {
    const [table] = (
      await diff(
        { 'a.csv': lines('k,v', '1,a', '1,b', ',n') },
        { 'a.csv': lines('k,v', '1,b', ',n', '1,a', '1,c') },
        { key: ['k'] },
      )
    ).tables;
    expect(table).toMatchObject({
      repeatedKeys: { from: 1, to: 2 },
      rows: { added: 1, removed: 0, changed: 0 },
      examples: { added: [{ k: '1', v: 'c' }] },
    });
  });

  test('without the key that was asked for are not compared, and the table says why', async () => {
    const [table] = (await diff({ 'a.csv': 'x\n1\n' }, { 'a.csv': 'x\n2\n' }, { key: ['id'] })).tables;
    expect(table?.rows).toBeNull();
    expect(table?.problem).toContain('"id" is not in the former one, whose columns are x');
  });

  test('of a file that cannot be read are not compared, while the others are', async () => {
    const found = await diff({ 'a.csv': 'x\n1\n', 'b.csv': 'x\n1\n' }, { 'a.csv': '', 'b.csv': 'x\n1\n2\n' });
    expect(found.tables[0]?.problem).toBe('a.csv is empty: it has no header');
    expect(found.tables[1]?.rows).toMatchObject({ added: 1, removed: 0 });
  });

  test('that cannot be split are counted apart', async () => {
    const [table] = (await diff({ 'a.csv': 'x,y\n1,2\n' }, { 'a.csv': 'x,y\n1,2\n3\n' })).tables;
    expect(table).toMatchObject({ unreadable: { from: 0, to: 1 }, rows: { from: 1, to: 1, added: 0 } });
  });
});

describe('columns', () => {
  test('that came, went, or changed their type are told with their types', async () => {
    const [table] = (
      await diff(
        { 'a.csv': lines('id,when,amount,old,flag', '1,2024-01-01,1,x,yes', '2,2024-01-02,2,,no') },
        { 'a.csv': lines('id,when,amount,new,flag', '1,2024-01-01 10:00,1.5,7,yes', '2,,n/a,8,no') },
        { key: ['id'] },
      )
    ).tables;
    expect(table?.columns).toMatchObject({
      added: [{ column: 'new', type: 'integer' }],
      removed: [{ column: 'old', type: 'text' }],
      both: 4,
      differing: 2,
    });
    const byName = Object.fromEntries((table?.columns.differences ?? []).map((one) => [one.column, one]));
    expect(byName.amount).toMatchObject({ type: { from: 'integer', to: 'text' }, changed: 2 });
    expect(byName.when).toMatchObject({
      type: { from: 'date', to: 'timestamp' },
      missing: { from: 0, to: 1 },
      changed: 2,
    });
  });

  test('of Parquet are compared as CSV has them', async () => {
    const path = join(dataCase.folder, 'a.parquet');
    await withSession({}, (session) =>
      session.run(`COPY (SELECT 1 AS x, 'a' AS y UNION ALL SELECT 2, NULL) TO '${path}' (FORMAT parquet)`),
    );
    const [table] = (await diff({ 'a.csv': 'x,y\n1,a\n3,\n' }, { 'a.parquet': await readFile(path) })).tables;
    expect(table).toMatchObject({ rows: { from: 2, to: 2, added: 1, removed: 1 } });
  });
});
