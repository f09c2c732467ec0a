import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { type MalformedReason, maxRecordBytes, scanRecords, splitFields } from '../csv-records.ts';
import { createArraySplitter, createLineSplitter, type RawRecord, recordLimits } from './split-records.ts';

/** How a file holds its records: fields with this between them, a JSON text a line, or a JSON array. */
type RecordForm = { delimiter: ',' | '\t' } | { unit: 'line' | 'element' };

const forms: Readonly<Record<string, RecordForm>> = {
  '.csv': { delimiter: ',' },
  '.tsv': { delimiter: '\t' },
  '.ndjson': { unit: 'line' },
  '.jsonl': { unit: 'line' },
  '.json': { unit: 'element' },
};
export const knownEndings: readonly string[] = Object.keys(forms);

/** What a file's name says of its form; undefined where it says nothing. */
export const formOfName = (name: string): RecordForm | undefined => forms[extname(name).toLowerCase()];

/** A record as it stands in its file, or what is wrong with how it stands there, whatever it holds. */
export type FileRecord<Content> = {
  /** Of a table the line that it begins on, else its place among the records; from 1. */
  number: number;
  /** No more than the beginning of what is too long. */
  bytes: Uint8Array;
} & ({ content: Content } | { fault: string });

const malformed: Readonly<Record<MalformedReason, string>> = {
  'nul-byte': 'holds a NUL byte',
  'stray-quote': 'has a quote within a field that is not quoted',
  'unclosed-quote': 'has a quote that is not closed',
  'too-long': `has over ${maxRecordBytes} bytes`,
};

/**
 * Reads a table part by part, a header and records of as many values.
 * @param input.onHeader may throw, which ends the reading
 * @param input.onRecords the file is read on once it resolves
 * @throws the system's error
 */
export async function readTableRecords(input: {
  path: string;
  delimiter: string;
  signal?: AbortSignal | undefined;
  onHeader(names: string[]): void;
  onRecords(records: FileRecord<string[]>[], bytesRead: number): Promise<void>;
}): Promise<void> {
  const { path, delimiter, signal, onHeader, onRecords } = input;
  let width: number | undefined;
  let records: FileRecord<string[]>[] = [];
  await scanRecords({
    path,
    delimiter,
    signal,
    visitor: {
      record({ bytes: buffer, start, end, line: number, fields }) {
        const bytes = Buffer.from(buffer.subarray(start, end));
        if (width === undefined) {
          onHeader(splitFields(bytes.toString('utf8'), delimiter).map((name) => name.trim()));
          width = fields;
        } else if (!isUtf8(bytes)) records.push({ number, bytes, fault: 'is not UTF-8' });
        else if (fields !== width)
          records.push({ number, bytes, fault: `has ${fields} fields, the header ${width}` });
        else records.push({ number, bytes, content: splitFields(bytes.toString('utf8'), delimiter) });
        return 'continue';
      },
      malformed({ bytes, start, end, line: number, reason }) {
        const slice = Buffer.from(bytes.subarray(start, end));
        records.push({ number, bytes: slice, fault: malformed[reason] });
      },
      blankLine() {},
      async chunkEnd(bytesRead) {
        const read = records;
        records = [];
        await onRecords(read, bytesRead);
      },
    },
  });
}

/**
 * Reads JSON texts part by part, without looking into them.
 * @throws NotRecords where it is no array, and the system's error
 */
export async function readJsonRecords(input: {
  path: string;
  unit: 'line' | 'element';
  signal?: AbortSignal | undefined;
  onRecords(records: FileRecord<null>[], bytesRead: number): Promise<void>;
}): Promise<void> {
  const { path, unit, signal, onRecords } = input;
  const splitter = unit === 'line' ? createLineSplitter() : createArraySplitter();
  let number = 0;
  let bytesRead = 0;
  const toRecord = ({ bytes, length, fault }: RawRecord): FileRecord<null> => {
    number++;
    if (fault !== null) return { number, bytes, fault };
    if (length > bytes.byteLength)
      return { number, bytes, fault: `has ${length} bytes; a review has at most ${recordLimits.bytes}` };
    return { number, bytes, content: null };
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, signal })) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytesRead += chunk.byteLength;
    await onRecords(splitter.push(chunk).map(toRecord), bytesRead);
  }
  await onRecords(splitter.end().map(toRecord), bytesRead);
}
