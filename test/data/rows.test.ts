import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { entityColumns } from '../../data/entity-columns.ts';
import { readFrame } from '../../data/frame.ts';
import { readLookups } from '../../data/lookups.ts';
import { buildRows } from '../../data/rows.ts';
import { readCell } from '../../ml/frame.ts';
import { isHoldOut } from '../../ml/splits/hold-out.ts';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

const header = 'id,when,amount,note\n';
const keys = Array.from({ length: 40 }, (_, index) => `k${String(index).padStart(2, '0')}`);
const body = keys
  .map((key, index) => `${key},2024-01-${1 + (index % 28)},${index % 2},n${index % 3}\n`)
  .join('');

const rowsOf = (kinds: Record<string, string>, more: object = {}) => ({
  key: 'id',
  columns: Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { kind, description: name, availableAt: 'review' }]),
  ),
  ...more,
});

type Options = {
  rows?: ReturnType<typeof rowsOf>;
  overrides?: Readonly<Record<string, unknown>>;
  parameters?: Record<string, number | string | string[]>;
  threads?: number;
  lookupSql?: Record<string, string>;
};

async function build(sql: string, options: Options = {}) {
  const { rows = rowsOf({ note: 'text' }), overrides = {}, parameters = {}, threads = 1 } = options;
  const pipeline = smallPipeline({ orders: {} }, { rows, ...overrides });
  const { tables } = await dataCase.validate(pipeline);
  const built = await buildRows({
    pipeline,
    sql: { rows: sql, lookups: options.lookupSql ?? {} },
    joined: false,
    tables,
    parameters,
    store: dataCase.store,
    session: { threads },
  });
  return { pipeline, built, path: await dataCase.store.localPath(built.blob.sha256) };
}

