import { open } from 'node:fs/promises';

/**
 * Splits a CSV file into records, byte by byte. DuckDB's reader ends at one bad byte or drops fields in its
 * lenient mode, and its reject table counts records, not lines; so damage is found here, with its line, and
 * only well-formed records go on.
 *
 * Dialect: RFC 4180 with a declared delimiter; LF, CRLF or CR end a record; a byte-order mark is skipped.
 * After a broken quote reading resumes at the next line, so one stray quote cannot swallow the rest of a file.
 */
export type RecordVisitor = {
  /** Bytes `[start, end)` of the buffer are one record without its line end; they are valid during the call. */
  record(record: ScannedRecord): 'continue' | 'stop';
  malformed(record: ScannedRecord & { reason: MalformedReason }): void;
  blankLine(line: number): void;
  /** Called between chunks, when nothing is half-done; the next is read once it resolves. */
  chunkEnd(bytesRead: number): void | Promise<void>;
};
export type ScannedRecord = {
  bytes: Buffer;
  start: number;
  end: number;
  /** 1-based line on which the record starts. */
  line: number;
  fields: number;
  hasHighBytes: boolean;
};
export type MalformedReason = 'nul-byte' | 'stray-quote' | 'unclosed-quote' | 'too-long';

const bytesOf = { quote: 0x22, lf: 0x0a, cr: 0x0d } as const;
const chunkBytes = 4 * 1024 * 1024;
/** Longer than any real record; what a quote that never closes may swallow at most before it is called broken. */
export const maxRecordBytes = 2 * 1024 * 1024;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

export async function scanRecords(input: {
  path: string;
  delimiter: string;
  visitor: RecordVisitor;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const file = await open(input.path, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes + 2 * maxRecordBytes);
    const scan = createScanner(input.delimiter.charCodeAt(0), input.visitor);
    let filled = 0;
    let total = 0;
    for (;;) {
      input.signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, filled, Math.min(chunkBytes, buffer.length - filled));
      const atStart = total === 0;
      filled += bytesRead;
      total += bytesRead;
      const from = atStart && buffer.subarray(0, Math.min(filled, 3)).equals(byteOrderMark) ? 3 : 0;
      const consumed = scan({ buffer, from, end: filled, last: bytesRead === 0 });
      await input.visitor.chunkEnd(total);
      if (consumed === 'stopped' || bytesRead === 0) return;
      buffer.copyWithin(0, consumed, filled);
      filled -= consumed;
    }
  } finally {
    await file.close();
  }
}

type Window = { buffer: Buffer; from: number; end: number; last: boolean };
const incomplete = -1;

/** Classes of bytes that end the plain run of an unquoted field. */
function byteClasses(delimiter: number): Uint8Array {
  const classes = new Uint8Array(256);
  classes.fill(classOf.high, 0x80);
  classes[0] = classOf.nul;
  classes[bytesOf.quote] = classOf.quote;
  classes[delimiter] = classOf.end;
  classes[bytesOf.lf] = classOf.end;
  classes[bytesOf.cr] = classOf.end;
  return classes;
}
const classOf = { plain: 0, end: 1, quote: 2, nul: 3, high: 4 } as const;

