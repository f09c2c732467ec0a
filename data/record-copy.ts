import { closeSync, openSync, writeSync } from 'node:fs';
import { maxRecordBytes } from './csv-records.ts';
import { literal } from './duckdb.ts';

/** A CSV file of well-formed records, each after its row and line numbers, that DuckDB reads without guessing. */
export type RecordCopy = {
  append(record: { row: number; line: number | null; bytes: Buffer; start: number; end: number }): void;
  flush(): void;
  close(): void;
};

export function openRecordCopy(path: string, delimiter: string): RecordCopy {
  const file = openSync(path, 'w');
  const delimiterByte = delimiter.charCodeAt(0);
  const buffer = Buffer.allocUnsafe(2 * maxRecordBytes);
  let length = 0;
  const flush = () => {
    for (let written = 0; written < length; ) written += writeSync(file, buffer, written, length - written);
    length = 0;
  };
  return {
    append({ row, line, bytes, start, end }) {
      // Two numbers and their delimiters take under 64 bytes.
      if (length + (end - start) + 64 > buffer.length) flush();
      length += buffer.write(String(row), length, 'latin1');
      buffer[length++] = delimiterByte;
      if (line !== null) length += buffer.write(String(line), length, 'latin1');
      buffer[length++] = delimiterByte;
      length += bytes.copy(buffer, length, start, end);
      buffer[length++] = 0x0a;
    },
    flush,
    close() {
      flush();
      closeSync(file);
    },
  };
}

/** SQL over a copy: `row`, `line`, and `v<i>`, the field at `places[i]`, all fields as text. */
export function selectRecords(input: {
  copyPath: string;
  delimiter: string;
  fields: number;
  places: readonly number[];
}): string {
  const types = Array.from({ length: input.fields }, (_, index) => `'f${index}': 'VARCHAR'`);
  const columns = input.places.map((place, index) => `f${place} AS v${index}`);
  return `SELECT ${['"row"', '"line"', ...columns].join(', ')} FROM read_csv(${literal(input.copyPath)},
    columns = {'row': 'BIGINT', 'line': 'BIGINT', ${types.join(', ')}},
    header = false, auto_detect = false, strict_mode = true, parallel = false, null_padding = false,
    delim = ${literal(input.delimiter)}, quote = '"', escape = '"', comment = '', nullstr = '',
    new_line = '\\n', max_line_size = ${maxRecordBytes + 1024})`;
}
