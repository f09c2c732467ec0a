import type { TableDeclaration } from '../contracts/pipeline.ts';
import { betterDelimiter, type ColumnProblem, maxColumns, placeColumns, shortened } from './columns.ts';
import {
  type MalformedReason,
  maxRecordBytes,
  type ScannedRecord,
  scanRecords,
  splitFields,
} from './csv-records.ts';
import { firstInvalidByte, toUtf8 } from './csv-text.ts';

/** Why a file cannot be read at all. */
export type HeaderProblem =
  | ColumnProblem
  | { check: 'empty-file' | 'encoding' | 'unreadable'; column: null; message: string };

export type CsvHeader = { fields: number; names: string[]; problems: HeaderProblem[] };

/** The header alone; undefined where the file has none. */
export async function readCsvHeader(input: {
  path: string;
  declaration: TableDeclaration;
  signal?: AbortSignal | undefined;
}): Promise<CsvHeader | undefined> {
  let header: CsvHeader | undefined;
  await scanRecords({
    path: input.path,
    delimiter: input.declaration.delimiter,
    signal: input.signal,
    visitor: {
      record(record) {
        header ??= readHeader(record, input.declaration);
        return 'stop';
      },
      malformed(record) {
        header ??= {
          fields: record.fields,
          names: [],
          problems: [malformedHeader(record, input.declaration)],
        };
      },
      blankLine() {},
      chunkEnd() {},
    },
  });
  return header;
}

export function readHeader(record: ScannedRecord, declaration: TableDeclaration): CsvHeader {
  const slice = record.bytes.subarray(record.start, record.end);
  const bytes = toUtf8(slice, declaration.encodings);
  const fatal = (problem: HeaderProblem): CsvHeader => ({
    fields: record.fields,
    names: [],
    problems: [problem],
  });
  if (bytes === undefined)
    return fatal({
      check: 'encoding',
      column: null,
      message: `line ${record.line}: byte ${firstInvalidByte(slice)} of the header is no ${declaration.encodings.join(' or ')}`,
    });
  if (record.fields > maxColumns) return fatal(tooManyColumns(record.fields));
  const text = bytes.toString('utf8');
  const names = splitFields(text, declaration.delimiter);
  const { problems } = placeColumns(declaration, names);
  const wrongDelimiter = problems.length > 0 ? delimiterProblem(text, declaration) : undefined;
  if (wrongDelimiter !== undefined) return fatal(wrongDelimiter);
  return { fields: record.fields, names, problems };
}

function delimiterProblem(text: string, declaration: TableDeclaration): ColumnProblem | undefined {
  const better = betterDelimiter(declaration, text);
  if (better === undefined) return undefined;
  return {
    check: 'delimiter',
    column: null,
    message: `found ${delimiterName(better)} between the columns where ${delimiterName(declaration.delimiter)} is declared: the header is ${shortened(text, 120)}`,
  };
}

export function malformedHeader(
  record: ScannedRecord & { reason: MalformedReason },
  declaration: TableDeclaration,
): HeaderProblem {
  if (record.fields > maxColumns) return tooManyColumns(record.fields);
  const [first, second] = [record.bytes[record.start], record.bytes[record.start + 1]];
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const archive = archiveName(record.bytes.subarray(record.start, record.start + 4));
  if (archive !== undefined)
    return { check: 'unreadable', column: null, message: `is ${archive}, no CSV; unpack it first` };
  // Quotes are broken too where another delimiter ends the fields.
  const text = record.bytes.toString('utf8', record.start, record.end);
  const wrongDelimiter = utf16 ? undefined : delimiterProblem(text, declaration);
  if (wrongDelimiter !== undefined) return wrongDelimiter;
  return {
    check: utf16 ? 'encoding' : 'unreadable',
    column: null,
    message: utf16
      ? 'the file is UTF-16; save it as UTF-8'
      : `line ${record.line}: the header cannot be read: ${malformedMessages[record.reason]}`,
  };
}

/** Packed files are passed on as CSV under its name; their first bytes tell. */
function archiveName(start: Buffer): string | undefined {
  const hex = start.toString('hex');
  if (hex === '504b0304') return 'a ZIP archive or a spreadsheet (.xlsx)';
  if (hex.startsWith('1f8b')) return 'a gzip file';
  if (hex === '50415231') return 'a Parquet file (name it .parquet)';
  return undefined;
}

const tooManyColumns = (fields: number): ColumnProblem => ({
  check: 'too-many-columns',
  column: null,
  message: `the header has ${fields.toLocaleString('en')} columns; at most ${maxColumns.toLocaleString('en')} are allowed`,
});

export const malformedMessages = {
  'nul-byte': 'holds a NUL byte',
  'stray-quote': 'has a quote inside a field that does not begin with one',
  'unclosed-quote': 'has a quote that is not closed before the next delimiter or line end',
  'too-long': `is longer than ${maxRecordBytes.toLocaleString('en')} bytes`,
} as const satisfies Record<MalformedReason, string>;

const delimiterName = (delimiter: string): string => (delimiter === '\t' ? 'a tab' : `"${delimiter}"`);
