import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { scanRecords } from '../../data/csv-records.ts';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

let dataCase: DataCase;
beforeAll(async () => {
  dataCase = await createDataCase();
});
afterAll(() => dataCase.remove());

const field = fc.oneof(
  fc.constantFrom(
    '',
    '1.5',
    '2024-01-31',
    '2024-02-30',
    '-1',
    'x',
    '"two\nlines"',
    '"a ""word"""',
    'São',
    '1,2',
  ),
  fc.string({ maxLength: 6 }).map((text) => `"${text.replaceAll('"', '""')}"`),
);
const record = fc.array(field, { minLength: 4, maxLength: 4 }).map((fields) => fields.join(','));
/** Bytes put in or over at random places of a file: quotes, line ends, bytes that are no UTF-8. */
const damage = fc.array(
  fc.record({
    at: fc.nat(),
    byte: fc.constantFrom(0x00, 0x0a, 0x0d, 0x22, 0x2c, 0x41, 0xe3, 0xff),
    insert: fc.boolean(),
  }),
  { maxLength: 12 },
);
const damagedFile = fc
  .record({
    records: fc.array(record, { maxLength: 30 }),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    damage,
  })
  .map(({ records, lineEnd, damage }) => {
    const bytes = [...Buffer.from(records.map((text) => text + lineEnd).join(''))];
    for (const { at, byte, insert } of damage)
      bytes.splice(bytes.length === 0 ? 0 : at % bytes.length, insert ? 0 : 1, byte);
    return Buffer.from(bytes);
  });

test('rows in are kept plus quarantined, each once, whatever the damage', async () => {
  await fc.assert(
    fc.asyncProperty(damagedFile, async (body) => {
      await dataCase.write({
        'orders.csv': Buffer.concat([Buffer.from('id,when,amount,note\n'), body]),
        'other.csv': 'id,when,amount,note\nz,,,\n',
      });
      // The optional table may lose every row; the other keeps the run alive.
      const pipeline = smallPipeline({ orders: { optional: true }, other: {} });
      const { report, tables, quarantine } = await dataCase.validate(pipeline);
      const orders = report.tables.find(({ table }) => table === 'orders');
      const kept = await readBlob(dataCase.store, tables.orders?.sha256 ?? '');
      const setAside = quarantine === null ? [] : await readBlob(dataCase.store, quarantine.sha256, 'ndjson');
      expect(orders?.kept).toBe(kept.length);
      expect(orders?.quarantined).toBe(setAside.length);
      expect(new Set(setAside.map(({ row }) => row)).size).toBe(setAside.length);
      expect(setAside.every(({ reasons }) => Array.isArray(reasons) && reasons.length > 0)).toBe(true);
      expect(orders?.rowsIn).toBe(kept.length + setAside.length);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('a record is found on its line, wherever the file is cut and however lines end', async () => {
  await fc.assert(
    fc.asyncProperty(damagedFile, async (body) => {
      await dataCase.write({ 'scan.csv': body });
      const lines: number[] = [];
      let bytes = 0;
      const note = (line: number, length: number) => {
        lines.push(line);
        bytes += length;
      };
      await scanRecords({
        path: `${dataCase.folder}/scan.csv`,
        delimiter: ',',
        visitor: {
          record: ({ line, start, end }) => {
            note(line, end - start);
            return 'continue';
          },
          malformed: ({ line, start, end }) => note(line, end - start),
          blankLine: (line) => note(line, 0),
          chunkEnd: () => undefined,
        },
      });
      const lineEnds = body.toString('latin1').match(/\r\n|\r|\n/g) ?? [];
      expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b));
      expect(lines.at(-1) ?? 0).toBeLessThanOrEqual(lineEnds.length + 1);
      // Nothing but line ends is outside the records; line ends inside quotes are within them.
      expect(bytes).toBeGreaterThanOrEqual(body.length - lineEnds.join('').length);
    }),
    { numRuns: 200 },
  );
});

test('a quote left open in a big file costs its own line alone', async () => {
  const rows = Array.from(
    { length: 120_000 },
    (_, index) => `k${index},2024-01-31,1.5,some text that is long\n`,
  );
  rows[10] = 'k10,2024-01-31,1.5,"open\n';
  await dataCase.write({ 'orders.csv': `id,when,amount,note\n${rows.join('')}`, 'other.csv': '' });
  const { report } = await dataCase.validate(smallPipeline());
  expect(report.tables[0]).toMatchObject({ rowsIn: 120_000, kept: 119_999, quarantined: 1 });
  expect(report.checks[0]?.examples).toMatchObject([{ row: 11, line: 12 }]);
});

test('a line that never ends is one quarantined record, and memory stays bounded', async () => {
  const long = Buffer.alloc(12 * 1024 * 1024, 'x');
  await dataCase.write({
    'orders.csv': Buffer.concat([
      Buffer.from('id,when,amount,note\na,,,\nb,,,'),
      long,
      Buffer.from('\nc,,,\n'),
    ]),
  });
  const { report } = await dataCase.validate(smallPipeline());
  expect(report.tables[0]).toMatchObject({ rowsIn: 3, kept: 2, quarantined: 1 });
  expect(report.checks[0]?.examples[0]?.message).toBe('is longer than 2,097,152 bytes');
});
