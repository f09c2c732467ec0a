import type { Diff } from '../contracts/http/snapshots.ts';
import type { ColumnDiff, SnapshotDiff, TableDiff } from '../contracts/snapshots.ts';
import { dash, formatNumber, formatTable } from './output.ts';

/** As many as a screen has room for; `--json` has all that the service tells. */
const shown = { columns: 20, rows: 5, cells: 4 };

export function formatDiff({ from, to, diff }: Diff & { diff: SnapshotDiff }): string {
  const head = `${from.slice(0, 12)} → ${to.slice(0, 12)}`;
  if (diff.same) return `${head}: the same files`;
  const { files, tables } = diff;
  const list = files.differences.map(({ change, name, formerName, from: before, to: after }) => [
    change,
    formerName === null ? name : `${formerName} → ${name}`,
    `${before?.bytes ?? dash}`,
    `${after?.bytes ?? dash}`,
  ]);
  return [
    `${head}: ${files.differing} of ${files.same + files.differing} files differ`,
    formatTable(['change', 'file', 'bytes before', 'after'], list),
    ...moreThan(files.differing - list.length, 'files'),
    ...tables.flatMap((table) => (table.change === 'changed' ? ['', ...describeTable(table)] : [])),
  ].join('\n');
}

function describeTable(table: TableDiff): string[] {
  const { rows, key, columns, problem } = table;
  if (rows === null) return [`${table.table}: rows were not compared: ${problem ?? ''}`];
  const found = key === null ? 'compared whole' : `found again by ${key.join(', ')}`;
  const changed = rows.changed === null ? '' : `, ${rows.changed} changed`;
  const typed = (list: TableDiff['columns']['added']) =>
    list.map(({ column, type }) => `${column} (${type})`).join(', ');
  return [
    `${table.table}: ${rows.added} rows added, ${rows.removed} removed${changed}; ${rows.from} → ${rows.to} (${found})`,
    ...(columns.added.length > 0 ? [`  columns added: ${typed(columns.added)}`] : []),
    ...(columns.removed.length > 0 ? [`  columns removed: ${typed(columns.removed)}`] : []),
    ...notes(table).map((note) => `  ${note}`),
    ...describeColumns(columns),
    ...describeExamples(table),
  ];
}

function notes({ unreadable, repeatedKeys, columns }: TableDiff): string[] {
  const of = ({ from, to }: { from: number; to: number }, what: string) =>
    from + to === 0 ? [] : [`${what}: ${from} → ${to}`];
  return [
    ...of(unreadable, 'records that cannot be split into fields, and are not compared'),
    ...of(repeatedKeys, 'rows whose key an earlier one has, paired in the order of their contents'),
    ...columns.unusable.map(({ name, reason }) => `not compared: ${name}: ${reason}`),
  ];
}

function describeColumns({ differences, differing }: TableDiff['columns']): string[] {
  if (differences.length === 0) return [];
  const change = <T>(from: T, to: T) => (from === to ? String(from) : `${from} → ${to}`);
  const number = ({ numbers: { from, to } }: ColumnDiff, of: 'min' | 'mean' | 'max') =>
    from === null && to === null ? dash : change(formatNumber(from?.[of]), formatNumber(to?.[of]));
  const list = differences.slice(0, shown.columns);
  const table = formatTable(
    ['column', 'type', 'changed', 'missing', 'min', 'mean', 'max'],
    list.map((column) => [
      column.column,
      change(column.type.from, column.type.to),
      column.changed === null ? dash : String(column.changed),
      change(column.missing.from, column.missing.to),
      number(column, 'min'),
      number(column, 'mean'),
      number(column, 'max'),
    ]),
  );
  return [indented(table), ...moreThan(differing - list.length, 'columns')];
}

function describeExamples({ examples: { added, removed, changed } }: TableDiff): string[] {
  const cells = (row: Record<string, string | null>) => {
    const all = Object.entries(row).map(([name, value]) => `${name}=${value ?? ''}`);
    return all.length > shown.cells ? `${all.slice(0, shown.cells).join(' ')} …` : all.join(' ');
  };
  return [
    ...changed
      .slice(0, shown.rows)
      .map(
        ({ key, cells: list }) =>
          `  ~ ${cells(key)}: ${list.map(({ column, from, to }) => `${column} ${from ?? dash} → ${to ?? dash}`).join(', ')}`,
      ),
    ...added.slice(0, shown.rows).map((row) => `  + ${cells(row)}`),
    ...removed.slice(0, shown.rows).map((row) => `  - ${cells(row)}`),
  ];
}

const moreThan = (left: number, what: string): string[] => (left > 0 ? [`  and ${left} more ${what}`] : []);

const indented = (text: string): string => text.replaceAll(/^/gm, '  ');
