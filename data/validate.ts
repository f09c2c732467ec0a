import { join } from 'node:path';
import type { BlobRef, Snapshot, ValidationReport } from '../contracts/data.ts';
import type { TablesPart } from '../contracts/declaration-parts.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { tablesInUse } from './assign-tables.ts';
import { checkForeignKeys, checkUniqueness, checkValues, inOrderOfReference } from './checks.ts';
import { type Session, type SessionOptions, withSession } from './duckdb.ts';
import { DataInvalid } from './errors.ts';
import { applyFilters } from './filters.ts';
import { openQuarantineFile, type QuarantineFile } from './quarantine.ts';
import { type FileReading, readCsv, type SourceFile } from './read-csv.ts';
import { readParquet } from './read-parquet.ts';
import { readXlsx } from './read-xlsx.ts';
import {
  type Check,
  conclude,
  emptinessChecks,
  missingFile,
  nullShareChecks,
  readingChecks,
  type TableReport,
  toCheck,
} from './report-checks.ts';
import { createTypedTable, type TypedTable } from './typed-table.ts';
import { quoteOffences, writeTable } from './validated-output.ts';

export type Validated = {
  report: ValidationReport;
  /** Typed Parquet of each table's kept rows, in the order of the files. Absent optional tables are not in it. */
  tables: Record<string, BlobRef>;
  /** NDJSON of every quarantined record with its reasons; null where there is none. */
  quarantine: BlobRef | null;
};

/**
 * Reads a snapshot's files, converts and checks them by the pipeline's declaration.
 * For each table rows in = kept + quarantined + filtered.
 *
 * @throws DataInvalid with the complete report where a fatal check failed
 */
export async function validate(input: {
  pipeline: TablesPart;
  snapshot: Omit<Snapshot, 'source'>;
  /** Of the run: filters may name them. */
  parameters?: RunParameters;
  store: BlobStore;
  session?: Omit<SessionOptions, 'signal'>;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: { table: string; done: number; of: number }) => void;
}): Promise<Validated> {
  const { pipeline, snapshot, store, signal } = input;
  return withSession({ ...input.session, signal }, async (session) => {
    const paths = await Promise.all(snapshot.files.map(({ blob }) => store.localPath(blob.sha256)));
    const files: (SourceFile & { table: string | null })[] = snapshot.files.map((file, index) => ({
      name: file.name,
      path: paths[index] ?? '',
      format: file.format,
      table: file.table,
    }));
    await session.closeToOutside(paths);

    const quarantinePath = join(session.scratch, 'quarantine.ndjson');
    const quarantine = openQuarantineFile(quarantinePath);
    try {
      const stage: Stage = {
        session,
        parameters: input.parameters ?? {},
        quarantine,
        reports: new Map(),
        checks: [],
        tables: new Map(),
        signal,
      };
      const declared = Object.entries(tablesInUse(pipeline, snapshot.joined));
      for (const [index, [name, declaration]] of declared.entries()) {
        input.onProgress?.({ table: name, done: index, of: declared.length });
        const own = files.filter((file) => file.table === name);
        if (own.length === 0 && !declaration.optional)
          stage.checks.push(missingFile(name, declaration, snapshot));
        await readTable(stage, { index, name, declaration, files: own });
      }
      for (const table of inOrderOfReference(stage.tables)) await checkTable(stage, table);
      quarantine.close();
      const tables: Record<string, BlobRef> = {};
      for (const table of stage.tables.values()) tables[table.name] = await keepTable(stage, table, store);

      const reports = [...stage.reports.values()];
      const report = conclude(snapshot, reports, stage.checks);
      const setAside = reports.some(({ quarantined }) => quarantined > 0);
      const quarantineBlob = setAside ? await store.putFile(quarantinePath, session) : null;
      if (report.verdict === 'failed') throw new DataInvalid(report, quarantineBlob);
      return { report, tables, quarantine: quarantineBlob };
    } finally {
      quarantine.close();
    }
  });
}

/** What the stages of one validation share and add to. */
type Stage = {
  session: Session;
  parameters: RunParameters;
  quarantine: QuarantineFile;
  reports: Map<string, TableReport>;
  checks: Check[];
  /** Tables whose files could be read. */
  tables: Map<string, TypedTable>;
  signal: AbortSignal | undefined;
};

async function readTable(
  { session, parameters, quarantine, reports, checks, tables, signal }: Stage,
  source: { index: number; name: string; declaration: TableDeclaration; files: SourceFile[] },
): Promise<void> {
  const { index, name, declaration, files } = source;
  const report: TableReport = {
    table: name,
    file: files.length === 0 ? null : files.map((file) => file.name).join(', '),
    verdict: files.length === 0 ? 'absent' : 'passed',
    rowsIn: 0,
    kept: 0,
    quarantined: 0,
    extraColumns: [],
    nullShares: {},
  };
  reports.set(name, report);
  if (files.length === 0) return;

  const readings: { file: SourceFile; reading: FileReading }[] = [];
  for (const [fileIndex, file] of files.entries()) {
    // Scratch names must differ over all tables and files.
    const copyIndex = index * 1_000_000 + fileIndex;
    const of = { session, table: name, declaration, file, index: copyIndex, quarantine };
    const read = await readFile({ ...of, signal });
    const { reading } = read;
    readings.push(read);
    checks.push(...readingChecks(name, read.file, reading));
    report.rowsIn += reading.readable + reading.malformed;
    report.quarantined += reading.malformed;
  }
  report.file = readings.map(({ file }) => file.name).join(', ');
  report.extraColumns = [...new Set(readings.flatMap(({ reading }) => reading.extraColumns))];
  if (readings.some(({ reading }) => reading.problems.length > 0)) {
    // What was split before the problem showed is not converted: it counts as not read.
    report.rowsIn = report.quarantined;
    return;
  }
  const table = await createTypedTable({ session, index, name, declaration, files: readings });
  if (declaration.filters !== undefined)
    report.filtered = await applyFilters({ session, table, filters: declaration.filters, parameters });
  tables.set(name, table);
}

/** @returns the reading, and the file under the name that reports give it */
async function readFile(
  of: Parameters<typeof readCsv>[0],
): Promise<{ reading: FileReading; file: SourceFile }> {
  const { file } = of;
  switch (file.format) {
    case 'csv':
      return { reading: await readCsv(of), file };
    case 'parquet':
      return { reading: await readParquet(of), file };
    case 'xlsx':
      return readXlsx(of);
    default:
      return file.format satisfies never;
  }
}

async function checkTable(
  { session, quarantine, reports, checks, tables }: Stage,
  table: TypedTable,
): Promise<void> {
  const findings = [
    ...(await checkValues(session, table)),
    ...(await checkUniqueness(session, table)),
    ...(await checkForeignKeys(session, table, tables)),
  ];
  const rowsIn = reports.get(table.name)?.rowsIn ?? 0;
  const complete = await quoteOffences({ session, table, findings, quarantine });
  checks.push(...complete.map((finding) => toCheck(table, finding, rowsIn)));
}

async function keepTable(
  { session, reports, checks }: Stage,
  table: TypedTable,
  store: BlobStore,
): Promise<BlobRef> {
  const written = await writeTable({ session, table, store });
  const report = reports.get(table.name);
  if (report === undefined) throw new Error(`table "${table.name}" was read without a report`);
  report.kept = written.kept;
  report.quarantined += written.quarantined;
  report.nullShares = written.nullShares;
  checks.push(
    ...nullShareChecks(table, report),
    ...emptinessChecks(
      table,
      report,
      checks.filter((check) => check.table === table.name),
    ),
  );
  return written.blob;
}
