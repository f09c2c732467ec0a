import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunParameters } from '../../contracts/runs.ts';
import { DataInvalid } from '../../data/errors.ts';
import { validate } from '../../data/validate.ts';
import { learners } from '../../ml/learners/registry.ts';
import { checkPipeline } from '../../pipelines/check.ts';
import { createDataCase, type DataCase } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

const window = {
  from: { type: 'date', description: 'first day', default: '2024-01-01' },
  to: { type: 'date', description: 'last day', default: '2024-01-31' },
};
const filters = {
  'no-sample': { column: 'note', oneOf: ['real'], reason: 'It is a sample.' },
  window: { column: 'when', from: { parameter: 'from' }, to: { parameter: 'to' }, reason: 'Another month.' },
};

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

async function validated(lines: string[], options: { table?: object; parameters?: RunParameters } = {}) {
  const { table = {}, parameters = { from: '2024-01-01', to: '2024-01-31' } } = options;
  await dataCase.write({ 'orders.csv': `id,when,amount,note\n${lines.join('\n')}\n` });
  const pipeline = smallPipeline({ orders: { filters, ...table } }, { parameters: window });
  const { store } = dataCase;
  const { report } = await validate({
    pipeline,
    snapshot: await dataCase.snapshot(pipeline),
    parameters,
    store,
  });
  const [orders] = report.tables;
  if (orders === undefined) throw new Error('the report has no table');
  const counts = Object.entries(orders.filtered ?? {}).map(([rule, { count }]) => [rule, count]);
  return { report, orders, filtered: Object.fromEntries(counts) };
}

test('a row counts under the first rule that it is outside of, whatever else is wrong with it', async () => {
  const { report, orders, filtered } = await validated([
    'a,2024-01-01,1,real',
    'b,2024-01-31,1,real',
    'c,2024-02-01,1,real',
    'd,2023-12-31,-5,sample',
    'e,2024-01-05,no number,sample',
  ]);
  expect(orders).toMatchObject({ rowsIn: 5, kept: 2, quarantined: 0 });
  expect(filtered).toEqual({ 'no-sample': 2, window: 1 });
  expect(report).toMatchObject({ verdict: 'passed', checks: [] });
});

test('a value that is empty or cannot be read is left to the checks', async () => {
  const { orders, filtered } = await validated([
    'a,2024-01-01,1,real',
    'b,,1,real',
    'c,soon,1,real',
    'd,2024-01-02,1,',
  ]);
  expect(orders).toMatchObject({ rowsIn: 4, kept: 3, quarantined: 1 });
  expect(filtered).toEqual({ 'no-sample': 0, window: 0 });
});

test('a key that only a filtered row repeats is unique', async () => {
  const { orders } = await validated(['a,2024-01-01,1,sample', 'a,2024-01-01,1,real']);
  expect(orders).toMatchObject({ kept: 1, quarantined: 0 });
});

test('an empty side of a window is open', async () => {
  const lines = ['a,1999-01-01,1,real', 'b,2024-01-31,1,real', 'c,2024-02-01,1,real'];
  const { filtered, orders } = await validated(lines, { parameters: { from: '', to: '2024-01-31' } });
  expect(filtered.window).toBe(1);
  expect(orders.filtered?.window?.reason).toBe('Another month. Taken: when to 2024-01-31.');
});

test('the last day of a window is whole where the column has times', async () => {
  const table = { columns: { id: { type: 'text' }, when: { type: 'timestamp' }, note: { type: 'text' } } };
  const lines = ['a,2024-01-31 23:59:59,1,real', 'b,2024-02-01 00:00:00,1,real'];
  expect((await validated(lines, { table })).filtered.window).toBe(1);
});

test('a table of which nothing is left says by which rules', async () => {
  const failed = await validated(['a,2024-03-01,1,real', 'b,2024-03-01,1,sample']).catch((error) => error);
  expect(failed).toBeInstanceOf(DataInvalid);
  expect(failed.report.checks[0].message).toBe(
    'none of the 2 rows of "orders.csv" is left; filtered: 1 row by "no-sample" (It is a sample. Taken: note = real.), ' +
      '1 row by "window" (Another month. Taken: when from 2024-01-01, when to 2024-01-31.)',
  );
});

describe('a declaration is refused', () => {
  const faultsOf = (filter: object) =>
    checkPipeline(smallPipeline({ orders: { filters: { rule: filter } } }, { parameters: window }), learners)
      .filter(({ path }) => path.includes('filters'))
      .map(({ path, message }) => [path.slice(4).join('.'), message]);

  test.each<[what: string, filter: object, place: string, message: string]>([
    ['without a bound', { column: 'when' }, '', 'needs oneOf, from or to: it leaves no row out'],
    [
      'of no column',
      { column: 'wen', from: 1 },
      'column',
      'unknown column "wen"; known: id, when, amount, note',
    ],
    [
      'by the order of a text',
      { column: 'note', to: 3 },
      'to',
      '"note" is a text, which has no order; use oneOf',
    ],
    [
      'with a day for a number',
      { column: 'amount', to: '2024-01-31' },
      'to',
      '"2024-01-31" is no bound of a number',
    ],
    [
      'by a parameter of another type',
      { column: 'amount', to: { parameter: 'to' } },
      'to.parameter',
      'parameter "to" is a date, needed for a number: number or integer',
    ],
    [
      'by no parameter',
      { column: 'when', to: { parameter: 'until' } },
      'to.parameter',
      'unknown parameter "until"; known: from, to',
    ],
  ])('%s', (_, filter, place, message) => {
    expect(faultsOf({ reason: 'why', ...filter })).toEqual([[place, message]]);
  });
});
