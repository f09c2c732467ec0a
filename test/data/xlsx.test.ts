import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Pipeline } from '../../contracts/pipeline.ts';
import { DataInvalid } from '../../data/errors.ts';
import { meaningOf, momentText } from '../../data/xlsx/cell-formats.ts';
import { columnName } from '../../data/xlsx/sheet-rows.ts';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';
import { type TestCell, type TestSheet, workbookFile, zipFile } from './workbook-file.ts';

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

const header = ['id', 'when', 'amount', 'note'];
const sheet = (rows: readonly (readonly TestCell[])[], name = 'Orders'): TestSheet => ({
  name,
  rows: [header, ...rows],
});

async function read(sheets: readonly TestSheet[], options: { pipeline?: Pipeline; is1904?: boolean } = {}) {
  const { pipeline = smallPipeline(), ...form } = options;
  await dataCase.write({ 'orders.xlsx': workbookFile(sheets, form) });
  const { report, tables, quarantine } = await dataCase.validate(pipeline);
  const { orders } = tables;
  return {
    report,
    rows: orders === undefined ? [] : await readBlob(dataCase.store, orders.sha256),
    quarantined: quarantine === null ? [] : await readBlob(dataCase.store, quarantine.sha256, 'ndjson'),
  };
}

async function refusal(bytes: Buffer, pipeline = smallPipeline()): Promise<string> {
  await dataCase.write({ 'orders.xlsx': bytes });
  const error = await dataCase.validate(pipeline).catch((thrown: unknown) => thrown);
  if (error instanceof DataInvalid) return error.message;
  throw new Error('the file was read');
}

