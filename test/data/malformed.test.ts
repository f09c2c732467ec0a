import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PipelineDeclaration } from '../../contracts/pipeline.ts';
import { DataInvalid } from '../../data/errors.ts';
import { createDataCase, type DataCase, readBlob } from './data-case.ts';
import { smallPipeline } from './small-pipeline.ts';

type Table = Partial<PipelineDeclaration['tables'][string]>;

let dataCase: DataCase;
beforeEach(async () => {
  dataCase = await createDataCase();
});
afterEach(() => dataCase.remove());

const header = 'id,when,amount,note\n';
const good = 'a,2024-01-31,1.5,fine\n';

describe('a file that cannot be read ends the run with a message that names the place', () => {
  const wide = `${Array.from({ length: 100_000 }, (_, index) => `c${index}`).join(',')}\n`;
  const cases: { rule: string; content: string | Uint8Array; message: string; table?: Table }[] = [
    { rule: 'an empty file', content: '', message: '"orders.csv": is empty: it has no header' },
    {
      rule: 'a file of blank lines',
      content: '\n\r\n\n',
      message: '"orders.csv": is empty: it has no header',
    },
    {
      rule: 'a byte-order mark alone',
      content: '\ufeff',
      message: '"orders.csv": is empty: it has no header',
    },
    { rule: 'a header without rows', content: header, message: '"orders.csv" has a header and no rows' },
    {
      rule: 'a wrong delimiter',
      content: 'id;when;amount;note\na;2024-01-31;1;x\n',
      message:
        '"orders.csv": found ";" between the columns where "," is declared: the header is id;when;amount;note',
    },
    {
      rule: 'tabs where a semicolon is declared',
      content: '"id"\t"when"\t"amount"\t"note"\n',
      message: '"orders.csv": found a tab between the columns where ";" is declared',
      table: { delimiter: ';' },
    },
    {
      rule: '100,000 columns',
      content: wide,
      message: '"orders.csv": the header has 100,000 columns; at most 4,096 are allowed',
    },
    {
      rule: 'a declared column that stands twice',
      content: 'id,when,amount,note,when\n',
      message: '"orders.csv": column "when" stands 2 times in the header: field 2 "when", field 5 "when"',
    },
    {
      rule: 'a column under its name and its alias',
      content: 'id,when,amount,note,remark\n',
      message: '"orders.csv": column "note" stands 2 times in the header: field 4 "note", field 5 "remark"',
      table: {
        columns: {
          id: { type: 'text' },
          when: { type: 'date' },
          amount: { type: 'number' },
          note: { type: 'text', aliases: ['remark'] },
        },
      },
    },
    {
      rule: 'a missing column',
      content: `id,when,note\n`,
      message: '"orders.csv": column "amount" is not in the header, which has "id", "when", "note"',
    },
    {
      rule: 'UTF-16',
      content: Buffer.from(`\ufeff${header}${good}`, 'utf16le'),
      message: '"orders.csv": the file is UTF-16; save it as UTF-8',
    },
    {
      rule: 'a header that is no UTF-8',
      content: Buffer.concat([
        Buffer.from('id,when,amount,note,pre'),
        Buffer.from([0xe7]),
        Buffer.from('o\n'),
      ]),
      message: '"orders.csv": line 1: byte 0xE7 of the header is no utf-8',
    },
    {
      rule: 'a header with an open quote',
      content: 'id,"when,amount,note\n',
      message: '"orders.csv": line 1: the header cannot be read: has a quote that is not closed',
    },
    {
      rule: 'no row left',
      content: `${header}a,never,1,x\nb,2024-02-30,1,x\n`,
      message:
        'none of the 2 rows of "orders.csv" is left; most often: 2 rows in "when": no date, as "never" at line 2',
    },
    {
      rule: 'a ZIP archive',
      content: Buffer.from('504b03041400000008000a0b', 'hex'),
      message: '"orders.csv": is a spreadsheet (name it .xlsx) or a ZIP archive (unpack it first), no CSV',
    },
  ];
  test.each(cases)('$rule', async ({ content, message, table = {} }) => {
    await dataCase.write({ 'orders.csv': content });
    const failure = await dataCase.validate(smallPipeline({ orders: table })).catch((error) => error);
    expect(failure).toBeInstanceOf(DataInvalid);
    expect(failure.message).toContain(`orders: ${message}`);
    expect(failure.report).toMatchObject({
      verdict: 'failed',
      tables: [{ table: 'orders', verdict: 'failed' }],
    });
    const [report] = failure.report.tables;
    expect(report.kept + report.quarantined).toBe(report.rowsIn);
  });

  test('a missing file is named with its patterns and the files there are', async () => {
    await dataCase.write({ 'order.csv': header + good, 'notes.txt': 'x\n' });
    const pipeline = smallPipeline({ orders: { files: ['orders.csv', 'olist_*.csv'] }, items: {} });
    await expect(dataCase.validate(pipeline)).rejects.toThrow(
      'orders: no file matches "orders.csv" or "olist_*.csv"; the source has "notes.txt", "order.csv"',
    );
  });

  test('every broken table is in the report, not only the first', async () => {
    await dataCase.write({ 'orders.csv': '', 'items.csv': header, 'extra.csv': header + good });
    const pipeline = smallPipeline({ orders: {}, items: {}, extra: {} });
    const failure = await dataCase.validate(pipeline).catch((error) => error);
    expect(failure.report.tables).toMatchObject([
      { table: 'orders', verdict: 'failed' },
      { table: 'items', verdict: 'failed' },
      { table: 'extra', verdict: 'passed', rowsIn: 1, kept: 1 },
    ]);
  });
});

