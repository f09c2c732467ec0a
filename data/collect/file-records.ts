import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { extname } from 'node:path';
import type { FolderCollector } from '../../contracts/collector.ts';
import { type MalformedReason, maxRecordBytes, scanRecords, splitFields } from '../csv-records.ts';
import { PageUnlike } from '../errors.ts';
import { fieldOfColumn } from '../reviews/review-fields.ts';
import {
  createArraySplitter,
  createLineSplitter,
  type RawRecord,
  recordLimits,
} from '../reviews/split-records.ts';
import { type FoundReview, languageOf, ratingOf, textOf, timeOf } from './found-review.ts';
import { isObject } from './json-path.ts';

/** One record of a file; without a review it says why it has none. */
export type FileRecord = { line: number; bytes: Buffer } & (
  | { review: FoundReview }
  | { review: null; fault: string }
);

type Reading = {
  /** Where the bytes are; the name says what they are. */
  path: string;
  name: string;
  collector: Pick<FolderCollector, 'source' | 'columns'>;
  signal: AbortSignal;
  /** Called with some thousands at most; reading goes on once it resolves. */
  onRecords: (records: readonly FileRecord[]) => Promise<void>;
};

const recordsAtOnce = 1_000;

const malformed: Readonly<Record<MalformedReason, string>> = {
  'nul-byte': 'holds a NUL byte',
  'stray-quote': 'has a quote within a field that is not quoted',
  'unclosed-quote': 'has a quote that is not closed',
  'too-long': `has over ${maxRecordBytes} bytes`,
};

/**
 * Reads a file of reviews, of the form that its name says: `.ndjson`, `.jsonl` and `.json`, else CSV.
 * @throws PageUnlike where its header names no text, NotRecords where it is no array
 */
export async function readReviewFile(reading: Reading): Promise<void> {
  if (/\.(?:ndjson|jsonl|json)$/i.test(reading.name)) await readJson(reading);
  else await readCsv(reading);
}

async function readCsv({ path, name, collector, signal, onRecords }: Reading): Promise<void> {
  let header: string[] | undefined;
  let records: FileRecord[] = [];
  let failure: unknown;
  const delimiter = /\.tsv$/i.test(name) ? '\t' : ',';
  await scanRecords({
    path,
    delimiter,
    signal,
    visitor: {
      record({ bytes, start, end, line, fields }) {
        const slice = Buffer.from(bytes.subarray(start, end));
        if (header === undefined) {
          header = splitFields(slice.toString('utf8'), delimiter).map((column) => column.trim());
          failure = headerFault(header, { name, collector });
          return failure === undefined ? 'continue' : 'stop';
        }
        if (!isUtf8(slice)) records.push({ line, bytes: slice, review: null, fault: 'is no UTF-8' });
        else if (fields !== header.length)
          records.push({
            line,
            bytes: slice,
            review: null,
            fault: `has ${fields} fields, the header ${header.length}`,
          });
        else {
          const values = splitFields(slice.toString('utf8'), delimiter);
          const value = Object.fromEntries(header.map((column, i) => [column, values[i]]));
          records.push({ line, bytes: slice, review: reviewOf(value, collector) });
        }
        return 'continue';
      },
      malformed({ bytes, start, end, line, reason }) {
        const slice = Buffer.from(bytes.subarray(start, end));
        records.push({ line, bytes: slice, review: null, fault: malformed[reason] });
      },
      blankLine() {},
      async chunkEnd() {
        const read = records;
        records = [];
        for (let from = 0; from < read.length; from += recordsAtOnce)
          await onRecords(read.slice(from, from + recordsAtOnce));
      },
    },
  });
  if (failure !== undefined) throw failure;
}

function headerFault(
  header: readonly string[],
  { name, collector: { columns } }: Pick<Reading, 'name' | 'collector'>,
): PageUnlike | undefined {
  const { text = 'text', title = 'title' } = columns;
  const fields = header.map((column) => fieldOfColumn(column) ?? column);
  if ([text, title].some((wanted) => header.includes(wanted) || fields.includes(wanted))) return undefined;
  return new PageUnlike(
    `${name} has no column "${text}" or "${title}": its header is ${header.slice(0, 20).join(', ').slice(0, 300)}`,
  );
}

async function readJson({ path, name, collector, signal, onRecords }: Reading): Promise<void> {
  const splitter = extname(name).toLowerCase() === '.json' ? createArraySplitter() : createLineSplitter();
  let line = 0;
  let records: FileRecord[] = [];
  const add = (found: readonly RawRecord[]): void => {
    for (const record of found) records.push(recordOf(record, ++line, collector));
  };
  for await (const chunk of createReadStream(path, { signal }) as AsyncIterable<Buffer>) {
    add(splitter.push(chunk));
    if (records.length < recordsAtOnce) continue;
    await onRecords(records);
    records = [];
  }
  add(splitter.end());
  if (records.length > 0) await onRecords(records);
}

function recordOf(
  { bytes: raw, length, fault }: RawRecord,
  line: number,
  collector: Reading['collector'],
): FileRecord {
  const bytes = Buffer.from(raw);
  const refuse = (why: string): FileRecord => ({ line, bytes, review: null, fault: why });
  if (fault !== null) return refuse(fault);
  if (length > bytes.byteLength)
    return refuse(`has ${length} bytes; a review has at most ${recordLimits.bytes}`);
  if (!isUtf8(bytes)) return refuse('is no UTF-8');
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
    return isObject(value)
      ? { line, bytes, review: reviewOf(value, collector) }
      : refuse('is no JSON object');
  } catch (error) {
    return refuse(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Columns that exports have of themselves are passed over, as those of a table's are. */
function reviewOf(
  value: Readonly<Record<string, unknown>>,
  { source, columns }: Reading['collector'],
): FoundReview {
  const byField = new Map<string, unknown>();
  for (const [column, found] of Object.entries(value)) byField.set(fieldOfColumn(column) ?? '', found);
  const at = (field: keyof FolderCollector['columns']): unknown => {
    const column = columns[field];
    return column === undefined ? byField.get(field) : value[column];
  };
  return {
    source: textOf(at('source')) ?? source,
    id: textOf(at('id')),
    title: textOf(at('title')),
    text: textOf(at('text')),
    rating: ratingOf(at('rating'), { worst: 1, best: 5 }),
    publishedAt: timeOf(at('publishedAt')),
    author: textOf(at('author')),
    url: textOf(at('url')),
    language: languageOf(at('language')),
  };
}
