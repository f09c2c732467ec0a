import { open } from 'node:fs/promises';

type Cell = string | number | null;

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
      let line = '';
      for (let i = 0; i < cells.length; i++) line += (i === 0 ? '' : ',') + cellText(cells[i] ?? null);
      buffered += `${line}\n`;
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

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