describe('a spreadsheet', () => {
  test('is a source of any table, with its own texts, numbers, days and truths', async () => {
    const { rows } = await read([
      sheet([
        ['a', { date: 40513.35138888889 }, 2.5499999999999998, 'Café & “£5”'],
        [17850, '2024-01-31', 0, { inline: 'line\nbreak, "quoted"' }],
        [{ xml: 't="str"><f>1&amp;2</f><v>12</v>' }, null, { xml: '><f>1+1</f><v>2</v>' }, true],
        ['d', { date: 40513 }, null, 'a_x000D_b'],
      ]),
    ]);
    expect(rows).toEqual([
      { id: 'a', when: '2010-12-01', amount: 2.55, note: 'Café & “£5”' },
      { id: '17850', when: '2024-01-31', amount: 0, note: 'line\nbreak, "quoted"' },
      { id: '12', when: null, amount: 2, note: 'true' },
      { id: 'd', when: '2010-12-01', amount: null, note: 'a\rb' },
    ]);
  });

  test('counts its days from 1904 where it says so', async () => {
    const { rows } = await read([sheet([['a', { date: 39051 }, 1, null]])], { is1904: true });
    expect(rows[0]).toMatchObject({ when: '2010-12-01' });
  });

  test('names sheet, row and column of what is wrong in it', async () => {
    const { report, quarantined } = await read([
      sheet([
        ['a', '2024-01-31', 'many', null],
        [],
        ['b', '2024-01-31', 2, 'fine', null, 'too far'],
        ['c', '2024-01-31', { xml: 't="e"><v>#N/A</v>' }, null],
        ['d', '2024-01-31', 5, 'kept'],
      ]),
    ]);
    expect(report.tables[0]).toMatchObject({
      file: 'orders.xlsx, sheet Orders',
      rowsIn: 4,
      kept: 1,
      quarantined: 3,
    });
    const place = { table: 'orders', file: 'orders.xlsx, sheet Orders', line: null };
    expect(quarantined).toEqual([
      {
        ...place,
        row: 4,
        reasons: ['has a value in column F, where the header ends at D'],
        text: expect.any(String),
      },
      { ...place, row: 2, reasons: ['amount: is no number'], values: expect.anything() },
      { ...place, row: 5, reasons: ['amount: is no number'], values: expect.anything() },
    ]);
  });

  test('is read from its first sheet that is not hidden, and says which it leaves', async () => {
    const sheets = [
      { ...sheet([['hidden', null, 1, null]], 'Notes'), hidden: true },
      sheet([['first', null, 1, null]], '2009'),
      sheet([['second', null, 1, null]], '2010'),
    ];
    const { rows, report } = await read(sheets);
    expect(rows.map(({ id }) => id)).toEqual(['first']);
    expect(report.checks).toContainEqual(
      expect.objectContaining({
        check: 'other-sheets',
        severity: 'warn',
        message:
          '"orders.xlsx, sheet 2009" is read; not read are "Notes", "2010": a table\'s `sheet` says which it is in',
      }),
    );
    const named = await read(sheets, { pipeline: smallPipeline({ orders: { sheet: '2010' } }) });
    expect(named.rows.map(({ id }) => id)).toEqual(['second']);
    expect(named.report.checks.filter(({ check }) => check === 'other-sheets')).toEqual([]);
  });

  test.each<[fault: string, bytes: () => Buffer, message: string, declared?: Record<string, unknown>]>([
    [
      'no sheet of the name declared',
      () => workbookFile([sheet([])]),
      'it has no sheet "May", but "Orders"',
      { sheet: 'May' },
    ],
    [
      'a sheet without cells',
      () => workbookFile([{ name: 'Orders', rows: [] }]),
      'sheet Orders": is empty: it has no header',
    ],
    [
      'a column that is missing',
      () => workbookFile([{ name: 'Orders', rows: [['id', 'when', 'note']] }]),
      'column "amount" is not in the header',
    ],
    ['no archive', () => Buffer.from('id,when\n'), 'is no readable spreadsheet (.xlsx): '],
    [
      'an archive of something else',
      () => zipFile([{ name: 'a.txt', text: 'a' }]),
      'its part _rels/.rels is missing',
    ],
    [
      'a cell that names no text',
      () => workbookFile([sheet([[{ xml: 't="s"><v>99</v>' }]])]),
      'names text 99 of 4',
    ],
    [
      'entities of its own',
      () => zipFile([{ name: '_rels/.rels', text: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' }]),
      'its part _rels/.rels is damaged: ',
    ],
    [
      'a part that claims to unpack to too much',
      () => zipFile([{ name: '_rels/.rels', text: 'a' }], 2 ** 31),
      'unpacks to 2,147,483,648 bytes; at most 33,554,432 are read',
    ],
    [
      'a part that unpacks to more than it claims',
      () => zipFile([{ name: '_rels/.rels', text: Buffer.alloc(64 * 1024 * 1024, ' ') }], 10),
      'too many bytes in the stream',
    ],
    [
      'elements in elements without end',
      () => zipFile([{ name: '_rels/.rels', text: '<a>'.repeat(1_000_000) }]),
      'nested more than 256 deep',
    ],
    [
      'a text that would fill the memory',
      () => zipFile([{ name: '_rels/.rels', text: `<a>${' '.repeat(9_000_000)}</a>` }]),
      'a text or tag has more than 8,388,608 characters',
    ],
    [
      'a header longer than a record may be',
      () => workbookFile([{ name: 'Orders', rows: [['id', 'x'.repeat(2_100_000)]] }]),
      'row 1: the header cannot be read: is longer than 2,097,152 bytes',
    ],
  ])('is refused with %s', async (_, bytes, message, declared = {}) => {
    expect(await refusal(bytes(), smallPipeline({ orders: declared }))).toContain(message);
  });

  test('sets aside a row that is longer than a record may be, with its beginning', async () => {
    const long = 'x'.repeat(1_200_000);
    const { rows, quarantined } = await read([
      sheet([
        ['a', null, 1, { xml: `t="inlineStr"><is>${`<r><t>${long}</t></r>`.repeat(2)}</is>` }],
        [long, null, 2, long],
        ['c', null, 3, 'kept'],
      ]),
    ]);
    expect(rows).toEqual([{ id: 'c', when: null, amount: 3, note: 'kept' }]);
    const tooLong = { reasons: ['is longer than 2,097,152 bytes'] };
    expect(quarantined).toMatchObject([
      { row: 2, ...tooLong },
      { row: 3, ...tooLong },
    ]);
    expect(quarantined.map(({ text }) => String(text).length)).toEqual([65_536, 65_536]);
    expect(quarantined[0]?.text).toMatch(/^a,,1,x+…$/);
  });

  test('cut off anywhere is read whole or refused by name', async () => {
    const whole = workbookFile([sheet([['a', null, 1, 'x']])]);
    for (let length = 0; length < whole.length; length += 331) {
      const message = await refusal(whole.subarray(0, length));
      expect(message).toContain('is no readable spreadsheet (.xlsx)');
    }
  });

  test('keeps every number and text that a CSV file would', async () => {
    const cell = fc.record({
      amount: fc.double({ min: 0, max: 1000, noNaN: true }),
      note: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => /^[^\p{C}]+$/u.test(text)),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 50, maxLength: 100 }), async (cells) => {
        const given = cells.map(({ amount, note }, i) => [`r${i}`, null, amount, note] as const);
        const { rows } = await read([sheet(given)]);
        expect(rows).toEqual(cells.map(({ amount, note }, i) => ({ id: `r${i}`, when: null, amount, note })));
      }),
      { numRuns: 3 },
    );
  });
});

describe('a number format', () => {
  test.each([
    ['General', 'number'],
    ['#,##0.00 "days"', 'number'],
    ['0.00E+00', 'number'],
    ['[h]:mm:ss', 'number'],
    ['[Red]-0', 'number'],
    ['m/d/yyyy\\ h:mm', 'date'],
    ['[$-409]d-mmm-yy;@', 'date'],
    ['mmmm', 'date'],
    ['yyyy-mm-dd hh:mm:ss.000', 'date'],
    ['h:mm AM/PM', 'time'],
    ['mm:ss.0', 'time'],
    // Of a length that a pattern would take a day for.
    [`0${'h'.repeat(10_000_000)}`, 'number'],
  ])('%s is of a %s', (code, meaning) => {
    expect(meaningOf(code)).toBe(meaning);
  });

  test('makes days and times of a count of days, and none of what is no day', () => {
    const day = (serial: number) => momentText(serial, { meaning: 'date', epoch: 1900 });
    expect([1, 59, 61, 40513.35138888889, 2958465].map(day)).toEqual([
      '1900-01-01',
      '1900-02-28',
      '1900-03-01',
      '2010-12-01 08:26:00',
      '9999-12-31',
    ]);
    expect([-1, 2958466, Number.NaN].map(day)).toEqual([undefined, undefined, undefined]);
    expect(momentText(0.5, { meaning: 'time', epoch: 1900 })).toBe('12:00:00');
  });
});

test('columns are named as spreadsheets do', () => {
  expect([0, 25, 26, 701, 702, 16383].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
});
