import type { TableDeclaration } from '../contracts/tables.ts';
import { maxColumns, placeColumns } from './columns.ts';
import { count, isInterruption, literal, quoted, type Session } from './duckdb.ts';
import { emptyReading, type FileReading, type SourceFile } from './read-csv.ts';

/**
 * Reads a Parquet file as text too, so that one set of checks serves both formats. Its own dates turn into
 * ISO text, which the conversion always tries for Parquet.
 */
export async function readParquet(input: {
  session: Session;
  declaration: TableDeclaration;
  file: SourceFile;
}): Promise<FileReading> {
  const { session, declaration, file } = input;
  const reading = { ...emptyReading(), hasIsoTimes: true };
  const header = await parquetColumns(session, file.path);
  if ('problem' in header) {
    reading.problems.push({
      check: 'unreadable',
      column: null,
      message: header.problem,
    });
    return reading;
  }
  if (header.columns.length > maxColumns)
    reading.problems.push({
      check: 'too-many-columns',
      column: null,
      message: `the file has ${header.columns.length.toLocaleString('en')} columns; at most ${maxColumns.toLocaleString('en')} are allowed`,
    });
  const { places, extra, problems } = placeColumns(declaration, header.columns);
  reading.problems.push(...problems);
  for (const [column, place] of places) {
    const problem = typeProblem(header.types[place] ?? '');
    if (problem !== undefined)
      reading.problems.push({ check: 'unreadable', column, message: `column "${column}" ${problem}` });
  }
  if (reading.problems.length > 0) return reading;

  const texts = [...places.values()].map(
    (place) => `CAST(${quoted(header.columns[place] ?? '')} AS VARCHAR)`,
  );
  const source = `read_parquet(${literal(file.path)}, file_row_number = true)`;
  const pages = await readPages(
    session,
    file.path,
    `SELECT ${['count(*) AS n', ...texts.map((text) => `count(${text})`)].join(', ')} FROM ${source}`,
  );
  if ('problem' in pages) {
    reading.problems.push({ check: 'unreadable', column: null, message: pages.problem });
    return reading;
  }
  const columns = texts.map((text, index) => `${text} AS v${index}`);
  reading.readable = pages.rows;
  reading.columns = [...places.keys()];
  reading.extraColumns = extra;
  reading.select = `SELECT ${['file_row_number + 1 AS "row"', 'CAST(NULL AS BIGINT) AS "line"', ...columns].join(', ')} FROM ${source}`;
  return reading;
}

/** Column names and DuckDB types, or why the file cannot be read. */
export async function parquetColumns(
  session: Session,
  path: string,
): Promise<{ columns: string[]; types: string[] } | { problem: string }> {
  try {
    const described = await session.rows(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    return {
      columns: described.map((row) => String(row.column_name)),
      types: described.map((row) => String(row.column_type)),
    };
  } catch (error) {
    return { problem: unreadable(error, path) };
  }
}

/** A footer may be sound above pages that are not: they are decoded once, before anything relies on them. */
async function readPages(
  session: Session,
  path: string,
  sql: string,
): Promise<{ rows: number } | { problem: string }> {
  try {
    const [counted] = await session.rows(sql);
    return { rows: count(counted?.n) };
  } catch (error) {
    return { problem: unreadable(error, path) };
  }
}

/** Without the path, which is of our store. @throws what is no matter of the file, as an interrupt */
function unreadable(error: unknown, path: string): string {
  if (!(error instanceof Error) || isInterruption(error)) throw error;
  const [line = ''] = error.message
    .replaceAll(`'${path}'`, 'it')
    .replaceAll(`"${path}"`, 'it')
    .replaceAll(path, 'it')
    .split('\n');
  return `is no readable Parquet file (${line.trim()})`;
}

/** Why values of a DuckDB type are none of a table's. */
function typeProblem(type: string): string | undefined {
  if (/\[\d*\]$|^(?:STRUCT|MAP|UNION)\b/.test(type))
    return `is nested (${type}); only plain columns can be read`;
  return type === 'BLOB' ? 'holds bytes (BLOB), no text' : undefined;
}
