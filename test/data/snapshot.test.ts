import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidSource } from '../../contracts/source.ts';
import { withSession } from '../../data/duckdb.ts';
import { SourceNotFound, SourceRefused } from '../../data/errors.ts';
import { takeSnapshot } from '../../data/snapshot.ts';
import { validate } from '../../data/validate.ts';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

const orders = 'id,when,amount,note\na,2024-01-31,1.5,fine\n';
const two = () => smallPipeline({ orders: {}, items: {} });

describe('a snapshot', () => {
  test('has the same id for the same files, whatever their dates, ignored neighbours and source', async () => {
    await dataCase.write({ 'orders.csv': orders, 'items.csv': `${orders}b,,,\n` });
    const first = await dataCase.snapshot(two());
    await utimes(join(dataCase.folder, 'orders.csv'), 1, 1);
    await dataCase.write({ 'extra.csv': 'x\n1\n' });
    const second = await dataCase.snapshot(two());
    expect(second.id).toBe(first.id);
    expect(second.ignoredFiles).toEqual(['extra.csv']);

    const upload = {
      ...dataCase.readers,
      uploads: { files: async () => [...first.files].reverse().map(({ name, blob }) => ({ name, blob })) },
    };
    const id = '7b7f4b0a-6c1f-4b1a-9d5c-0b1f6f6b7f11';
    const uploaded = await takeSnapshot({
      pipeline: two(),
      source: `upload:${id}`,
      store: dataCase.store,
      readers: upload,
    });
    expect(uploaded).toMatchObject({ id: first.id, source: `upload:${id}` });

    const readers = { ...dataCase.readers, snapshots: { find: async () => first } };
    const again = await takeSnapshot({
      pipeline: two(),
      source: `snapshot:${first.id}`,
      store: dataCase.store,
      readers,
    });
    expect(again.files).toEqual(first.files);
    expect(again.id).toBe(first.id);
  });

  test('has another id for other bytes, for tables exchanged, and under another declaration', async () => {
    await dataCase.write({ 'orders.csv': orders, 'items.csv': `${orders}b,,,\n` });
    const ids = [(await dataCase.snapshot(two())).id];
    ids.push((await dataCase.snapshot(smallPipeline({ orders: {}, items: { maxNullShare: 0.1 } }))).id);
    await rename(join(dataCase.folder, 'orders.csv'), join(dataCase.folder, 'was-orders.csv'));
    await rename(join(dataCase.folder, 'items.csv'), join(dataCase.folder, 'orders.csv'));
    await rename(join(dataCase.folder, 'was-orders.csv'), join(dataCase.folder, 'items.csv'));
    ids.push((await dataCase.snapshot(two())).id);
    await dataCase.write({ 'items.csv': `${orders}c,,,\n` });
    ids.push((await dataCase.snapshot(two())).id);
    expect(new Set(ids).size).toBe(4);
  });

  test('gives a table the files of its first pattern that matches, whatever their case', async () => {
    await dataCase.write({ 'ORDERS.CSV': orders, 'all_orders_2024.csv': orders, 'notes.md': 'x' });
    const snapshot = await dataCase.snapshot(
      smallPipeline({ orders: { files: ['orders.csv', '*orders*.csv'] } }),
    );
    expect(snapshot.files.map(({ name }) => name)).toEqual(['ORDERS.CSV']);
    expect(snapshot.ignoredFiles).toEqual(['all_orders_2024.csv']);
  });

  test('takes a demo source from its generator', async () => {
    const pipeline = smallPipeline({ orders: { files: ['shop.csv'], columns: { id: { type: 'text' } } } });
    const seed = (n: number) => dataCase.snapshot(pipeline, `demo:shop?rows=3&seed=${n}`);
    expect((await seed(1)).id).toBe((await seed(1)).id);
    expect((await seed(2)).id).not.toBe((await seed(1)).id);
  });
});

