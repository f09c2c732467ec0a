import type { TableDeclaration } from '../contracts/tables.ts';
import { betterDelimiter, type ColumnProblem, maxColumns, placeColumns, shortened } from './columns.ts';
import {
  type MalformedReason,
  maxRecordBytes,
  type ScannedRecord,
  scanRecords,
  splitFields,
} from './csv-records.ts';
import { firstInvalidByte, toUtf8 } from './csv-text.ts';
import { foreignFormat, foreignText } from './foreign-format.ts';

/** Why a file cannot be read at all. */
export type HeaderProblem =
  | ColumnProblem
  | { check: 'empty-file' | 'encoding' | 'unreadable'; column: string | null; message: string };

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
  const fatal = (problem: HeaderProblem): CsvHeader => ({
    fields: record.fields,
    names: [],
    problems: [problem],
  });
  const foreign = foreignFormat(slice);
  if (foreign !== undefined) return fatal({ ...foreign, column: null });
  const bytes = toUtf8(slice, declaration.encodings);
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
  const reason = problems.length > 0 ? textProblem(text, declaration) : undefined;
  return reason === undefined ? { fields: record.fields, names, problems } : fatal(reason);
}

/** Why a header's text holds other columns than declared, where that can be told. */
function textProblem(text: string, declaration: TableDeclaration): HeaderProblem | undefined {
  const foreign = foreignText(text);
  return foreign === undefined ? delimiterProblem(text, declaration) : { ...foreign, column: null };
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
  const foreign = foreignFormat(record.bytes.subarray(record.start, record.end));
  if (foreign !== undefined) return { ...foreign, column: null };
  if (record.fields > maxColumns) return tooManyColumns(record.fields);
  // Quotes are broken too where another delimiter ends the fields.
  const text = record.bytes.toString('utf8', record.start, record.end);
  return (
    textProblem(text, declaration) ?? {
      check: 'unreadable',
      column: null,
      message: `line ${record.line}: the header cannot be read: ${malformedMessages[record.reason]}`,
    }
  );
}

export const tooManyColumns = (fields: number): ColumnProblem => ({
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