describe('a damaged record is set aside with its line and reason, and the others are kept', () => {
  const cases: {
    rule: string;
    content: string | Uint8Array;
    /** row, line, reason */
    setAside: [number, number, string][];
    kept: string[];
  }[] = [
    {
      rule: 'too few and too many fields',
      content: `${header}${good}b,2024-01-31\nc,2024-01-31,1,x,y\nd,2024-01-31,1,x\n`,
      setAside: [
        [2, 3, 'has 2 fields where the header has 4'],
        [3, 4, 'has 5 fields where the header has 4'],
      ],
      kept: ['a', 'd'],
    },
    {
      rule: 'invalid UTF-8',
      content: Buffer.concat([
        Buffer.from(`${header}${good}b,2024-01-31,1,S`),
        Buffer.from([0xe3]),
        Buffer.from(`o Paulo\nc,2024-01-31,1,São Paulo\n`),
      ]),
      setAside: [[2, 3, 'byte 0xE3 is no utf-8']],
      kept: ['a', 'c'],
    },
    {
      rule: 'a NUL byte',
      content: `${header}a,2024-01-31,1,x\u0000y\nb,2024-01-31,1,"\u0000"\n${good}`,
      setAside: [
        [1, 2, 'holds a NUL byte'],
        [2, 3, 'holds a NUL byte'],
      ],
      kept: ['a'],
    },
    {
      rule: 'a quote inside an unquoted field',
      content: `${header}${good}b,2024-01-31,1,5" pipe\nc,2024-01-31,1,"5"" pipe"\n`,
      setAside: [[2, 3, 'has a quote inside a field that does not begin with one']],
      kept: ['a', 'c'],
    },
    {
      rule: 'a quote that never closes, at the next line',
      content: `${header}a,2024-01-31,1,"open\nb,2024-01-31,1,x\nc,2024-01-31,1,y\n`,
      setAside: [[1, 2, 'has a quote that is not closed']],
      kept: ['b', 'c'],
    },
    {
      rule: 'text after a closing quote',
      content: `${header}a,2024-01-31,1,"x" y\nb,2024-01-31,1,z\n`,
      setAside: [[1, 2, 'has a quote that is not closed']],
      kept: ['b'],
    },
    {
      rule: 'a date that is none',
      content: `${header}${good}b,2024-02-30,1,x\nc,2024-02-29,1,x\n`,
      setAside: [[2, 3, 'when: is no date']],
      kept: ['a', 'c'],
    },
    {
      rule: 'numbers that a cast would take',
      content: `${header}a,2024-01-31,NaN,x\nb,2024-01-31,inf,x\nc,2024-01-31,1_0,x\nd,2024-01-31,1e2,x\ne,2024-01-31,-1,x\n`,
      setAside: [
        [1, 2, 'amount: is no number'],
        [2, 3, 'amount: is no number'],
        [3, 4, 'amount: is no number'],
        [5, 6, 'amount: is below 0'],
      ],
      kept: ['d'],
    },
    {
      rule: 'a key that repeats an earlier one that was kept',
      content: `${header}a,2024-02-30,1,x\na,2024-01-31,1,x\na,2024-01-31,2,x\n,2024-01-31,2,x\n`,
      setAside: [
        [1, 2, 'when: is no date'],
        [3, 4, 'id: repeats the "id" of an earlier row'],
        [4, 5, 'id: is empty'],
      ],
      kept: ['a'],
    },
  ];
  test.each(cases)('$rule', async ({ content, setAside, kept }) => {
    await dataCase.write({ 'orders.csv': content });
    const { report, tables, quarantine } = await dataCase.validate(smallPipeline());
    expect(report.verdict).toBe('flagged');
    expect(report.tables[0]).toMatchObject({
      rowsIn: kept.length + setAside.length,
      kept: kept.length,
      quarantined: setAside.length,
    });
    const lines = await readBlob(dataCase.store, quarantine?.sha256 ?? '', 'ndjson');
    const sorted = lines.sort((a, b) => Number(a.row) - Number(b.row));
    expect(sorted.map(({ row, line }) => [row, line])).toEqual(setAside.map(([row, line]) => [row, line]));
    for (const [index, [, , reason]] of setAside.entries())
      expect(sorted[index]?.reasons).toEqual([expect.stringContaining(reason)]);
    const rows = await readBlob(dataCase.store, tables.orders?.sha256 ?? '');
    expect(rows.map(({ id }) => id)).toEqual(kept);
  });
});

