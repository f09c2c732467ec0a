import type { Snapshot, ValidationReport } from '../contracts/data.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import type { Finding } from './checks.ts';
import type { FileReading, SourceFile } from './read-csv.ts';
import type { TypedTable } from './typed-table.ts';

/** The words and numbers of a report: what each stage found, as checks, and the verdicts that follow from them. */

export type Check = ValidationReport['checks'][number];
export type TableReport = ValidationReport['tables'][number];

export function readingChecks(table: string, file: SourceFile, reading: FileReading): Check[] {
  const rowsIn = reading.readable + reading.malformed;
  const base = { table, file: file.name, column: null, examples: [] };
  const checks: Check[] = reading.problems.map((problem) => ({
    ...base,
    check: problem.check,
    column: problem.column,
    severity: 'fatal',
    offences: 1,
    share: 1,
    message: `"${file.name}": ${problem.message}`,
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
  if (reading.otherSheets.length > 0)
    checks.push({
      ...base,
      check: 'other-sheets',
      severity: 'warn',
      offences: reading.otherSheets.length,
      share: 0,
      message: `"${file.name}" is read; not read ${reading.otherSheets.length === 1 ? 'is' : 'are'} ${reading.otherSheets.map((sheet) => `"${sheet}"`).join(', ')}: a table's \`sheet\` says which it is in`,
    });
  return checks;
}

const distinctMessages = (reading: FileReading): string =>
  [...new Set(reading.malformedExamples.map(({ message }) => message))].slice(0, 3).join('; ');

export const missingFile = (
  table: string,
  declaration: TableDeclaration,
  snapshot: Pick<Snapshot, 'files' | 'ignoredFiles'>,
): Check => {
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

export function toCheck(
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

export function nullShareChecks(table: TypedTable, report: TableReport): Check[] {
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

/** A required table without a row left cannot train anything. `own` are its other checks: why its rows went. */
export function emptinessChecks(table: TypedTable, report: TableReport, own: readonly Check[]): Check[] {
  if (report.kept > 0) return [];
  const message =
    report.rowsIn === 0
      ? `"${report.file}" has a header and no rows`
      : `none of the ${report.rowsIn} rows of "${report.file}" is left${everyFilter(report)}${mainReason(own)}`;
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

function everyFilter({ filtered = {} }: TableReport): string {
  const rules = Object.entries(filtered).filter(([, { count }]) => count > 0);
  if (rules.length === 0) return '';
  return `; filtered: ${rules.map(([rule, { count, reason }]) => `${counted(count, 'row')} by "${rule}" (${reason})`).join(', ')}`;
}

/** The rule that set most rows aside, with a value that broke it. */
function mainReason(checks: readonly Check[]): string {
  const [main] = checks
    .filter(({ severity }) => severity === 'quarantine')
    .sort((left, right) => right.offences - left.offences);
  if (main === undefined) return '';
  const [example] = main.examples;
  const place =
    example === undefined
      ? ''
      : `, as ${JSON.stringify(example.value)} at ${example.line === null ? 'row' : 'line'} ${example.line ?? example.row}${example.file === undefined ? '' : ` of "${example.file}"`}`;
  return `; most often: ${main.message}${place}`;
}

export function conclude(
  snapshot: Pick<Snapshot, 'id' | 'ignoredFiles'>,
  tables: TableReport[],
  checks: Check[],
): ValidationReport {
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
