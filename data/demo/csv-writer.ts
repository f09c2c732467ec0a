import { open } from 'node:fs/promises';
import { type Cell, csvLine } from '../csv-line.ts';

export interface CsvWriter {
  write(cells: readonly Cell[]): void;
  /** Waits until what was written so far is handed to the file; the back-pressure of a long generation. */
  flush(): Promise<void>;
  close(): Promise<{ rows: number }>;
}

/** RFC 4180 with LF; the header is written first. An empty cell is null. */
export async function createCsvWriter(path: string, header: readonly string[]): Promise<CsvWriter> {
  const file = await open(path, 'w');
  let buffered = `${header.join(',')}\n`;
  let rows = 0;
  const flush = async (): Promise<void> => {
    const text = buffered;
    buffered = '';
    if (text !== '') await file.write(text);
  };
  return {
    write(cells) {
      buffered += csvLine(cells);
      rows += 1;
    },
    flush,
    async close() {
      try {
        await flush();
      } finally {
        await file.close();
      }
      return { rows };
    },
  };
}
