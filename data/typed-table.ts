import type { TableDeclaration } from '../contracts/tables.ts';
import { conversion, sqlTypes } from './convert.ts';
import { count, type Session } from './duckdb.ts';
import type { FileReading, SourceFile } from './read-csv.ts';

/**
 * A table as DuckDB holds it during validation.
 * `typed_<i>`: file, row, line, `c<j>` the value of declared column j, `x<j>` whether its text was no such value.
 * `bad_<i>`: file, row, reason: the quarantined rows, one line a reason.
 */
export type TypedTable = {
  name: string;
  declaration: TableDeclaration;
  /** Declared columns; their index is the j above. */
  columns: string[];
  files: SourceFile[];
  /** SQL over the records as text: file, row, line, `v<j>`. */
  raw: string;
  typed: string;
  bad: string;
  /** Indexed by `reason`. */
  reasons: string[];
  rows: number;
};

export async function createTypedTable(input: {
  session: Session;
  index: number;
  name: string;
  declaration: TableDeclaration;
  files: { file: SourceFile; reading: FileReading }[];
}): Promise<TypedTable> {
  const { session, index, declaration, files } = input;
  const columns = Object.keys(declaration.columns);
  const raw = files
    .map(({ reading }, fileIndex) => rawSelect(reading, fileIndex, declaration))
    .join(' UNION ALL ');
  const hasIsoTimes = files.some(({ reading }) => reading.hasIsoTimes);
  const values = Object.values(declaration.columns).map(
    (column, j) => `${conversion(column, `v${j}`, hasIsoTimes)} AS c${j}`,
  );
  const failed = columns.map((_, j) => `(v${j} IS NOT NULL AND c${j} IS NULL) AS x${j}`);
  const table: TypedTable = {
    name: input.name,
    declaration,
    columns,
    files: files.map(({ file }) => file),
    raw,
    typed: `typed_${index}`,
    bad: `bad_${index}`,
    reasons: [],
    rows: 0,
  };
  await session.run(
    `CREATE TABLE ${table.typed} AS SELECT "file", "row", "line", ${columns.map((_, j) => `c${j}`).join(', ')}, ${failed.join(', ')}
     FROM (SELECT *, ${values.join(', ')} FROM (${raw}))`,
  );
  await session.run(`CREATE TABLE ${table.bad} ("file" INTEGER, "row" BIGINT, reason INTEGER)`);
  const [counted] = await session.rows(`SELECT count(*) AS n FROM ${table.typed}`);
  table.rows = count(counted?.n);
  const scanned = files.reduce((sum, { reading }) => sum + reading.readable, 0);
  if (table.rows !== scanned)
    throw new Error(`table "${table.name}": ${scanned} records were handed to DuckDB, it read ${table.rows}`);
  return table;
}

function rawSelect(reading: FileReading, fileIndex: number, declaration: TableDeclaration): string {
  const columns = Object.keys(declaration.columns);
  const values = columns.map((column, j) => {
    const place = reading.columns.indexOf(column);
    // Blanks alone are no text of a number or a date.
    const text = declaration.columns[column]?.type === 'text' ? `v${place}` : `trim(v${place})`;
    return `${place === -1 ? 'CAST(NULL AS VARCHAR)' : `nullif(${text}, '')`} AS v${j}`;
  });
  return `SELECT ${fileIndex} AS "file", "row", "line", ${values.join(', ')} FROM (${reading.select})`;
}

/** FROM clause of the rows that no check has set aside so far. */
export const survivors = (table: TypedTable): string =>
  // Each reason is recorded with its rows, so without one there is nothing to join with.
  table.reasons.length === 0
    ? table.typed
    : `(SELECT * FROM ${table.typed} t ANTI JOIN ${table.bad} b ON t."file" = b."file" AND t."row" = b."row")`;

/** The type of a declared column in SQL. */
export const columnType = (declaration: TableDeclaration, column: string): string => {
  const declared = declaration.columns[column];
  return declared === undefined ? 'VARCHAR' : sqlTypes[declared.type];
};
