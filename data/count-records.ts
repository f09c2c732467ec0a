import type { Snapshot } from '../contracts/data.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { scanRecords } from './csv-records.ts';
import { count, isInterruption, literal, withSession } from './duckdb.ts';
import { csvHeader, Unreadable } from './undeclared-file.ts';

type File = Snapshot['files'][number];

/**
 * Records of all files, headers aside, those that cannot be split into fields among them; null where a
 * file is a spreadsheet or cannot be read at all.
 */
export async function countRecords(input: {
  files: readonly File[];
  declarations: Readonly<Record<string, TableDeclaration>>;
  store: BlobStore;
  signal?: AbortSignal | undefined;
}): Promise<number | null> {
  let records = 0;
  for (const file of input.files) {
    const found = await countOf(file, input);
    if (found === null) return null;
    records += found;
  }
  return records;
}

async function countOf(
  { name, table, blob, format }: File,
  { declarations, store, signal }: Parameters<typeof countRecords>[0],
): Promise<number | null> {
  const path = await store.localPath(blob.sha256);
  const declared = table !== null && Object.hasOwn(declarations, table) ? declarations[table] : undefined;
  try {
    switch (format) {
      case 'csv': {
        const { dialect } = await csvHeader({ name, path }, declared);
        return await countCsv({ path, delimiter: dialect.delimiter, signal });
      }
      case 'parquet':
        return await countParquet(path, signal);
      case 'xlsx':
        // A sheet would have to be unpacked: a validation counts its rows.
        return null;
      default:
        return format satisfies never;
    }
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

function countParquet(path: string, signal: AbortSignal | undefined): Promise<number> {
  return withSession({ signal }, async (session) => {
    await session.closeToOutside([path]);
    // Of the footer: no page is read.
    const [counted] = await session
      .rows(`SELECT num_rows AS n FROM parquet_file_metadata(${literal(path)})`)
      .catch((error: unknown) => {
        if (!(error instanceof Error) || isInterruption(error)) throw error;
        throw new Unreadable(error.message, { cause: error });
      });
    return count(counted?.n);
  });
}

async function countCsv(input: {
  path: string;
  delimiter: string;
  signal: AbortSignal | undefined;
}): Promise<number> {
  let records = 0;
  await scanRecords({
    ...input,
    visitor: {
      record() {
        records++;
        return 'continue';
      },
      malformed() {
        records++;
      },
      blankLine() {},
      chunkEnd() {},
    },
  });
  return Math.max(0, records - 1);
}
