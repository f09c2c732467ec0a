import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

test('a warning keeps the row, and a value that is none becomes empty', async () => {
  await dataCase.write({ 'orders.csv': 'id,amount\na,much\nb,2000\nc,5\n' });
  const amount = { type: 'number', max: 1000, severity: 'warn' } as const;
  const { report, tables } = await dataCase.validate(
    smallPipeline({ orders: { columns: { id: { type: 'text' }, amount } } }),
  );
  expect(report.checks).toMatchObject([
    { check: 'type', severity: 'warn', offences: 1, message: '1 row in "amount": no number' },
    { check: 'range', severity: 'warn', offences: 1, message: '1 row in "amount": above 1000' },
  ]);
  expect(await readBlob(dataCase.store, tables.orders?.sha256 ?? '')).toEqual([
    { id: 'a', amount: null },
    { id: 'b', amount: 2000 },
    { id: 'c', amount: 5 },
  ]);
});

test('a fatal check ends the run, naming count, column and rule', async () => {
  await dataCase.write({ 'orders.csv': 'id,status\na,sent\nb,lost\nc,gone\n' });
  const status = { type: 'text', oneOf: ['sent', 'kept'], severity: 'fatal' } as const;
  await expect(
    dataCase.validate(smallPipeline({ orders: { columns: { id: { type: 'text' }, status } } })),
  ).rejects.toThrow('orders: 2 rows in "status": none of sent, kept');
});

test('a check shows its first twenty offending rows, with file, line and value, and counts them all', async () => {
  const rows = Array.from(
    { length: 60 },
    (_, index) => `k${index},2024-01-31,${index % 2 === 0 ? 'x' : 1},"a\nb"\n`,
  );
  await dataCase.write({ 'orders.csv': `id,when,amount,note\n${rows.join('')}` });
  const { report } = await dataCase.validate(smallPipeline());
  const [check] = report.checks;
  expect(check).toMatchObject({ file: 'orders.csv', offences: 30, share: 0.5 });
  expect(check?.examples).toHaveLength(20);
  // Each record takes two lines.
  expect(check?.examples[1]).toEqual({ row: 3, line: 6, value: 'x', message: '"x" is no number' });
});

test('a reference is held against the rows that were kept, whatever the order of tables', async () => {
  await dataCase.write({
    'orders.csv': 'id,when\na,2024-01-31\nb,2024-02-30\n',
    'items.csv': 'id,order\n1,a\n2,b\n3,c\n4,\n',
    'parts.csv': 'id,item\n1,1\n2,2\n',
  });
  const text = { type: 'text' } as const;
  const refersTo = (column: string, table: string) => [
    { columns: [column], table, to: ['id'], severity: 'quarantine' } as const,
  ];
  const { report } = await dataCase.validate(
    smallPipeline({
      parts: { columns: { id: text, item: text }, foreignKeys: refersTo('item', 'items') },
      items: { columns: { id: text, order: text }, foreignKeys: refersTo('order', 'orders') },
      orders: { columns: { id: text, when: { type: 'date' } } },
    }),
  );
  expect(report.tables.map(({ table, kept, quarantined }) => [table, kept, quarantined])).toEqual([
    ['parts', 1, 1],
    ['items', 2, 2],
    ['orders', 1, 1],
  ]);
  const items = report.checks.find(({ table }) => table === 'items');
  expect(items?.examples.map(({ message }) => message)).toEqual([
    '"b" is not in orders.id',
    '"c" is not in orders.id',
  ]);
});

test('a row that breaks several rules is set aside once, with every reason', async () => {
  await dataCase.write({ 'orders.csv': 'id,when,amount,note\na,soon,-1,x\nb,,1,x\n' });
  const { report, quarantine } = await dataCase.validate(smallPipeline());
  expect(report.tables[0]).toMatchObject({ rowsIn: 2, kept: 1, quarantined: 1 });
  expect(await readBlob(dataCase.store, quarantine?.sha256 ?? '', 'ndjson')).toEqual([
    {
      table: 'orders',
      file: 'orders.csv',
      row: 1,
      line: 2,
      reasons: ['when: is no date', 'amount: is below 0'],
      values: { id: 'a', when: 'soon', amount: '-1', note: 'x' },
    },
  ]);
});

test('columns are found by alias, extra ones are ignored and named, optional ones may be absent', async () => {
  await dataCase.write({ 'orders.csv': 'Order ID,color,id_of_batch\na,red,7\n' });
  const columns = {
    id: { type: 'text', aliases: ['Order ID'] },
    amount: { type: 'number', required: false },
  } as const;
  const { report, tables } = await dataCase.validate(smallPipeline({ orders: { columns: { ...columns } } }));
  expect(report.tables[0]).toMatchObject({ verdict: 'passed', extraColumns: ['color', 'id_of_batch'] });
  expect(await readBlob(dataCase.store, tables.orders?.sha256 ?? '')).toEqual([{ id: 'a', amount: null }]);
});

test('several files of one table are read one after the other, each with its own order of columns', async () => {
  await dataCase.write({ 'sales_2.csv': 'amount,id\n2,b\nx,a\n', 'sales_1.csv': 'id,amount\na,1\n' });
  const columns = { id: { type: 'text' }, amount: { type: 'number' } } as const;
  const { report, tables, quarantine } = await dataCase.validate(
    smallPipeline({ orders: { files: ['sales_*.csv'], columns: { ...columns } } }),
  );
  expect(report.tables[0]).toMatchObject({ file: 'sales_1.csv, sales_2.csv', rowsIn: 3, kept: 2 });
  expect(await readBlob(dataCase.store, tables.orders?.sha256 ?? '')).toEqual([
    { id: 'a', amount: 1 },
    { id: 'b', amount: 2 },
  ]);
  const [aside] = await readBlob(dataCase.store, quarantine?.sha256 ?? '', 'ndjson');
  expect(aside).toMatchObject({ file: 'sales_2.csv', row: 2, line: 3 });
});

test('a column may have its own bar of empty values', async () => {
  await dataCase.write({ 'orders.csv': 'id,when,amount,note\na,,,\nb,,1,\nc,,1,x\n' });
  const columns = {
    id: { type: 'text' },
    when: { type: 'date', maxNullShare: 1 },
    amount: { type: 'number' },
    note: { type: 'text' },
  } as const;
  const { report } = await dataCase.validate(
    smallPipeline({ orders: { maxNullShare: 0.5, columns: { ...columns } } }),
  );
  expect(report.checks.map(({ check, column, message }) => [check, column, message])).toEqual([
    ['null-share', 'note', '66.67 % of "note" is empty; the bar is 50.00 %'],
  ]);
});
