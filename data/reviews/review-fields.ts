import { isUtf8 } from 'node:buffer';

/** Columns of files that hold what a field of a review does, by their names in small letters. */
const columns: ReadonlyMap<string, string> = new Map([
  ['source', 'source'],
  ['id', 'id'],
  ['title', 'title'],
  ['text', 'text'],
  ['rating', 'rating'],
  ['published', 'publishedAt'],
  ['publishedat', 'publishedAt'],
  ['published_at', 'publishedAt'],
  ['author', 'author'],
  ['url', 'url'],
  ['language', 'language'],
]);

export const fieldOfColumn = (column: string): string | undefined => columns.get(column.trim().toLowerCase());

/** Columns that a file of reviews may have, as messages name them. */
export const knownColumns: readonly string[] = [...columns.keys()];

/** A time as databases print it, which has no offset, is taken for UTC. */
const databaseTime = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/;

/** The value of a field as a file of texts has it; what cannot be read so stays a text, and is refused with its reason. */
export function fieldOfText(field: string, text: string): unknown {
  if (text.trim() === '') return undefined;
  if (field === 'rating') return /^\s*-?\d+(?:\.\d+)?\s*$/.test(text) ? Number(text) : text;
  if (field === 'publishedAt') return withOffset(text.trim());
  return text;
}

const withOffset = (time: string): string => {
  const [, date, clock] = databaseTime.exec(time) ?? [];
  if (date === undefined || clock === undefined) return time;
  return `${date}T${clock.length === 5 ? `${clock}:00` : clock}Z`;
};

/**
 * The fields of a review among those of a record, by the names of columns; what a review has no field for is left out.
 * A value that is no record is answered as it is.
 */
export function pickFields(value: unknown, source: string | undefined): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const review: Record<string, unknown> = {};
  for (const [column, found] of Object.entries(value)) {
    const field = fieldOfColumn(column);
    if (field === undefined || found === null) continue;
    review[field] = field === 'publishedAt' && typeof found === 'string' ? withOffset(found.trim()) : found;
  }
  if (source !== undefined) review.source = source;
  return review;
}

/** A record of JSON as a line to send; what is no JSON goes as it is, so that the service keeps it and says why. */
export function toLine(bytes: Uint8Array, source: string | undefined): Uint8Array {
  if (!isUtf8(bytes)) return onOneLine(bytes);
  try {
    return Buffer.from(JSON.stringify(pickFields(JSON.parse(new TextDecoder().decode(bytes)), source)));
  } catch {
    return onOneLine(bytes);
  }
}

/** Line ends between the tokens of JSON are blanks; within a text there are none. */
const onOneLine = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte));
