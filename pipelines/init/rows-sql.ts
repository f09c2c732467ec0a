import { literal, quoted } from '../../data/duckdb.ts';
import { commaNumber } from '../../data/inference/cell-values.ts';
import { type DeclaredColumn, type DeclaredTable, sqlColumn, tableName } from './declared-columns.ts';

/** The query that makes one row of each line of the table. */
export function rowsSql(table: DeclaredTable): string {
  const { key, columns, inferred, targetRowName } = table;
  const target = targetExpression(table);
  const hasTarget = hasTargetCondition(table);
  const selected = [
    key.column === null
      ? `fingerprint || '-' || row_number() OVER (PARTITION BY fingerprint) AS ${quoted(key.rowName)}`
      : named(sqlColumn(key.column), key.rowName),
    ...columns.map((column) => named(columnExpression(column), column.rowName)),
    named(target, targetRowName),
    `CASE WHEN ${hasTarget} THEN NULL ELSE 'without-target' END AS excluded`,
  ];
  return [
    `-- One row a line of ${oneLine(inferred.source.file)}.`,
    ...(key.column === null ? keyComment : []),
    ...withFingerprint(table),
    'SELECT',
    selected.map((line) => `  ${line}`).join(',\n'),
    `FROM ${key.column === null ? `fingerprinted AS ${tableName}` : tableName}`,
    `ORDER BY ${quoted(key.rowName)}`,
    '',
  ].join('\n');
}

const keyComment = [
  '-- No column names the rows, so a row is known by its content: it stays on its side of the hold-out over all',
  '-- retrainings, wherever it stands in the file. Equal rows are numbered.',
];

function withFingerprint({ key, columns, inferred }: DeclaredTable): readonly string[] {
  if (key.column !== null) return [];
  const names = [...columns.map(({ name }) => name), inferred.target.name];
  const texts = names.map((name) => `coalesce(CAST(${sqlColumn(name)} AS VARCHAR), '')`);
  return [
    'WITH fingerprinted AS (',
    '  SELECT',
    '    *,',
    `    md5(concat_ws(chr(31),\n      ${texts.join(',\n      ')})) AS fingerprint`,
    `  FROM ${tableName}`,
    ')',
  ];
}

function columnExpression({ name, use }: DeclaredColumn): string {
  const column = sqlColumn(name);
  switch (use.use) {
    case 'number':
      return use.decimalComma ? commaNumber(`trim(${column})`) : column;
    case 'boolean':
      return `CAST(${column} AS INTEGER)`;
    case 'category':
      return `nullif(trim(${column}), '')`;
    case 'time':
      return column;
    default:
      return use satisfies never;
  }
}

function targetExpression({ inferred: { target } }: DeclaredTable): string {
  const column = sqlColumn(target.name);
  if (target.task === 'regression') return target.decimalComma ? commaNumber(`trim(${column})`) : column;
  const values = target.task === 'binary' ? ['1', '0'] : target.classes.map(literal);
  const cases = labelsOf(target).map((label, i) => `WHEN ${label} THEN ${values[i]}`);
  return `CASE ${labelColumn(target)} ${cases.join(' ')} END`;
}

/** True only of rows to learn from; NULL counts as no. */
function hasTargetCondition(table: DeclaredTable): string {
  const { target } = table.inferred;
  if (target.task === 'regression') return `${targetExpression(table)} IS NOT NULL`;
  return `${labelColumn(target)} IN (${labelsOf(target).join(', ')})`;
}

type ClassTarget = Exclude<DeclaredTable['inferred']['target'], { task: 'regression' }>;

const labelColumn = ({ name, numeric }: ClassTarget): string =>
  numeric ? sqlColumn(name) : `trim(${sqlColumn(name)})`;

/** As they stand in the file; of two classes the positive one first. */
function labelsOf(target: ClassTarget): readonly string[] {
  const labels = target.task === 'binary' ? [target.positive, target.negative] : target.classes;
  return target.numeric ? labels : labels.map(literal);
}

const named = (expression: string, name: string): string =>
  expression === sqlColumn(name) ? expression : `${expression} AS ${quoted(name)}`;

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ');
