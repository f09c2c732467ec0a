import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import { scanRecords, splitFields } from '../csv-records.ts';
import { fieldOfColumn, fieldOfText, knownColumns, toLine } from './review-fields.ts';
import { createArraySplitter, createLineSplitter, type RawRecord } from './split-records.ts';

/** A record of a file: a line of NDJSON to send, or why it is none. */
export type FileRecord = { place: string } & ({ line: Uint8Array } | { fault: string });

/** Thrown when a file cannot be read as one of reviews. */
export class NoReviewFile extends Error {
  override readonly name = 'NoReviewFile';
}

type ReadOptions = {
  path: string;
  /** In place of the column `source`. */
  source: string | undefined;
  /** The file is read on once this resolves. */
  onRecords(records: FileRecord[], bytesRead: number): Promise<void>;
};

/** Reads `.csv`, `.tsv`, `.ndjson`, `.jsonl` or `.json` part by part. @throws NoReviewFile, NotRecords, and the system's error */
export function readReviewFile(options: ReadOptions): Promise<void> {
  switch (extname(options.path).toLowerCase()) {
    case '.csv':
      return readCsv(options, ',');
    case '.tsv':
      return readCsv(options, '\t');
    case '.ndjson':
    case '.jsonl':
      return readJson(options, 'line');
    case '.json':
      return readJson(options, 'element');
    default:
      throw new NoReviewFile(
        `${options.path}: its name says nothing of its form; known are .csv, .tsv, .ndjson, .jsonl and .json`,
      );
  }
}

async function readJson({ path, source, onRecords }: ReadOptions, unit: 'line' | 'element'): Promise<void> {
  const splitter = unit === 'line' ? createLineSplitter() : createArraySplitter();
  let number = 0;
  let bytesRead = 0;
  const toRecord = ({ bytes, length, fault }: RawRecord): FileRecord => {
    number++;
    const place = `${unit} ${number}`;
    if (fault !== null) return { place, fault };
    // What is too long to be a review was not read to its end.
    if (length > bytes.byteLength)
      return { place, fault: `has ${length} bytes, more than a review can have` };
    return { place, line: toLine(bytes, source) };
  };
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytesRead += chunk.byteLength;
    await onRecords(splitter.push(chunk).map(toRecord), bytesRead);
  }
  await onRecords(splitter.end().map(toRecord), bytesRead);
}

async function readCsv({ path, source, onRecords }: ReadOptions, delimiter: string): Promise<void> {
  let fields: (string | undefined)[] | undefined;
  let records: FileRecord[] = [];
  await scanRecords({
    path,
    delimiter,
    visitor: {
      record({ bytes, start, end, line, hasHighBytes }) {
        const place = `line ${line}`;
        const slice = bytes.subarray(start, end);
        if (hasHighBytes && !isUtf8(slice)) {
          records.push({ place, fault: 'is not UTF-8' });
          return 'continue';
        }
        const values = splitFields(slice.toString('utf8'), delimiter);
        if (fields === undefined) fields = readHeader(path, values, source);
        else records.push(toRecord({ place, values, fields, source }));
        return 'continue';
      },
      malformed({ line, reason }) {
        records.push({ place: `line ${line}`, fault: `is no record of CSV (${reason})` });
      },
      blankLine() {},
      async chunkEnd(bytesRead) {
        const read = records;
        records = [];
        await onRecords(read, bytesRead);
      },
    },
  });
  if (fields === undefined) throw new NoReviewFile(`${path} is empty`);
}

function readHeader(
  path: string,
  names: readonly string[],
  source: string | undefined,
): (string | undefined)[] {
  const fields = names.map(fieldOfColumn);
  if (!fields.includes('text') && !fields.includes('title'))
    throw new NoReviewFile(
      `${path}: none of its columns holds a text (${names.join(', ')}); known columns are ${knownColumns.join(', ')}`,
    );
  if (source === undefined && !fields.includes('source'))
    throw new NoReviewFile(`${path}: it has no column "source"; name the source of its reviews`);
  return fields;
}

function toRecord(record: {
  place: string;
  values: readonly string[];
  fields: readonly (string | undefined)[];
  source: string | undefined;
}): FileRecord {
  const { place, values, fields, source } = record;
  if (values.length !== fields.length)
    return { place, fault: `has ${values.length} fields, the header ${fields.length}` };
  const review: Record<string, unknown> = {};
  for (const [i, field] of fields.entries())
    if (field !== undefined) review[field] = fieldOfText(field, values[i] as string);
  if (source !== undefined) review.source = source;
  return { place, line: Buffer.from(JSON.stringify(review)) };
}