function createScanner(delimiter: number, visitor: RecordVisitor): (window: Window) => number | 'stopped' {
  const classes = byteClasses(delimiter);
  let line = 1;
  /** The rest of a line that was already reported as too long. */
  let skipping = false;

  /** Start of the line after the one that holds `from`; `incomplete` when its end is not in the window yet. */
  const nextLine = ({ buffer, end, last }: Window, from: number): number => {
    let i = from;
    while (i < end && buffer[i] !== bytesOf.lf && buffer[i] !== bytesOf.cr) i++;
    return afterLineEnd({ buffer, from, end, last }, i);
  };

  return (window) => {
    const { buffer, end, last } = window;
    let start = window.from;
    for (;;) {
      if (start >= end) return start;
      if (skipping) {
        const next = nextLine(window, start);
        if (next === incomplete) return end;
        skipping = false;
        line++;
        start = next;
        continue;
      }

      let i = start;
      let fields = 1;
      let innerLines = 0;
      let hasHighBytes = false;
      let reason: MalformedReason | undefined;
      let next = incomplete;
      let recordEnd = end;

      // One turn a field.
      for (;;) {
        if (i < end && buffer[i] === bytesOf.quote) {
          i++;
          let closed = false;
          while (i < end) {
            const byte = buffer[i] as number;
            if (byte === bytesOf.quote) {
              if (i + 1 < end && buffer[i + 1] === bytesOf.quote) {
                i += 2;
                continue;
              }
              closed = i + 1 < end || last;
              i++;
              break;
            }
            if (byte === bytesOf.lf) innerLines++;
            else if (byte === bytesOf.cr && buffer[i + 1] !== bytesOf.lf) innerLines++;
            else if (byte === 0) reason ??= 'nul-byte';
            else if (byte >= 0x80) hasHighBytes = true;
            i++;
          }
          if (!closed) {
            if (last) reason = 'unclosed-quote';
            break;
          }
        } else {
          while (i < end) {
            const kind = classes[buffer[i] as number];
            if (kind !== classOf.plain) {
              if (kind === classOf.end) break;
              if (kind === classOf.high) hasHighBytes = true;
              else if (kind === classOf.nul) reason ??= 'nul-byte';
              else reason ??= 'stray-quote';
            }
            i++;
          }
        }
        if (i >= end) {
          if (last) next = end;
          break;
        }
        const byte = buffer[i] as number;
        if (byte === delimiter) {
          fields++;
          i++;
        } else if (byte === bytesOf.lf || byte === bytesOf.cr) {
          recordEnd = i;
          next = afterLineEnd(window, i);
          break;
        } else {
          // Text after a closing quote: where the field ends cannot be known.
          reason = 'unclosed-quote';
          break;
        }
      }

      if (reason === 'unclosed-quote' || (next === incomplete && end - start > maxRecordBytes)) {
        next = nextLine(window, start);
        if (next !== incomplete) {
          reason ??= 'unclosed-quote';
          innerLines = 0;
          recordEnd = lineEndBefore(buffer, next, start);
        } else if (end - start > maxRecordBytes) {
          visitor.malformed({ bytes: buffer, start, end, line, fields, hasHighBytes, reason: 'too-long' });
          skipping = true;
          return end;
        }
      }
      if (next === incomplete) return start;

      if (recordEnd - start > maxRecordBytes) reason ??= 'too-long';
      if (recordEnd === start) visitor.blankLine(line);
      else {
        const record = { bytes: buffer, start, end: recordEnd, line, fields, hasHighBytes };
        if (reason !== undefined) visitor.malformed({ ...record, reason });
        else if (visitor.record(record) === 'stop') return 'stopped';
      }
      line += innerLines + 1;
      start = next;
    }
  };
}

/** `at` is a line end or the window's end. */
function afterLineEnd({ buffer, end, last }: Window, at: number): number {
  if (at >= end) return last ? end : incomplete;
  if (buffer[at] === bytesOf.lf) return at + 1;
  if (at + 1 >= end) return last ? end : incomplete;
  return buffer[at + 1] === bytesOf.lf ? at + 2 : at + 1;
}

function lineEndBefore(buffer: Buffer, next: number, start: number): number {
  let end = next;
  while (end > start && (buffer[end - 1] === bytesOf.lf || buffer[end - 1] === bytesOf.cr)) end--;
  return end;
}

/** The fields of one well-formed record. */
export function splitFields(record: string, delimiter: string): string[] {
  const fields: string[] = [];
  let i = 0;
  for (;;) {
    if (record[i] === '"') {
      let close = i + 1;
      while (record[close] !== '"' || record[close + 1] === '"') close += record[close] === '"' ? 2 : 1;
      fields.push(record.slice(i + 1, close).replaceAll('""', '"'));
      i = close + 1;
    } else {
      const at = record.indexOf(delimiter, i);
      const end = at === -1 ? record.length : at;
      fields.push(record.slice(i, end));
      i = end;
    }
    if (i >= record.length) return fields;
    i++;
    if (i === record.length) return [...fields, ''];
  }
}
