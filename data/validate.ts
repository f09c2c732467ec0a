import { join } from 'node:path';
import type { BlobRef, Snapshot, ValidationReport } from '../contracts/data.ts';
import type { Pipeline, TableDeclaration } from '../contracts/pipeline.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { tablesInUse } from './assign-tables.ts';
import {
  checkForeignKeys,
  checkUniqueness,
  checkValues,
  type Finding,
  inOrderOfReference,
} from './checks.ts';
import { type Session, type SessionOptions, withSession } from './duckdb.ts';
import { DataInvalid } from './errors.ts';
import { openQuarantineFile, type QuarantineFile } from './quarantine.ts';
import { type FileReading, readCsv, type SourceFile } from './read-csv.ts';
import { readParquet } from './read-parquet.ts';
import { createTypedTable, type TypedTable } from './typed-table.ts';
import { quoteOffences, writeTable } from './validated-output.ts';

type Check = ValidationReport['checks'][number];
type TableReport = ValidationReport['tables'][number];

export type Validated = {
  report: ValidationReport;
  /** Typed Parquet of each table's kept rows, in the order of the files. Absent optional tables are not in it. */
  tables: Record<string, BlobRef>;
  /** NDJSON of every quarantined record with its reasons; null where there is none. */
  quarantine: BlobRef | null;
};

/**
 * Reads a snapshot's files, converts and checks them by the pipeline's declaration.
 * For each table rows in = kept + quarantined.
 *
 * @throws DataInvalid with the complete report where a fatal check failed
 */
export async function validate(input: {
  pipeline: Pipeline;
  snapshot: Snapshot;
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
      const reports = new Map<string, TableReport>();
      const checks: Check[] = [];
      const tables = new Map<string, TypedTable>();
      const declared = Object.entries(tablesInUse(pipeline, snapshot.joined));
      for (const [index, [name, declaration]] of declared.entries()) {
        input.onProgress?.({ table: name, done: index, of: declared.length });
        const own = files.filter((file) => file.table === name);
        const read = await readTable({ session, index, name, declaration, files: own, quarantine, signal });
        reports.set(name, read.report);
        checks.push(
          ...(own.length === 0 && !declaration.optional
            ? [missingFile(name, declaration, snapshot)]
            : read.checks),
        );
        if (read.table !== undefined) tables.set(name, read.table);
      }

      for (const table of inOrderOfReference(tables)) {
        const findings = [
          ...(await checkValues(session, table)),
          ...(await checkUniqueness(session, table)),
          ...(await checkForeignKeys(session, table, tables)),
        ];
        const rowsIn = reports.get(table.name)?.rowsIn ?? 0;
        const quotedFindings = await quoteOffences({ session, table, findings, quarantine });
        checks.push(...quotedFindings.map((finding) => toCheck(table, finding, rowsIn)));
      }
      quarantine.close();

      const outputs: Record<string, BlobRef> = {};
      for (const [name, table] of tables) {
        const report = reports.get(name);
        if (report === undefined) continue;
        const written = await writeTable({ session, table, store });
        outputs[name] = written.blob;
        report.kept = written.kept;
        report.quarantined += written.quarantined;
        report.nullShares = written.nullShares;
        checks.push(...nullShareChecks(table, report), ...emptinessChecks(table, report));
      }

      const setAside = [...reports.values()].some(({ quarantined }) => quarantined > 0);
      const report = conclude(snapshot, [...reports.values()], checks);
      const quarantineBlob = setAside ? await store.putFile(quarantinePath) : null;
      if (report.verdict === 'failed') throw new DataInvalid(report, quarantineBlob);
      return { report, tables: outputs, quarantine: quarantineBlob };
    } finally {
      quarantine.close();
    }
  });
}

async function readTable(input: {
  session: Session;
  index: number;
  name: string;
  declaration: TableDeclaration;
  files: SourceFile[];
  quarantine: QuarantineFile;
  signal: AbortSignal | undefined;
}): Promise<{ report: TableReport; checks: Check[]; table?: TypedTable }> {
  const { session, name, declaration, files } = input;
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
  if (files.length === 0) return { report, checks: [] };

  const readings: { file: SourceFile; reading: FileReading }[] = [];
  for (const [fileIndex, file] of files.entries())
    readings.push({
      file,
      reading:
        file.format === 'parquet'
          ? await readParquet({ session, declaration, file })
          : await readCsv({
              session,
              table: name,
              declaration,
              file,
              // Scratch names must differ over all tables and files.
              index: input.index * 1_000_000 + fileIndex,
              quarantine: input.quarantine,
              signal: input.signal,
            }),
    });
  const checks = readings.flatMap(({ file, reading }) => readingChecks(name, file, reading));
  report.extraColumns = [...new Set(readings.flatMap(({ reading }) => reading.extraColumns))];
  for (const { reading } of readings) {
    report.rowsIn += reading.readable + reading.malformed;
    report.quarantined += reading.malformed;
  }
  if (readings.some(({ reading }) => reading.problems.length > 0)) {
    // What was split before the problem showed is not converted; it is counted as nothing read.
    return { report: { ...report, rowsIn: report.quarantined }, checks };
  }
  return {
    report,
    checks,
    table: await createTypedTable({ session, index: input.index, name, declaration, files: readings }),
  };
}