describe('entity rows', () => {
  beforeEach(() => dataCase.write({ 'orders.csv': header + body }));

  test('are sorted by key, on the side that their key gives them, and read back as typed arrays', async () => {
    const { pipeline, built, path } = await build(
      'SELECT id, amount, "when" AS bought, note, note AS remark FROM orders ORDER BY amount',
      { rows: rowsOf({ bought: 'timestamp', note: 'category', remark: 'text' }) },
    );
    const heldOut = keys.filter((key) => isHoldOut({ key, salt: 'perennial', share: 0.2 }));
    expect(built.report).toMatchObject({
      kept: 40,
      trainRows: 40 - heldOut.length,
      holdOutRows: heldOut.length,
    });
    const all = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
    expect(all.keys).toEqual(keys);
    expect([...all.target].slice(0, 3)).toEqual([0, 1, 0]);
    const bought = all.frame.columns.get('bought');
    expect(bought?.kind === 'timestamp' && bought.values[1]).toBe(Date.UTC(2024, 0, 2));
    const note = all.frame.columns.get('note');
    expect(note?.kind === 'category' && note.levels).toEqual(['n0', 'n1', 'n2']);
    expect(note?.kind === 'category' && [...note.codes.slice(0, 4)]).toEqual([0, 1, 2, 0]);
    const holdOut = await readFrame({ ...entityColumns(pipeline), path, split: 'hold-out' });
    expect(holdOut.keys).toEqual(heldOut);
  });

  test('have NaN, -1 and null where a value is missing', async () => {
    const { pipeline, path } = await build(
      'SELECT id, amount, NULL::INTEGER AS n, NULL::VARCHAR AS c, NULL::DATE AS t, NULL::VARCHAR AS x FROM orders',
      { rows: rowsOf({ n: 'number', c: 'category', t: 'timestamp', x: 'text' }) },
    );
    const { frame } = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
    const firsts = ['n', 'c', 't', 'x'].map((name) => {
      const column = frame.columns.get(name);
      return column?.kind === 'category' ? column.codes[0] : column?.values[0];
    });
    expect(firsts).toEqual([Number.NaN, -1, Number.NaN, null]);
  });

  test('see run parameters by getvariable, with their defaults and types', async () => {
    const { built } = await build(
      `SELECT id, amount, note, CASE WHEN "when" < getvariable('from') THEN 'early' END AS excluded FROM orders`,
      {
        rows: rowsOf({ note: 'text' }, { exclusions: { early: 'before the window' } }),
        overrides: { parameters: { from: { type: 'date', description: 'start', default: '2024-01-01' } } },
        parameters: { from: '2024-01-11' },
      },
    );
    expect(built.report.excluded).toEqual({ early: { count: 20, reason: 'before the window' } });
    expect(built.report.entities).toBe(40);
  });

  test.each([
    ['a missing column', 'SELECT id, amount FROM orders', 'column "note" is missing'],
    [
      'a column of another kind',
      'SELECT id, amount, 1 AS note FROM orders',
      'declared as text, the SQL gives INTEGER',
    ],
    ['a missing key', 'SELECT amount, note FROM orders', 'the key "id" is missing'],
    ['a missing target', 'SELECT id, note FROM orders', 'the target "amount" is missing'],
    [
      'an empty target',
      'SELECT id, nullif(amount, 0) AS amount, note FROM orders',
      'empty or none of its declared values in 20 of 40 rows',
    ],
    [
      'a repeated key',
      "SELECT 'k' AS id, amount, note FROM orders",
      '39 rows repeat one, as "k", which stands 40 times',
    ],
    [
      'an unknown rule',
      "SELECT *, 'odd' AS excluded FROM orders",
      'excludes 40 rows by "odd", which is no declared rule; known: none',
    ],
    [
      'an infinite number',
      'SELECT id, amount, note, 1.0::DOUBLE / 0 AS r FROM orders',
      '"r" is infinite in 40 rows; divide by nullif(…, 0)',
    ],
    ['no rows', 'SELECT * FROM orders WHERE false', 'keeps no row'],
    [
      'a cell that no cast takes',
      "SELECT * REPLACE (CAST('interrupted' AS INTEGER) AS amount) FROM orders",
      "Could not convert string 'interrupted' to INT32",
    ],
    ['two statements', 'SELECT 1; SELECT 2', 'must be one query, not 2 statements'],
    ['a table that is not declared', 'SELECT * FROM sellers', 'Table with name sellers does not exist'],
    ['a file outside', "SELECT * FROM read_csv('/etc/passwd')", 'file system operations are disabled'],
  ])('refuse SQL with %s', async (_, sql, message) => {
    const rows = rowsOf(sql.includes(' AS r ') ? { note: 'text', r: 'number' } : { note: 'text' });
    await expect(build(sql, { rows })).rejects.toThrow(message);
  });

  test('refuse SQL without the excluded column that a rule needs', async () => {
    const rows = rowsOf({ note: 'text' }, { exclusions: { early: 'before the window' } });
    await expect(build('SELECT * FROM orders', { rows })).rejects.toThrow(
      'gives no column "excluded", but the rule "early" is declared',
    );
  });

  test('are split by a date of their own', async () => {
    const { built } = await build('SELECT * FROM orders', {
      overrides: { split: { by: 'cutoff', column: 'when', date: '2024-01-20' } },
    });
    expect(built.report).toMatchObject({ trainRows: 31, holdOutRows: 9 });
  });

  test('within the gap before the date are on neither side, and counted', async () => {
    const { built } = await build('SELECT * FROM orders', {
      overrides: { split: { by: 'cutoff', column: 'when', date: '2024-01-20', gapDays: 3 } },
    });
    expect(built.report).toMatchObject({
      entities: 40,
      kept: 38,
      trainRows: 29,
      holdOutRows: 9,
      excluded: { 'gap before the hold-out': { count: 2 } },
    });
  });

  test('of one group are on one side', async () => {
    const groups = "SELECT *, CASE WHEN id >= 'k10' THEN substr(id, 1, 2) || note END AS shop FROM orders";
    const { pipeline, built, path } = await build(groups, {
      rows: rowsOf({ note: 'text', shop: 'category' }),
      overrides: { split: { by: 'group', column: 'shop', share: 0.4, salt: 'x' } },
    });
    const shopsOf = async (split: 'train' | 'hold-out') => {
      const { frame } = await readFrame({ ...entityColumns(pipeline), path, split });
      return new Set(
        Array.from({ length: frame.rows }, (_, row) => readCell(frame.columns.get('shop'), row)),
      );
    };
    const [trained, heldOut] = [await shopsOf('train'), await shopsOf('hold-out')];
    expect(built.report.trainRows + built.report.holdOutRows).toBe(40);
    expect([...trained].filter((shop) => shop !== null && heldOut.has(shop))).toEqual([]);
    expect(heldOut.size).toBeGreaterThan(0);
  });

  test('are split by strata of the target with a seed', async () => {
    const { pipeline, built, path } = await build('SELECT * FROM orders', {
      overrides: { split: { by: 'stratified', share: 0.25, seed: 1 } },
    });
    expect(built.report).toMatchObject({ trainRows: 30, holdOutRows: 10 });
    const { target } = await readFrame({ ...entityColumns(pipeline), path, split: 'hold-out' });
    expect(target.filter((value) => value === 1)).toHaveLength(5);
  });

  test('have 1 for the positive class of a binary target, by name or number', async () => {
    const binary = {
      task: 'binary',
      target: { column: 'label', description: 'l', positive: 'good', negative: 'bad' },
      threshold: { fixed: 0.5 },
    };
    for (const label of ["CASE amount WHEN 1 THEN 'good' ELSE 'bad' END", 'amount', 'amount = 1']) {
      const { pipeline, path } = await build(`SELECT id, note, ${label} AS label FROM orders`, {
        overrides: binary,
      });
      const { target } = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
      expect([...target.slice(0, 4)]).toEqual([0, 1, 0, 1]);
    }
    await expect(build("SELECT id, note, 'odd' AS label FROM orders", { overrides: binary })).rejects.toThrow(
      'none of its declared values in 40 of 40 rows',
    );
  });

  test('bring look-ups by key, which must be unique', async () => {
    const overrides = {
      lookups: [{ name: 'notes', key: 'note', values: { mean: 0, n: 0 }, sql: 'notes.sql' }],
    };
    const sql =
      'SELECT note AS key, sum(amount::DECIMAL(9,2)) / count(*) AS mean, count(*) AS n FROM orders GROUP BY note';
    const { built } = await build('SELECT * FROM orders', { overrides, lookupSql: { notes: sql } });
    const path = await dataCase.store.localPath(built.lookups?.sha256 ?? '');
    const lookups = await readLookups({ path });
    expect([...(lookups.get('notes') ?? [])]).toEqual([
      ['n0', { mean: 0.5, n: 14 }],
      ['n1', { mean: 7 / 13, n: 13 }],
      ['n2', { mean: 6 / 13, n: 13 }],
    ]);
    const twice = { notes: 'SELECT note AS key, 1 AS mean, 1 AS n FROM orders' };
    await expect(build('SELECT * FROM orders', { overrides, lookupSql: twice })).rejects.toThrow(
      'keys must be present and unique; of 40 rows 40 have one, 3 differ',
    );
  });
});

