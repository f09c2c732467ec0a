/** One record of a body, as it was sent. */
export type RawRecord = {
  /** No more than the first `recordLimits.keptBytes` of a record that is too long to be a review. */
  bytes: Uint8Array;
  length: number;
  /** What is wrong with where it stands, whatever it holds. */
  fault: string | null;
};

/** Two texts of the longest, each character escaped, are 240,000 bytes. */
export const recordLimits = { bytes: 256 * 1024, keptBytes: 64 * 1024 } as const;

/** Takes a body as it streams in apart into its records, without holding more than one of them. */
export type RecordSplitter = {
  push(chunk: Uint8Array): RawRecord[];
  end(): RawRecord[];
};

/** Thrown when a body is no sequence of records at all. */
export class NotRecords extends Error {
  override readonly name = 'NotRecords';
}

/** The bytes of a record that may have begun in an earlier chunk. */
function createPieces() {
  let pieces: Uint8Array[] = [];
  let length = 0;
  return {
    add(piece: Uint8Array): void {
      // Past the limit nothing more is kept, but counted.
      if (length <= recordLimits.bytes && piece.byteLength > 0) pieces.push(piece);
      length += piece.byteLength;
    },
    isEmpty: () => length === 0,
    take(fault: string | null = null): RawRecord {
      const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
      const record = {
        bytes: length > recordLimits.bytes ? whole.subarray(0, recordLimits.keptBytes) : whole,
        length,
        fault,
      };
      pieces = [];
      length = 0;
      return record;
    },
  };
}

const lineEnd = 0x0a;

/** NDJSON: a record a line; blank lines are none. */
export function createLineSplitter(): RecordSplitter {
  const line = createPieces();
  const take = (): RawRecord[] => {
    const record = line.take();
    return isBlank(record.bytes) ? [] : [record];
  };
  return {
    push(chunk) {
      const records: RawRecord[] = [];
      let from = 0;
      for (let at = chunk.indexOf(lineEnd); at >= 0; at = chunk.indexOf(lineEnd, from)) {
        line.add(chunk.subarray(from, at));
        records.push(...take());
        from = at + 1;
      }
      line.add(chunk.subarray(from));
      return records;
    },
    end: take,
  };
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every(isSpace);
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const [quote, backslash, comma, open, close, openObject, closeObject] = [...'"\\,[]{}'].map((sign) =>
  sign.charCodeAt(0),
) as [number, number, number, number, number, number, number];
const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * A JSON array: its elements, found by their brackets and quotes alone, so that one which is no JSON spoils no other.
 * @throws NotRecords from `push` where the body is no array, from `end` where it is empty
 */
export function createArraySplitter(): RecordSplitter {
  let place: 'before' | 'within' | 'after' = 'before';
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let seen = 0;
  const element = createPieces();

  return {
    push(chunk) {
      const records: RawRecord[] = [];
      let from = 0;
      for (let at = 0; at < chunk.length; at++) {
        const byte = chunk[at] as number;
        if (inString) {
          if (isEscaped) isEscaped = false;
          else if (byte === backslash) isEscaped = true;
          else if (byte === quote) inString = false;
          continue;
        }
        if (place === 'within') {
          if (byte === quote) inString = true;
          else if (byte === open || byte === openObject) depth++;
          else if ((byte === close || byte === closeObject) && depth > 0) depth--;
          else if (depth === 0 && (byte === comma || byte === close)) {
            element.add(chunk.subarray(from, at));
            const record = element.take();
            const isLast = byte === close;
            // `[]` and `[a, ]` end without an element; `[a, , b]` has one that is empty.
            if (!isLast || !isBlank(record.bytes))
              records.push(
                isBlank(record.bytes)
                  ? { ...record, fault: 'is empty: two commas follow one another' }
                  : record,
              );
            from = at + 1;
            if (isLast) place = 'after';
          }
        } else if (place === 'before') {
          if (isSpace(byte) || (seen < byteOrderMark.length && byte === byteOrderMark[seen])) {
            seen++;
            continue;
          }
          if (byte !== open)
            throw new NotRecords(
              byte === openObject
                ? 'the body is one object; send a JSON array of reviews, or NDJSON as application/x-ndjson'
                : 'the body is no JSON array of reviews',
            );
          place = 'within';
          from = at + 1;
        }
      }
      if (place !== 'before') element.add(chunk.subarray(from));
      return records;
    },
    end() {
      if (place === 'before') throw new NotRecords('the body is empty');
      const rest = element.take(
        place === 'after'
          ? 'follows the end of the array'
          : 'is cut off: the body ends before the array does',
      );
      return place === 'within' || !isBlank(rest.bytes) ? [rest] : [];
    },
  };
}
