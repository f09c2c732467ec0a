import { createHash } from 'node:crypto';
import { type Snapshot, snapshotSchema } from '../contracts/data.ts';
import type { TablesPart } from '../contracts/declaration-parts.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import { canonicalJson } from '../ml/artifact/canonical-json.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { assignByName, tablesInUse } from './assign-tables.ts';
import { placeColumns } from './columns.ts';
import { readCsvHeader } from './csv-header.ts';
import { withSession } from './duckdb.ts';
import { parquetColumns } from './read-parquet.ts';
import { readXlsxHeader } from './read-xlsx.ts';
import { formatOf, type SourceReaders, type StoredFile, storeSourceFiles } from './source-files.ts';

/**
 * Takes a source into the store and gives its files to the pipeline's tables; without a pipeline they stay as they
 * are. The same files under the same declaration have the same id, whatever their dates, their order, or the source
 * that brought them. Whether the tables are complete is for `validate` to say.
 *
 * @throws InvalidSource, SourceNotFound, SourceRefused
 */
export async function takeSnapshot(input: {
  pipeline: TablesPart | null;
  source: string;
  store: BlobStore;
  readers: SourceReaders;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: { file: string; done: number; of: number }) => void) | undefined;
}): Promise<Snapshot> {
  const { pipeline, source } = input;
  const stored = await storeSourceFiles(input);
  if (pipeline === null) return undeclared(source, stored);
  const { joined, tableOf } = await assignTables({ ...input, pipeline }, stored);
  const assigned = stored.flatMap(({ name, blob }) => {
    const table = tableOf.get(name);
    return table === undefined ? [] : [{ name, table, blob, format: formatOf(name) ?? 'csv' }];
  });
  const files = assigned.sort((a, b) => compareTexts(a.table, b.table) || compareTexts(a.name, b.name));
  return snapshotSchema.parse({
    id: snapshotId(tablesInUse(pipeline, joined), files),
    source,
    files,
    ignoredFiles: stored.map(({ name }) => name).filter((name) => !tableOf.has(name)),
    joined,
  });
}

/**
 * Without tables, the names tell the files apart, so they are part of the identity; of a single file the bytes say all.
 */
function undeclared(source: string, stored: StoredFile[]): Snapshot {
  const files = stored.map(({ name, blob }) => ({
    name,
    table: null,
    blob,
    format: formatOf(name) ?? 'csv',
  }));
  const content = files.map((file) => ({ ...file, table: files.length === 1 ? '' : file.name }));
  return snapshotSchema.parse({
    id: snapshotId({}, content),
    source,
    files,
    ignoredFiles: [],
    joined: false,
  });
}

/**
 * Names of files are no part of the identity, nor is the order in which a declaration lists its columns; the order of
 * files within a table is, for the first of equal keys stays.
 */
function snapshotId(
  tables: Record<string, TableDeclaration>,
  files: { table: string; format: string; blob: { sha256: string } }[],
): string {
  const content = files.map(({ table, format, blob }) => [table, format, blob.sha256]);
  return createHash('sha256').update(canonicalJson({ tables, content })).digest('hex');
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

async function assignTables(
  { pipeline, store, signal }: Parameters<typeof takeSnapshot>[0] & { pipeline: TablesPart },
  stored: StoredFile[],
): Promise<{ joined: boolean; tableOf: Map<string, string> }> {
  const names = stored.map(({ name }) => name);
  const raw = tablesInUse(pipeline, false);
  const joinedTable = pipeline.rows.joined?.table;
  const [only, ...others] = stored;
  if (only === undefined || others.length > 0) return { joined: false, tableOf: assignByName(raw, names) };

  // A single file goes by its name, then by its columns: people upload exports under any name.
  const preJoined = tablesInUse(pipeline, true);
  if (joinedTable !== undefined && assignByName(preJoined, names).size > 0)
    return { joined: true, tableOf: new Map([[only.name, joinedTable]]) };
  const byName = assignByName(raw, names);
  if (byName.size > 0) return { joined: false, tableOf: byName };
  const required = Object.entries(raw).filter(([, { optional }]) => !optional);
  // Where no table is required, each may be the one there is.
  const alone = required.length === 0 ? Object.entries(raw) : required.length === 1 ? required : [];
  const candidates = [...Object.entries(preJoined), ...alone];
  for (const [table, declaration] of candidates)
    if (await hasColumns({ declaration, file: only, store, signal }))
      return { joined: table === joinedTable, tableOf: new Map([[only.name, table]]) };
  // Held to the first of them all the same: what is wrong with the file says more than that all tables are missing.
  const [likeliest] = candidates;
  return likeliest === undefined
    ? { joined: false, tableOf: new Map() }
    : { joined: likeliest[0] === joinedTable, tableOf: new Map([[only.name, likeliest[0]]]) };
}

async function hasColumns(input: {
  declaration: TableDeclaration;
  file: StoredFile;
  store: BlobStore;
  signal: AbortSignal | undefined;
}): Promise<boolean> {
  const { declaration, file, signal } = input;
  const path = await input.store.localPath(file.blob.sha256);
  const format = formatOf(file.name) ?? 'csv';
  switch (format) {
    case 'csv': {
      const header = await readCsvHeader({ path, declaration, signal });
      return header !== undefined && header.problems.length === 0;
    }
    case 'parquet':
      return withSession({ signal }, async (session) => {
        await session.closeToOutside([path]);
        const header = await parquetColumns(session, path);
        return 'columns' in header && placeColumns(declaration, header.columns).problems.length === 0;
      });
    case 'xlsx':
      return (await readXlsxHeader({ path, declaration, signal })).problems.length === 0;
    default:
      return format satisfies never;
  }
}