test('a table may be called as one of ours', async () => {
  await dataCase.write({ 'kept.csv': header + body });
  const pipeline = smallPipeline({ kept: {} });
  const { tables } = await dataCase.validate(pipeline);
  const sql = { rows: 'SELECT * FROM kept', lookups: {} };
  const built = await buildRows({
    pipeline,
    sql,
    joined: false,
    tables,
    parameters: {},
    store: dataCase.store,
  });
  expect(built.report.kept).toBe(40);
});

test('an absent optional table is empty, with its types', async () => {
  await dataCase.write({ 'orders.csv': header + body });
  const pipeline = smallPipeline({ orders: {}, extra: { optional: true } });
  const { report, tables } = await dataCase.validate(pipeline);
  expect(report).toMatchObject({ verdict: 'passed', tables: [{ verdict: 'passed' }, { verdict: 'absent' }] });
  const built = await buildRows({
    pipeline,
    sql: {
      rows: 'SELECT o.id, o.amount + coalesce(e.amount, 0) AS amount, e.note FROM orders o LEFT JOIN extra e USING (id)',
      lookups: {},
    },
    joined: false,
    tables,
    parameters: {},
    store: dataCase.store,
  });
  expect(built.report.nullShares).toEqual({ note: 1 });
});

test('the rows are the same to the byte with one and with four threads, and again', async () => {
  const lines = Array.from(
    { length: 300_000 },
    (_, index) => `k${index},2024-01-01,${((index * 7919) % 99991) / 100},n${index % 5000}\n`,
  );
  await dataCase.write({ 'orders.csv': header + lines.join('') });
  const sql = `SELECT note AS id, sum(CAST(amount AS DECIMAL(18, 2))) AS amount, max(id) AS note FROM orders GROUP BY ALL ORDER BY 1`;
  const hashes: string[] = [];
  for (const threads of [1, 4, 1]) {
    const { built } = await build(sql, { threads });
    hashes.push(built.blob.sha256);
  }
  expect(new Set(hashes).size).toBe(1);
  expect(await readBlob(dataCase.store, hashes[0] ?? '')).toHaveLength(5000);
});