describe('what is well-formed is read as written', () => {
  const expected = [
    { id: 'a', when: '2024-01-31', amount: 1.5, note: 'two\nlines, and a "word"' },
    { id: 'b', when: null, amount: null, note: null },
  ];
  const body = 'a,2024-01-31,1.5,"two\nlines, and a ""word"""\nb,"",,\n';
  const cases: { rule: string; content: string | Uint8Array; note?: string; table?: Table }[] = [
    { rule: 'line breaks, delimiters and quotes inside fields', content: header + body },
    { rule: 'no line end after the last record', content: (header + body).trimEnd() },
    { rule: 'a byte-order mark', content: `\ufeff${header}${body}` },
    {
      rule: 'a byte-order mark before a quoted header',
      content: `\ufeff"id","when","amount","note"\n${body}`,
    },
    {
      rule: 'CRLF',
      content: (header + body).replaceAll('\n', '\r\n'),
      note: 'two\r\nlines, and a "word"',
    },
    {
      rule: 'CR alone',
      content: (header + body).replaceAll('\n', '\r'),
      note: 'two\rlines, and a "word"',
    },
    {
      rule: 'extra columns and another order of columns',
      content: 'x,note,amount,when,id\n1,"two\nlines, and a ""word""",1.5,2024-01-31,a\n2,,,,b\n',
    },
    {
      rule: 'semicolons',
      content: `id;when;amount;note\na;2024-01-31;1.5;"two\nlines, and a ""word"""\nb;;;\n`,
      table: { delimiter: ';' },
    },
    {
      rule: 'tabs',
      content: `id\twhen\tamount\tnote\na\t2024-01-31\t1.5\t"two\nlines, and a ""word"""\nb\t\t\t\n`,
      table: { delimiter: '\t' },
    },
    {
      rule: 'blanks around names and numbers',
      content: `id, when , amount,note\n${body.replace('1.5', ' 1.5 ')}`,
    },
  ];
  test.each(cases)('$rule', async ({ content, note, table = {} }) => {
    await dataCase.write({ 'orders.csv': content });
    const { report, tables } = await dataCase.validate(smallPipeline({ orders: table }));
    expect(report.verdict).toBe('passed');
    const rows = await readBlob(dataCase.store, tables.orders?.sha256 ?? '');
    expect(rows).toEqual(note === undefined ? expected : [{ ...expected[0], note }, expected[1]]);
  });

  test('blank lines between records are skipped and counted', async () => {
    await dataCase.write({ 'orders.csv': `${header}\n${good}\n\nb,,,\n\n` });
    const { report } = await dataCase.validate(smallPipeline());
    expect(report.checks).toMatchObject([{ check: 'blank-lines', severity: 'warn', offences: 3 }]);
    expect(report.tables[0]).toMatchObject({ rowsIn: 2, kept: 2 });
  });

  test('declared encodings are tried record by record', async () => {
    const content = Buffer.concat([
      Buffer.from(`${header}a,,1,São Paulo €\nb,,1,`),
      Buffer.from([0x53, 0xe3, 0x6f, 0x20, 0x80]),
      Buffer.from('\nc,,1,'),
      Buffer.from([0x81]),
      Buffer.from('\n'),
    ]);
    await dataCase.write({ 'orders.csv': content });
    const { report, tables } = await dataCase.validate(
      smallPipeline({ orders: { encodings: ['utf-8', 'windows-1252'] } }),
    );
    const rows = await readBlob(dataCase.store, tables.orders?.sha256 ?? '');
    expect(rows.map(({ note }) => note)).toEqual(['São Paulo €', 'São €']);
    expect(report.checks[0]?.examples[0]?.message).toBe('byte 0x81 is no utf-8 or windows-1252');
  });

  test('a column is read in encodings of its own, quoted fields too, and named where none fits', async () => {
    const text = { type: 'text' };
    const columns = { id: text, when: { ...text, encodings: ['latin-1'] }, amount: text, note: text };
    const content = Buffer.concat([
      Buffer.from(`${header}a,"x, `),
      Buffer.from([0xe3]),
      Buffer.from('",1,São\nb,'),
      Buffer.from([0xe9]),
      Buffer.from(',2,'),
      Buffer.from([0xe9]),
      Buffer.from('\n'),
    ]);
    await dataCase.write({ 'orders.csv': content });
    const { report, tables } = await dataCase.validate(smallPipeline({ orders: { columns } }));
    const rows = await readBlob(dataCase.store, tables.orders?.sha256 ?? '');
    expect(rows).toMatchObject([{ id: 'a', when: 'x, ã', note: 'São' }]);
    expect(report.tables[0]).toMatchObject({ rowsIn: 2, kept: 1, quarantined: 1 });
    expect(report.checks[0]?.examples[0]?.message).toBe('byte 0xE9 of column "note" is no utf-8');
  });

  test('dates are read in the declared forms in turn, US and ISO, padded or not', async () => {
    const lines = [
      '1/31/2024',
      '01/31/24',
      '2024-01-31',
      '2024-1-9',
      '31/01/2024',
      '2024-01-31T10:00:00+02:00',
    ];
    await dataCase.write({
      'orders.csv': `${header}${lines.map((when, i) => `k${i},${when},1,x\n`).join('')}`,
    });
    const columns = (type: 'date' | 'timestamp', formats?: string[]): Table => ({
      columns: { id: { type: 'text' }, when: formats === undefined ? { type } : { type, formats } },
    });
    const read = async (table: Table) => {
      const { tables } = await dataCase.validate(smallPipeline({ orders: table }));
      return (await readBlob(dataCase.store, tables.orders?.sha256 ?? '')).map(
        ({ id, when }) => `${id} ${when}`,
      );
    };
    expect(await read(columns('date', ['%m/%d/%Y', '%m/%d/%y', '%Y-%m-%d']))).toEqual([
      'k0 2024-01-31',
      'k1 2024-01-31',
      'k2 2024-01-31',
      'k3 2024-01-09',
    ]);
    expect(await read(columns('timestamp'))).toEqual([
      'k2 2024-01-31 00:00:00',
      'k3 2024-01-09 00:00:00',
      'k5 2024-01-31 08:00:00',
    ]);
  });
});
