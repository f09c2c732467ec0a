import type { TableDeclaration } from '../contracts/pipeline.ts';
import { maxColumns, placeColumns } from './columns.ts';
import { count, literal, quoted, type Session } from './duckdb.ts';
import type { FileReading, SourceFile } from './read-csv.ts';

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
  const reading: FileReading = {
    select: undefined,
    columns: [],
    extraColumns: [],
    problems: [],
    readable: 0,
    malformed: 0,
    malformedExamples: [],
    blankLines: 0,
  };
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
  if (reading.problems.length > 0) return reading;

  const columns = [...places.values()].map(
    (place, index) => `CAST(${quoted(header.columns[place] ?? '')} AS VARCHAR) AS v${index}`,
  );
  const source = `read_parquet(${literal(file.path)}, file_row_number = true)`;
  const [counted] = await session.rows(`SELECT count(*) AS n FROM ${source}`);
  reading.readable = count(counted?.n);
  reading.columns = [...places.keys()];
  reading.extraColumns = extra;
  reading.select = `SELECT ${['file_row_number + 1 AS "row"', 'CAST(NULL AS BIGINT) AS "line"', ...columns].join(', ')} FROM ${source}`;
  return reading;
}

/** Column names, or why the file cannot be read. */
export async function parquetColumns(
  session: Session,
  path: string,
): Promise<{ columns: string[] } | { problem: string }> {
  try {
    const described = await session.rows(`DESCRIBE SELECT * FROM read_parquet(${literal(path)})`);
    return { columns: described.map((row) => String(row.column_name)) };
  } catch (error) {
    if (!(error instanceof Error) || /interrupt/i.test(error.message)) throw error;
    const [line = ''] = error.message.replaceAll(`'${path}'`, 'it').replaceAll(path, 'it').split('\n');
    return { problem: `is no readable Parquet file (${line.trim()})` };
  }
}
