import type { Snapshot } from '../../contracts/data.ts';
import { diffLimits, type SnapshotDiff, type TableDiff } from '../../contracts/snapshots.ts';
import type { TableDeclaration } from '../../contracts/tables.ts';
import type { BlobStore } from '../../store/blob-store.ts';
import type { SessionOptions } from '../duckdb.ts';
import type { SourceFile } from '../read-csv.ts';
import { diffFiles } from './diff-files.ts';
import { diffTable, type TableFiles, uncompared } from './diff-table.ts';

type File = Snapshot['files'][number];

/**
 * What is different in the files of two snapshots, and in the rows and columns of their tables. Tables whose bytes are
 * the same are not read.
 */
export async function diffSnapshots(input: {
  from: readonly File[];
  to: readonly File[];
  /** Of the tables the files were given to; empty where every file is a table. */
  declarations: Readonly<Record<string, TableDeclaration>>;
  /** In place of the declared ones. */
  key: readonly string[] | null;
  store: BlobStore;
  session?: Omit<SessionOptions, 'signal'>;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { table: string; done: number; of: number }) => void;
}): Promise<SnapshotDiff> {
  const { store, key, signal } = input;
  const files = diffFiles(input.from, input.to);
  const pairs = pairTables(input);
  const tables: TableDiff[] = [];
  let read = 0;
  for (const [done, pair] of pairs.entries()) {
    input.onProgress?.({ table: pair.name, done, of: pairs.length });
    const table = { ...pair, from: await located(store, pair.from), to: await located(store, pair.to) };
    if (hashes(pair.from) === hashes(pair.to)) tables.push({ ...uncompared(table, null), change: 'same' });
    else if (pair.from.length === 0 || pair.to.length === 0) tables.push(uncompared(table, null));
    else {
      const refusal = pastLimit([...pair.from, ...pair.to], read);
      if (refusal !== null) tables.push(uncompared(table, refusal));
      else {
        read += 1;
        tables.push(await diffTable(table, { key, session: { ...input.session, signal } }));
      }
    }
  }
  const { same, differences } = files;
  return {
    same: differences.length === 0,
    files: { same, differing: differences.length, differences: differences.slice(0, diffLimits.files) },
    tables,
  };
}

type Pair = Pick<TableFiles, 'name' | 'declaration'> & { from: File[]; to: File[] };

/** By the names of the tables; of files alone by their own, and a single one with a single one. */
function pairTables({
  from,
  to,
  declarations,
}: Pick<Parameters<typeof diffSnapshots>[0], 'from' | 'to' | 'declarations'>): Pair[] {
  const isUndeclared = [...from, ...to].every(({ table }) => table === null);
  const [later] = to;
  if (isUndeclared && from.length === 1 && to.length === 1 && later !== undefined)
    return [{ name: later.name, declaration: undefined, from: [...from], to: [...to] }];
  const nameOf = ({ table, name }: File) => table ?? name;
  const names = [...new Set([...from, ...to].map(nameOf))].sort();
  return names.map((name) => ({
    name,
    declaration: Object.hasOwn(declarations, name) ? declarations[name] : undefined,
    from: from.filter((file) => nameOf(file) === name),
    to: to.filter((file) => nameOf(file) === name),
  }));
}

const hashes = (files: readonly File[]): string => files.map(({ blob }) => blob.sha256).join();

const located = (store: BlobStore, files: readonly File[]): Promise<SourceFile[]> =>
  Promise.all(
    files.map(async ({ name, format, blob }) => ({ name, format, path: await store.localPath(blob.sha256) })),
  );

function pastLimit(files: readonly File[], read: number): string | null {
  const bytes = files.reduce((sum, { blob }) => sum + blob.bytes, 0);
  if (bytes > diffLimits.tableBytes)
    return `both sides together have ${bytes} bytes; rows are compared up to ${diffLimits.tableBytes}`;
  return read < diffLimits.tables ? null : `rows are compared in at most ${diffLimits.tables} tables`;
}
