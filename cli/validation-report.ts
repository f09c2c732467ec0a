import type { ValidationReport } from '../contracts/data.ts';
import { formatTable } from './output.ts';

type TableReport = ValidationReport['tables'][number];

/** Each table's rows, then every broken rule with the places of its first offences. */
export function formatReport(report: ValidationReport): string {
  const hasFilters = report.tables.some(({ filtered }) => filtered !== undefined);
  const tables = formatTable(
    ['table', 'verdict', 'rows in', 'kept', 'quarantined', ...(hasFilters ? ['filtered'] : []), 'file'],
    report.tables.map((table) => [
      table.table,
      table.verdict,
      String(table.rowsIn),
      String(table.kept),
      String(table.quarantined),
      ...(hasFilters ? [String(filteredRows(table))] : []),
      table.file ?? '',
    ]),
  );
  const offences = report.checks
    .filter((check) => check.offences > 0 || check.severity === 'fatal')
    .map((check) => {
      const place = check.column === null ? check.table : `${check.table}.${check.column}`;
      const examples = check.examples
        .slice(0, 3)
        .map(
          (example) =>
            `    ${example.file ?? check.file ?? ''}:${example.line ?? `row ${example.row}`}: ${example.message}`,
        );
      return [`  ${check.severity} ${place}: ${check.message}`, ...examples].join('\n');
    });
  return [
    `validation ${report.verdict}, snapshot ${report.snapshotId}`,
    tables,
    ...report.tables.flatMap(({ table, filtered = {} }) =>
      Object.entries(filtered).map(
        ([rule, { count, reason }]) => `  filtered ${table}: ${count} by ${rule}: ${reason}`,
      ),
    ),
    ...(offences.length === 0 ? [] : [offences.join('\n')]),
    ...report.tables
      .filter(({ extraColumns }) => extraColumns.length > 0)
      .map(
        ({ table, extraColumns }) =>
          `columns of ${table} that are not declared, and ignored: ${extraColumns.join(', ')}`,
      ),
    ...(report.ignoredFiles.length === 0 ? [] : [`ignored: ${report.ignoredFiles.join(', ')}`]),
  ].join('\n\n');
}

/** The report in one line, for a run that went on with it. */
export function summariseReport({ verdict, tables, checks }: ValidationReport): string {
  const sum = (count: (table: TableReport) => number): string =>
    tables.reduce((total, table) => total + count(table), 0).toLocaleString('en');
  const filtered = tables.some((table) => filteredRows(table) > 0) ? `${sum(filteredRows)} filtered` : '';
  if (verdict === 'passed') return filtered === '' ? verdict : `${verdict}: ${filtered}`;
  const rules = `${checks.length} ${checks.length === 1 ? 'finding' : 'findings'}`;
  const quarantined = `${sum((table) => table.quarantined)} of ${sum(({ rowsIn }) => rowsIn)} rows quarantined`;
  return [`${verdict}: ${rules}`, quarantined, ...(filtered === '' ? [] : [filtered])].join(', ');
}

const filteredRows = ({ filtered = {} }: TableReport): number =>
  Object.values(filtered).reduce((total, { count }) => total + count, 0);
