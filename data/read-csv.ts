import { join } from 'node:path';
import type { Snapshot } from '../contracts/data.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import { placeColumns, shortened } from './columns.ts';
import {
  type CsvHeader,
  type HeaderProblem,
  malformedHeader,
  malformedMessages,
  readHeader,
} from './csv-header.ts';
import { maxRecordBytes, type ScannedRecord, scanRecords } from './csv-records.ts';
import { type Encoding, fieldsToUtf8, firstInvalidByte, toUtf8 } from './csv-text.ts';
import type { Session } from './duckdb.ts';
import type { QuarantineFile } from './quarantine.ts';
import { openRecordCopy, selectRecords } from './record-copy.ts';

export type SourceFile = { name: string; path: string; format: Snapshot['files'][number]['format'] };
export type MalformedExample = { line: number | null; row: number; value: string; message: string };

/** What reading one file found. Records in = `readable` + `malformed`; the malformed are in the quarantine file. */
export type FileReading = {
  /** SQL over the readable records: `row`, `line`, and each declared column of the file as text. */
  select: string | undefined;
  columns: string[];
  extraColumns: string[];
  problems: HeaderProblem[];
  readable: number;
  malformed: number;
  malformedExamples: MalformedExample[];
  blankLines: number;
  /** Of a spreadsheet: sheets that were not read, where the declaration names none. */
  otherSheets: string[];
  /** Days and times may come as ISO text, whatever formats are declared: the source has types of its own. */
  hasIsoTimes: boolean;
};

export const maxExamples = 20;

export const emptyReading = (): FileReading => ({
  select: undefined,
  columns: [],
  extraColumns: [],
  problems: [],
  readable: 0,
  malformed: 0,
  malformedExamples: [],
  blankLines: 0,
  otherSheets: [],
  hasIsoTimes: false,
});

export type ReadInput = {
  session: Session;
  table: string;
  declaration: TableDeclaration;
  file: SourceFile;
  /** Distinguishes the copies within the session's scratch folder. */
  index: number;
  quarantine: QuarantineFile;
  signal?: AbortSignal | undefined;
};

/**
 * Reads a CSV file with its declared delimiter, every column as text. Well-formed records are handed to DuckDB
 * in a copy that carries their row and line numbers; the others go to the quarantine file.
 */
export async function readCsv(input: ReadInput): Promise<FileReading> {
  const { declaration, file, table } = input;
  const copyPath = join(input.session.scratch, `records-${input.index}.csv`);
  const copy = openRecordCopy(copyPath, declaration.delimiter);
  const reading = emptyReading();
  let header: CsvHeader | undefined;
  /** One list a field where a column has encodings of its own, else none. */
  let encodings: (readonly Encoding[])[] | undefined;
  /** Blank lines count only between records: the end of a file may have some. */
  let pendingBlankLines = 0;

  const setAside = (record: ScannedRecord, message: string): void => {
    reading.malformed++;
    const row = reading.readable + reading.malformed;
    const text = textOf(record);
    if (reading.malformedExamples.length < maxExamples)
      reading.malformedExamples.push({ line: record.line, row, value: shortened(text, 200), message });
    input.quarantine.append({ table, file: file.name, row, line: record.line, reasons: [message], text });
  };

  try {
    await scanRecords({
      path: file.path,
      delimiter: declaration.delimiter,
      signal: input.signal,
      visitor: {
        record(record) {
          if (header === undefined) {
            header = readHeader(record, declaration);
            reading.problems.push(...header.problems);
            return header.problems.length > 0 ? 'stop' : 'continue';
          }
          // The header before it could not be read.
          if (header.problems.length > 0) return 'stop';
          reading.blankLines += pendingBlankLines;
          pendingBlankLines = 0;
          if (record.fields !== header.fields) {
            setAside(record, fieldCountMessage(record.fields, header.fields));
            return 'continue';
          }
          let { bytes, start, end } = record;
          if (record.hasHighBytes) {
            const slice = bytes.subarray(start, end);
            encodings ??= encodingsByField(declaration, header.names);
            const converted =
              encodings.length === 0
                ? (toUtf8(slice, declaration.encodings) ?? { field: null, bytes: slice })
                : fieldsToUtf8(slice, declaration.delimiter, encodings);
            if (!Buffer.isBuffer(converted)) {
              setAside(record, encodingMessage(converted, declaration, { header, encodings }));
              return 'continue';
            }
            if (converted.length > maxRecordBytes) {
              setAside(record, malformedMessages['too-long']);
              return 'continue';
            }
            if (converted !== slice) {
              bytes = converted;
              start = 0;
              end = converted.length;
            }
          }
          reading.readable++;
          copy.append({ row: reading.readable + reading.malformed, line: record.line, bytes, start, end });
          return 'continue';
        },
        malformed(record) {
          if (header === undefined) {
            header = { fields: 0, names: [], problems: [malformedHeader(record, declaration)] };
            reading.problems.push(...header.problems);
            return;
          }
          // A header that could not be read makes every record unreadable; one message says so.
          if (header.problems.length > 0) return;
          reading.blankLines += pendingBlankLines;
          pendingBlankLines = 0;
          setAside(record, malformedMessages[record.reason]);
        },
        blankLine() {
          if (header !== undefined) pendingBlankLines++;
        },
        chunkEnd() {
          copy.flush();
        },
      },
    });
  } finally {
    copy.close();
  }

  if (header === undefined)
    reading.problems.push({
      check: 'empty-file',
      column: null,
      message: 'is empty: it has no header',
    });
  else if (reading.problems.length === 0) {
    const { places, extra } = placeColumns(declaration, header.names);
    reading.columns = [...places.keys()];
    reading.extraColumns = extra;
    reading.select = selectRecords({
      copyPath,
      delimiter: declaration.delimiter,
      fields: header.fields,
      places: [...places.values()],
    });
  }
  return reading;
}

function encodingsByField(declaration: TableDeclaration, names: readonly string[]): (readonly Encoding[])[] {
  const columns = Object.values(declaration.columns);
  if (columns.every(({ encodings }) => encodings === undefined)) return [];
  const byField: (readonly Encoding[])[] = names.map(() => declaration.encodings);
  for (const [column, field] of placeColumns(declaration, names).places)
    byField[field] = declaration.columns[column]?.encodings ?? declaration.encodings;
  return byField;
}

function encodingMessage(
  { field, bytes }: { field: number | null; bytes: Buffer },
  declaration: TableDeclaration,
  { header, encodings }: { header: CsvHeader; encodings: readonly (readonly Encoding[])[] },
): string {
  const tried = (field === null ? declaration.encodings : (encodings[field] ?? [])).join(' or ');
  const place = field === null ? '' : ` of column "${header.names[field] ?? field + 1}"`;
  return `byte ${firstInvalidByte(bytes)}${place} is no ${tried}`;
}

const fieldCountMessage = (found: number, expected: number): string =>
  `has ${found} ${found === 1 ? 'field' : 'fields'} where the header has ${expected}`;

/** Text of a record for people to read, cut at a length that keeps a broken file's quarantine small. */
function textOf({ bytes, start, end }: ScannedRecord): string {
  const slice = bytes.subarray(start, Math.min(end, start + 64 * 1024));
  return slice.toString('utf8').replaceAll('\u0000', '\u2400');
}
