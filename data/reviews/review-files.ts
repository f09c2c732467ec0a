import {
  type FileRecord,
  formOfName,
  knownEndings,
  readJsonRecords,
  readTableRecords,
} from './read-records.ts';
import { fieldOfColumn, fieldOfText, knownColumns, toLine } from './review-fields.ts';

/** A record of a file: a line of NDJSON to send, or why it is none. */
export type ReviewLine = { place: string } & ({ line: Uint8Array } | { fault: string });

/** Thrown when a file cannot be read as one of reviews. */
export class NoReviewFile extends Error {
  override readonly name = 'NoReviewFile';
}

/**
 * Reads a file of reviews part by part, as the lines to send of it.
 * @param options.source in place of the column `source`
 * @param options.onRecords the file is read on once it resolves
 * @throws NoReviewFile, NotRecords, and the system's error
 */
export async function readReviewFile(options: {
  path: string;
  source: string | undefined;
  onRecords(records: ReviewLine[], bytesRead: number): Promise<void>;
}): Promise<void> {
  const { path, source, onRecords } = options;
  const form = formOfName(path);
  if (form === undefined)
    throw new NoReviewFile(
      `${path}: its name says nothing of its form; known are ${knownEndings.join(', ')}`,
    );
  if ('unit' in form) {
    const { unit } = form;
    await readJsonRecords({
      path,
      unit,
      onRecords: (records, bytesRead) =>
        onRecords(
          records.map((record) => toReviewLine(unit, record, () => toLine(record.bytes, source))),
          bytesRead,
        ),
    });
    return;
  }
  let fields: (string | undefined)[] | undefined;
  await readTableRecords({
    path,
    delimiter: form.delimiter,
    onHeader(names) {
      fields = fieldsOf(names, { path, source });
    },
    onRecords: (records, bytesRead) =>
      onRecords(
        records.map((record) =>
          toReviewLine('line', record, (values) => toJson(values, { fields: fields ?? [], source })),
        ),
        bytesRead,
      ),
  });
  if (fields === undefined) throw new NoReviewFile(`${path} is empty`);
}

const toReviewLine = <Content>(
  unit: string,
  record: FileRecord<Content>,
  lineOf: (content: Content) => Uint8Array,
): ReviewLine => {
  const place = `${unit} ${record.number}`;
  return 'fault' in record ? { place, fault: record.fault } : { place, line: lineOf(record.content) };
};

function fieldsOf(
  names: readonly string[],
  { path, source }: { path: string; source: string | undefined },
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

function toJson(
  values: readonly string[],
  { fields, source }: { fields: readonly (string | undefined)[]; source: string | undefined },
): Uint8Array {
  const review: Record<string, unknown> = {};
  for (const [i, field] of fields.entries())
    if (field !== undefined) review[field] = fieldOfText(field, values[i] as string);
  if (source !== undefined) review.source = source;
  return Buffer.from(JSON.stringify(review));
}