describe('a single file', () => {
  const joinedPipeline = () =>
    smallPipeline(
      {
        orders: {},
        items: {},
        joined: { files: ['joined*.csv'], columns: { id: { type: 'text' }, total: { type: 'number' } } },
      },
      {
        rows: {
          key: 'id',
          joined: { table: 'joined', sql: 'joined.sql' },
          columns: { note: { kind: 'text', description: 'note', availableAt: 'review' } },
        },
      },
    );

  test.each([['joined_2024.csv'], ['export.csv']])(
    'called %s is the pre-joined table by name or columns',
    async (name) => {
      await dataCase.write({ [name]: 'id,total\na,1\n' });
      const snapshot = await dataCase.snapshot(joinedPipeline(), `folder:${join(dataCase.folder, name)}`);
      expect(snapshot).toMatchObject({ joined: true, files: [{ name, table: 'joined' }] });
      const { report } = await validate({ pipeline: joinedPipeline(), snapshot, store: dataCase.store });
      expect(report.tables.map(({ table }) => table)).toEqual(['joined']);
    },
  );

  test('is the only required table where it has its columns', async () => {
    await dataCase.write({ 'my export.csv': orders });
    const { report } = await dataCase.validate(smallPipeline());
    expect(report.tables).toMatchObject([{ table: 'orders', file: 'my export.csv', kept: 1 }]);
  });

  test('may be Parquet, whose own types are kept', async () => {
    const path = join(dataCase.folder, 'orders.parquet');
    await withSession({}, (session) =>
      session.run(
        `COPY (SELECT 'a' AS id, DATE '2024-01-31' AS "when", 1.5::DOUBLE AS amount, NULL::VARCHAR AS note, 7 AS extra
         UNION ALL SELECT 'b', NULL, -1, 'x', 8) TO '${path}' (FORMAT parquet)`,
      ),
    );
    const { report, tables } = await dataCase.validate(smallPipeline());
    expect(report.tables).toMatchObject([{ rowsIn: 2, kept: 1, quarantined: 1, extraColumns: ['extra'] }]);
    expect(report.checks[0]?.examples).toEqual([
      { line: null, row: 2, value: '-1.0', message: '"-1.0" is below 0' },
    ]);
    expect(await readBlob(dataCase.store, tables.orders?.sha256 ?? '')).toEqual([
      { id: 'a', when: '2024-01-31', amount: 1.5, note: null },
    ]);
  });

  test('that only calls itself Parquet is refused by name', async () => {
    await dataCase.write({ 'orders.parquet': orders });
    const pipeline = smallPipeline({ orders: { files: ['orders.*'] } });
    await expect(dataCase.validate(pipeline)).rejects.toThrow(
      '"orders.parquet": is no readable Parquet file',
    );
  });
});

describe('a source', () => {
  test.each([
    ['nonsense', InvalidSource, 'is no source'],
    ['folder:/nowhere/at/all', SourceNotFound, 'does not exist'],
    ['folder:/etc', SourceRefused, 'lies outside the folders that sources may come from'],
    [`snapshot:${'0'.repeat(64)}`, SourceNotFound, 'there is no snapshot'],
    ['upload:7b7f4b0a-6c1f-4b1a-9d5c-0b1f6f6b7f11', SourceNotFound, 'there is no upload'],
  ])('%s is refused', async (source, cause, message) => {
    const failure = await dataCase.snapshot(smallPipeline(), source).catch((error) => error);
    expect(failure).toBeInstanceOf(cause);
    expect(failure.message).toContain(message);
  });

  test('without a data file is refused', async () => {
    await dataCase.write({ 'readme.md': 'x' });
    await expect(dataCase.snapshot(smallPipeline())).rejects.toThrow('holds no .csv, .parquet or .xlsx file');
  });

  test('must not lead out of its roots by a link or by dots, and may link within them', async () => {
    const outside = join(dirname(dataCase.folder), 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'orders.csv'), orders);
    await symlink(join(outside, 'orders.csv'), join(dataCase.folder, 'orders.csv'));
    await expect(dataCase.snapshot(smallPipeline())).rejects.toThrow(SourceRefused);
    await expect(dataCase.snapshot(smallPipeline(), `folder:${dataCase.folder}/../outside`)).rejects.toThrow(
      SourceRefused,
    );
    // A folder whose name merely begins like a root is not inside it.
    await mkdir(`${dataCase.folder}-twin`);
    await expect(dataCase.snapshot(smallPipeline(), `folder:${dataCase.folder}-twin`)).rejects.toThrow(
      SourceRefused,
    );

    await dataCase.write({ 'inner/real.csv': orders });
    await rename(join(dataCase.folder, 'orders.csv'), join(outside, 'link'));
    await symlink(join(dataCase.folder, 'inner', 'real.csv'), join(dataCase.folder, 'orders.csv'));
    expect((await dataCase.snapshot(smallPipeline())).files).toHaveLength(1);
  });
});

test('an abort ends a running query at once, with the reason of the signal', async () => {
  const controller = new AbortController();
  const started = performance.now();
  const work = withSession({ signal: controller.signal }, async (session) => {
    setTimeout(() => controller.abort(new Error('asked to stop')), 50);
    return session.rows(
      'SELECT count(*) FROM range(1000000000) a, range(1000) b WHERE (a.range + b.range) % 7 = 1',
    );
  });
  await expect(work).rejects.toThrow('asked to stop');
  expect(performance.now() - started).toBeLessThan(2_000);
});

test('an aborted validation rejects with the reason of the signal', async () => {
  await dataCase.write({ 'orders.csv': orders });
  const pipeline = smallPipeline();
  const snapshot = await dataCase.snapshot(pipeline);
  const controller = new AbortController();
  const work = validate({
    pipeline,
    snapshot,
    store: dataCase.store,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('asked to stop')),
  });
  await expect(work).rejects.toThrow('asked to stop');
});
