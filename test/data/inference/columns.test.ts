import { describe, expect, test } from 'vitest';
import { amount, csv, infer, noise, price, useOf } from './table.ts';

const letters = (row: number): string => (row % 26).toString(36).toUpperCase();

describe('a column', () => {
  test.each([
    ['of numbers is a number', (row: number) => (noise('n', row) * 9).toFixed(3), { use: 'number' }],
    ['of whole numbers that repeat is a number', (row: number) => row % 40, { use: 'number' }],
    ['of 1 and 0 is a number', (row: number) => row % 2, { use: 'number' }],
    [
      'of numbers and words for nothing is a number',
      (row: number) => (row % 5 === 0 ? 'N/A' : row % 40),
      { use: 'number' },
    ],
    [
      'of numbers with a decimal comma is a number',
      (row: number) => `"${row % 7},${row % 10}"`,
      { use: 'number', decimalComma: true },
    ],
    ['of yes and no is a boolean', (row: number) => (row % 3 === 0 ? 'Yes' : 'no'), { use: 'boolean' }],
    [
      'of few texts is a category of those levels',
      (row: number) => `kind ${row % 3}`,
      { use: 'category', levels: ['kind 0', 'kind 1', 'kind 2'] },
    ],
    [
      'of digits that begin with zeros is a category, for the zeros count',
      (row: number) => `0${1000 + (row % 50)}`,
      { use: 'category' },
    ],
    [
      'of whole numbers called an id that repeat is a category, for their size says nothing',
      (row: number) => 100 + (row % 7),
      { use: 'category' },
      'store_id',
    ],
    [
      'of sentences is free text',
      (row: number) => `it took the ${row} of them very long`,
      { why: 'free-text' },
    ],
    ['of one value is constant', () => 'same', { why: 'constant' }],
    [
      'of empty cells and words for nothing is empty',
      (row: number) => (row % 2 ? 'null' : null),
      { why: 'empty' },
    ],
    [
      'of unequal texts is an identifier',
      (row: number) => `${letters(row)}${row * 7919}`,
      { why: 'identifier' },
    ],
    [
      'of texts that are nearly all unequal is an identifier',
      (row: number) => (row < 3 ? 'double' : row < 6 ? null : `x${row}`),
      { why: 'identifier' },
    ],
    [
      'of whole numbers that count the rows is an identifier',
      (row: number) => 5000 + row,
      { why: 'identifier' },
    ],
    [
      'of unequal whole numbers is an identifier where its name says so',
      (row: number) => 1_000_000 + row * 7919,
      { why: 'identifier' },
      'customerId',
    ],
    ['of unequal whole numbers is a number else', (row: number) => 1_000_000 + row * 7919, { use: 'number' }],
    ['of unequal fractions is a number', (row: number) => 0.5 + row, { use: 'number' }],
  ])('%s', async (_, cells, use, name = 'column') => {
    expect((await useOf(cells, name)).use).toMatchObject(use);
  });

  test.each([
    ['2024-01-9', (day: number) => `2024-01-${day}`, undefined],
    ['31/12/2023', (day: number) => `${day}/1/2024`, ['%d/%m/%Y']],
    ['12/31/2023 8:26', (day: number) => `1/${day}/2024 8:26`, ['%m/%d/%Y %H:%M']],
    ['31.12.2023', (day: number) => `${day}.01.2024`, ['%d.%m.%Y']],
    ['31 Dec 2023', (day: number) => `${day} Jan 2024`, ['%d %b %Y']],
    ['20231231', (day: number) => `202401${String(day).padStart(2, '0')}`, ['%Y%m%d']],
  ])('of dates as %s is a time, read by its format', async (_, cells, formats) => {
    const { use, facts } = await useOf((row) => cells(1 + (row % 31)));
    expect(use).toEqual({ use: 'time' });
    expect(facts.time).toMatchObject({ formats, from: '2024-01-01', to: '2024-01-31', ambiguous: false });
  });

  test('whose days and months could be either is said to be ambiguous', async () => {
    const { facts } = await useOf((row) => `${1 + (row % 12)}/${1 + (row % 7)}/2024`);
    expect(facts.time).toMatchObject({ ambiguous: true, formats: ['%m/%d/%Y'] });
  });

  test('that is an identifier in every row names the rows', async () => {
    const own = await infer(csv({ row_id: (row) => row, amount, price }));
    expect(own.key).toBe('row_id');
    const gaps = await infer(csv({ code: (row) => (row === 7 ? null : `c${row * 31}`), amount, price }));
    expect(gaps.key).toBeNull();
  });

  test('that is kept stays a feature, whatever it looks like', async () => {
    const table = csv({ row_id: (row) => row, again: price, amount, price });
    const uses = (columns: Awaited<ReturnType<typeof infer>>['columns']) =>
      columns.map(({ use }) => (use.use === 'none' ? use.why : use.use));
    expect(uses((await infer(table)).columns)).toEqual(['identifier', 'leak', 'number']);
    const kept = await infer(table, { keep: ['row_id', 'again'] });
    expect(uses(kept.columns)).toEqual(['number', 'number', 'number']);
  });
});

describe('a leak', () => {
  const isHigh = (row: number) => noise('amount', row) > 0.5;
  const label = (row: number) => (isHigh(row) ? 'late' : 'on time');
  const table = csv(
    {
      outcome: (row) => (isHigh(row) ? 'refunded' : row % 2 === 0 ? 'closed' : null),
      fee: (row) => (isHigh(row) ? 10 + noise('fee', row) : noise('fee', row)),
      near: (row) => (noise('near', row) < 0.8 === isHigh(row) ? 'a' : 'b'),
      label,
    },
    400,
  );

  test('is a column that alone tells the target on held-out rows, with its score', async () => {
    const { columns } = await infer(table, { target: 'label' });
    const [outcome, fee, near] = columns;
    expect(outcome?.use).toMatchObject({ why: 'leak', reason: expect.stringContaining('ROC-AUC 1.0000') });
    expect(fee?.use).toMatchObject({ why: 'leak' });
    expect(near?.use).toMatchObject({ use: 'category' });
    expect(near?.alone).toBeGreaterThan(0.7);
    expect(near?.alone).toBeLessThan(0.9);
  });

  test('is found where a number is another number in other units', async () => {
    const { columns } = await infer(
      csv({ cents: (row) => (Number(price(row)) * 100 - 5).toFixed(0), amount, price }),
    );
    expect(columns[0]?.use).toMatchObject({ why: 'leak', reason: expect.stringContaining('R²') });
    expect(columns[1]?.use).toMatchObject({ use: 'number' });
  });

  test('tells all of several classes, not one of them from the rest', async () => {
    const kind = (row: number) => ['red', 'green', 'blue'][row % 3] ?? null;
    const isRed = (row: number) => (kind(row) === 'red' ? 'R' : '-');
    const classes = csv({ code: (row) => `c${row % 3}`, isRed, amount, kind }, 300);
    const [code, red] = (await infer(classes, { target: 'kind' })).columns;
    expect(code?.use).toMatchObject({ why: 'leak' });
    expect(red?.use).toMatchObject({ use: 'category' });
  });

  test('is no category of which each row has its own', async () => {
    const many = csv({ many: (row) => `level ${Math.floor(noise('many', row) * 120)}`, amount, label }, 400);
    const { columns } = await infer(many, { target: 'label' });
    expect(columns[0]?.use).toMatchObject({ use: 'category' });
    expect(columns[0]?.alone).toBeLessThan(0.7);
  });
});