function readingChecks(table: string, file: SourceFile, reading: FileReading): Check[] {
  const rowsIn = reading.readable + reading.malformed;
  const base = { table, file: file.name, column: null, examples: [] };
  const checks: Check[] = reading.problems.map((problem) => ({
    ...base,
    check: problem.check,
    column: problem.column,
    severity: 'fatal',
    offences: 1,
    share: 1,
    message: problem.message,
  }));
  if (reading.malformed > 0)
    checks.push({
      ...base,
      check: 'malformed',
      severity: 'quarantine',
      offences: reading.malformed,
      share: reading.malformed / rowsIn,
      message: `${counted(reading.malformed, 'record')} of "${file.name}" cannot be read: ${distinctMessages(reading)}`,
      examples: reading.malformedExamples,
    });
  if (reading.blankLines > 0)
    checks.push({
      ...base,
      check: 'blank-lines',
      severity: 'warn',
      offences: reading.blankLines,
      share: 0,
      message: `${counted(reading.blankLines, 'blank line')} between the records of "${file.name}" were skipped`,
    });
  return checks;
}

const distinctMessages = (reading: FileReading): string =>
  [...new Set(reading.malformedExamples.map(({ message }) => message))].slice(0, 3).join('; ');

const missingFile = (table: string, declaration: TableDeclaration, snapshot: Snapshot): Check => {
  const seen = [...snapshot.files.map(({ name }) => name), ...snapshot.ignoredFiles];
  return {
    table,
    check: 'missing-file',
    column: null,
    severity: 'fatal',
    offences: 1,
    share: 1,
    file: null,
    examples: [],
    message: `no file matches ${declaration.files.map((pattern) => `"${pattern}"`).join(' or ')}; the source has ${seen.map((name) => `"${name}"`).join(', ')}`,
  };
};

function toCheck(
  table: TypedTable,
  finding: Omit<Finding, 'examples'> & { examples: Check['examples'] },
  rowsIn: number,
): Check {
  return {
    table: table.name,
    check: finding.check,
    column: finding.column,
    severity: finding.severity,
    offences: finding.offences,
    share: finding.offences / Math.max(rowsIn, 1),
    message: `${counted(finding.offences, 'row')} ${finding.summary}`,
    file: table.files.map(({ name }) => name).join(', '),
    examples: finding.examples,
  };
}

function nullShareChecks(table: TypedTable, report: TableReport): Check[] {
  return Object.entries(report.nullShares).flatMap(([column, share]) => {
    const bar = table.declaration.columns[column]?.maxNullShare ?? table.declaration.maxNullShare;
    if (share <= bar) return [];
    return [
      {
        table: table.name,
        check: 'null-share',
        column,
        severity: 'warn' as const,
        offences: Math.round(share * report.kept),
        share,
        message: `${percent(share)} of "${column}" is empty; the bar is ${percent(bar)}`,
        file: report.file,
        examples: [],
      },
    ];
  });
}

/** A required table without a row left cannot train anything. */
function emptinessChecks(table: TypedTable, report: TableReport): Check[] {
  if (report.kept > 0) return [];
  const message =
    report.rowsIn === 0
      ? `"${report.file}" has a header and no rows`
      : `none of the ${report.rowsIn} rows of "${report.file}" is left`;
  return [
    {
      table: table.name,
      check: 'no-rows',
      column: null,
      severity: table.declaration.optional ? 'warn' : 'fatal',
      offences: 1,
      share: 1,
      message,
      file: report.file,
      examples: [],
    },
  ];
}

function conclude(snapshot: Snapshot, tables: TableReport[], checks: Check[]): ValidationReport {
  const verdictOf = (own: Check[]): 'passed' | 'flagged' | 'failed' =>
    own.some(({ severity }) => severity === 'fatal') ? 'failed' : own.length > 0 ? 'flagged' : 'passed';
  for (const table of tables) {
    const own = checks.filter((check) => check.table === table.table);
    if (table.verdict !== 'absent' || own.length > 0) table.verdict = verdictOf(own);
  }
  return {
    snapshotId: snapshot.id,
    verdict: verdictOf(checks),
    tables,
    checks,
    ignoredFiles: snapshot.ignoredFiles,
  };
}

const counted = (n: number, noun: string): string => `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`;
const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
