import { isUtf8 } from 'node:buffer';
import type { FolderCollector } from '../../contracts/collector.ts';
import { PageUnlike } from '../errors.ts';
import { type FileRecord, formOfName, readJsonRecords, readTableRecords } from '../reviews/read-records.ts';
import { fieldOfColumn } from '../reviews/review-fields.ts';
import { type FoundReview, languageOf, ratingOf, textOf, timeOf } from './found-review.ts';
import { isObject } from './json-path.ts';

/** One record of a collected file; without a review it says why it has none. */
type CollectedRecord = { bytes: Buffer } & ({ review: FoundReview } | { review: null; fault: string });

/** What a collector declares of the records in its files. */
type RecordCollector = Pick<FolderCollector, 'source' | 'columns'>;

const recordsAtOnce = 1_000;

/**
 * Reads a collected file of reviews, of the form that its name says, else CSV.
 * @param input.path where the bytes are
 * @param input.onRecords called with a thousand at most; the file is read on once it resolves
 * @throws PageUnlike where its header names no text, NotRecords where it is no array
 */
export async function readCollectedFile(input: {
  path: string;
  name: string;
  collector: RecordCollector;
  signal: AbortSignal;
  onRecords(records: readonly CollectedRecord[]): Promise<void>;
}): Promise<void> {
  const { path, name, collector, signal } = input;
  const form = formOfName(name) ?? { delimiter: ',' };
  const handOn = async (records: readonly CollectedRecord[]): Promise<void> => {
    for (let from = 0; from < records.length; from += recordsAtOnce)
      await input.onRecords(records.slice(from, from + recordsAtOnce));
  };
  if ('unit' in form) {
    const toRecord = (record: FileRecord<null>) =>
      toCollected(record, () => parseObject(record.bytes), collector);
    await readJsonRecords({
      path,
      unit: form.unit,
      signal,
      onRecords: (records) => handOn(records.map(toRecord)),
    });
    return;
  }
  let header: readonly string[] = [];
  const toRecord = (record: FileRecord<string[]>) =>
    toCollected(
      record,
      (values) => Object.fromEntries(header.map((column, i) => [column, values[i]])),
      collector,
    );
  await readTableRecords({
    path,
    delimiter: form.delimiter,
    signal,
    onHeader(names) {
      refuseWithoutText(names, { name, collector });
      header = names;
    },
    onRecords: (records) => handOn(records.map(toRecord)),
  });
}

function toCollected<Content>(
  record: FileRecord<Content>,
  contentOf: (content: Content) => Readonly<Record<string, unknown>> | string,
  collector: RecordCollector,
): CollectedRecord {
  const bytes = Buffer.from(record.bytes.buffer, record.bytes.byteOffset, record.bytes.byteLength);
  const value = 'fault' in record ? record.fault : contentOf(record.content);
  return typeof value === 'string'
    ? { bytes, review: null, fault: value }
    : { bytes, review: reviewOf(value, collector) };
}

/** @returns the object, or why there is none */
function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | string {
  if (!isUtf8(bytes)) return 'is not UTF-8';
  try {
    // A byte-order mark is left out.
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : 'is no JSON object';
  } catch (error) {
    return `is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function refuseWithoutText(
  header: readonly string[],
  { name, collector: { columns } }: { name: string; collector: Pick<RecordCollector, 'columns'> },
): void {
  const { text = 'text', title = 'title' } = columns;
  const fields = header.map((column) => fieldOfColumn(column) ?? column);
  if ([text, title].some((wanted) => header.includes(wanted) || fields.includes(wanted))) return;
  throw new PageUnlike(
    `${name} has no column "${text}" or "${title}": its header is ${header.slice(0, 20).join(', ').slice(0, 300)}`,
  );
}

/** Columns that exports have of themselves are passed over, as those of a table's are. */
function reviewOf(
  value: Readonly<Record<string, unknown>>,
  { source, columns }: RecordCollector,
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
