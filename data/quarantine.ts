import { closeSync, openSync, writeSync } from 'node:fs';

/** One line of the quarantine file: where the record stood, why it was set aside, and what it held. */
export type QuarantinedRecord = {
  table: string;
  file: string;
  /** 1-based number of the record, the header not counted; of a spreadsheet the number that it shows. */
  row: number;
  /** 1-based line on which the record starts; null for Parquet and spreadsheets. */
  line: number | null;
  reasons: string[];
  /** The record's text where it could not be split into columns; invalid bytes show as U+FFFD. */
  text?: string;
  values?: Record<string, string | null>;
};

export type QuarantineFile = {
  append(record: QuarantinedRecord): void;
  /** May be called again. */
  close(): void;
};

const flushCharacters = 1 << 20;

/** An NDJSON file. Written synchronously, because its records are found in the middle of a byte scan. */
export function openQuarantineFile(path: string): QuarantineFile {
  const file = openSync(path, 'w');
  let pending: string[] = [];
  let characters = 0;
  let open = true;
  const flush = () => {
    if (pending.length > 0) writeSync(file, pending.join(''));
    pending = [];
    characters = 0;
  };
  return {
    append(record) {
      const text = `${JSON.stringify(record)}\n`;
      pending.push(text);
      characters += text.length;
      if (characters > flushCharacters) flush();
    },
    close() {
      if (!open) return;
      open = false;
      flush();
      closeSync(file);
    },
  };
}
