import { isUtf8 } from 'node:buffer';
import type { TableDeclaration } from '../contracts/tables.ts';

export type Encoding = TableDeclaration['encodings'][number];

/** Windows-1252 at 0x80–0x9F; a space stands for the five bytes it leaves undefined. */
const windows1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/**
 * The bytes as UTF-8 under the first of the encodings in which they are valid, or undefined. It is decided
 * record by record, because exports glued from several systems mix encodings.
 */
export function toUtf8(bytes: Buffer, encodings: readonly Encoding[]): Buffer | undefined {
  for (const encoding of encodings) {
    if (encoding === 'utf-8') {
      if (isUtf8(bytes)) return bytes;
    } else if (encoding === 'latin-1') return Buffer.from(bytes.toString('latin1'));
    else {
      const text = fromWindows1252(bytes);
      if (text !== undefined) return Buffer.from(text);
    }
  }
  return undefined;
}

/**
 * The same field by field, for a file whose columns are encoded differently. No delimiter or quote is part of a
 * longer character in any of the encodings.
 * @param encodings one list a field
 * @returns the record, or the first field that none of its encodings fits
 */
export function fieldsToUtf8(
  record: Buffer,
  delimiter: string,
  encodings: readonly (readonly Encoding[])[],
): Buffer | { field: number; bytes: Buffer } {
  const delimiterByte = delimiter.charCodeAt(0);
  const parts: Buffer[] = [];
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at <= record.length; at++) {
    if (record[at] === 0x22) isQuoted = !isQuoted;
    if (at < record.length && (isQuoted || record[at] !== delimiterByte)) continue;
    const field = parts.length;
    const bytes = record.subarray(start, at);
    const converted = toUtf8(bytes, encodings[field] ?? ['utf-8']);
    if (converted === undefined) return { field, bytes };
    // With the delimiter that follows it.
    parts.push(Buffer.concat([converted, record.subarray(at, at + 1)]));
    start = at + 1;
  }
  return Buffer.concat(parts);
}

function fromWindows1252(bytes: Buffer): string | undefined {
  let undefinedByte = false;
  const text = bytes.toString('latin1').replaceAll(/[\u0080-\u009f]/g, (character) => {
    const mapped = windows1252[character.charCodeAt(0) - 0x80] ?? ' ';
    undefinedByte ||= mapped === ' ';
    return mapped;
  });
  return undefinedByte ? undefined : text;
}

/** The first byte at which UTF-8 decoding fails, as `0xE9`. */
export function firstInvalidByte(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  let at = 0;
  for (let from = 0; ; from++) {
    const replaced = text.indexOf('\ufffd', from);
    at += Buffer.byteLength(text.slice(from, replaced));
    // The replacement character itself is valid text, left by an earlier conversion.
    if (bytes.subarray(at, at + 3).toString('hex') !== 'efbfbd') break;
    at += 3;
    from = replaced;
  }
  return `0x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`;
}
