import { expect, test } from 'vitest';
import { inferTable } from '../../../data/inference/infer-table.ts';
import { amount, csv, infer, noise, price, tableFile } from './table.ts';

const answer = (yes: string, no: string) => (row: number) => (noise('answer', row) < 0.3 ? yes : no);

test.each([
  [answer('1', '0'), { positive: '1', negative: '0', numeric: true }],
  [answer('1.0', '0'), { positive: '1', negative: '0', numeric: true }],
  [answer('no', 'yes'), { positive: 'yes', negative: 'no', numeric: false }],
  [answer('left', 'stayed'), { positive: 'left', negative: 'stayed', choice: 'it is the rarer one' }],
])(
  'two levels are a binary task, whose positive one is the affirmative or the rarer',
  async (target, found) => {
    const table = await infer(csv({ amount, target }), { target: 'target' });
    expect(table.target).toMatchObject({ task: 'binary', rows: 200, ...found });
  },
);

test('a few texts are classes, and so are numbers that are said to be', async () => {
  const kinds = csv({ amount, kind: (row) => ['red', 'green', 'blue'][row % 3] ?? null });
  const named = await infer(kinds, { target: 'kind' });
  expect(named.target).toMatchObject({ task: 'multiclass', classes: ['blue', 'green', 'red'], rows: 200 });
  const numbers = csv({ amount, kind: (row) => [10, 9, 2][row % 3] ?? null });
  const counted = await infer(numbers, { target: 'kind', namesClasses: true });
  expect(counted.target).toMatchObject({ task: 'multiclass', classes: ['2', '9', '10'], numeric: true });
  expect((await infer(numbers, { target: 'kind' })).target.task).toBe('regression');
});

test('numbers are a regression, and rows without one are counted as such', async () => {
  const { target } = await infer(csv({ amount, price: (row) => (row % 10 === 0 ? 'NA' : price(row)) }));
  expect(target).toMatchObject({ task: 'regression', rows: 180 });
});

test.each([
  ['that is not in the header', csv({ amount, price }), 'rent', 'no column "rent"; it has "amount", "price"'],
  ['that is empty', csv({ amount, price: () => null }), 'price', '"price" is empty in all 200 rows'],
  ['of one value', csv({ amount, price: () => 7 }), 'price', '"price" is "7" in all 200 rows'],
  [
    'of more classes than can be told apart, which it lists',
    csv({ amount, kind: (row) => `kind ${row % 25}` }),
    'kind',
    '"kind" has 25 levels: "kind 0" (8), "kind 1" (8), "kind 10" (8)',
  ],
  [
    'of classes of which some have few rows, which it names',
    csv({ amount, kind: (row) => ['red', row < 30 ? 'blue' : 'green'][row % 2] ?? null }),
    'kind',
    'At least 20 rows of each class are needed: leave out or join "blue".',
  ],
  [
    'with a class of a few rows',
    csv({ amount, kind: (row) => (row < 3 ? 'rare' : 'usual') }),
    'kind',
    '"kind" is "rare" in 3 rows; at least 20',
  ],
  ['of times', csv({ amount, day: (row) => `2024-01-${1 + (row % 28)}` }), 'day', '"day" holds times'],
  ['in too few rows', csv({ amount, price }, 30), 'price', '"price" stands in 30 rows; at least 50'],
  [
    'whose name stands twice',
    csv({ amount, price }).replace('amount,price', 'price,price'),
    'price',
    'the header names no column',
  ],
])('a target %s is refused by name', async (_, table, target, message) => {
  await expect(infer(table, { target })).rejects.toThrow(message);
});

test.each([
  ['', 'is empty: it has no header'],
  ['amount,price\n', 'has a header and no row'],
  ['PK\u0003\u0004…', 'is a spreadsheet (name it .xlsx) or a ZIP archive'],
])('a file %j is refused with what it is', async (content, message) => {
  await expect(infer(content)).rejects.toThrow(message);
});

test('a file of another format is refused by its name', async () => {
  const path = await tableFile('{}', 'table.json');
  await expect(inferTable({ path, target: 'price' })).rejects.toThrow(
    'table.json: the name must end in .csv',
  );
});

test.each([';', '\t', '|'])('fields are split at %j where that finds the most of them', async (delimiter) => {
  const { source } = await infer(csv({ amount, price }, 200, delimiter));
  expect(source.dialect.delimiter).toBe(delimiter);
  expect(source.columns).toEqual(['amount', 'price']);
});

test('bytes that are no UTF-8 are read as Windows writes them', async () => {
  const text = csv({ town: (row) => (row % 2 === 0 ? 'Köln' : 'Ulm'), amount, price });
  const { source, columns } = await infer(Buffer.from(text, 'latin1'));
  expect(source).toMatchObject({
    rows: 200,
    malformed: 0,
    dialect: { encodings: ['utf-8', 'windows-1252'] },
  });
  expect(columns[0]?.use).toMatchObject({ levels: ['Köln', 'Ulm'] });
});

test('columns that no declaration can name are passed over with the reason', async () => {
  const table = csv({ '': (row) => row, Amount: amount, amount, price });
  const { source } = await infer(table);
  expect(source.columns).toEqual(['Amount', 'price']);
  expect(source.unusable).toEqual([
    { name: 'field 1', reason: 'it has no name in the header' },
    { name: 'amount', reason: 'its name differs from an earlier one in upper and lower case only' },
  ]);
});

test('records that cannot be split are counted and passed over', async () => {
  const { source } = await infer(`${csv({ amount, price })}1,2,3\n`);
  expect(source).toMatchObject({ rows: 200, malformed: 1 });
});

test('the example is the row with a target that lacks the fewest values, as a request writes it', async () => {
  const { example } = await infer(
    csv({
      day: (row) => (row < 5 ? null : `${1 + (row % 28)}.1.2024`),
      open: (row) => (row % 2 === 0 ? 'yes' : 'no'),
      amount,
      price: (row) => (row < 7 ? null : price(row)),
    }),
  );
  expect(example).toEqual({ day: '2024-01-08', open: 0, amount: Number(amount(7)) });
});
