import { basename } from 'node:path';
import type { Session } from '../duckdb.ts';
import type { SourceFile } from '../read-csv.ts';
import { formatOf } from '../source-files.ts';
import { type Dialect, readUndeclared, type UndeclaredFile, Unreadable } from '../undeclared-file.ts';
import { NotInferable } from './not-inferable.ts';

/** A file whose declaration is yet to be written, as text. */
export type SourceTable = {
  file: string;
  format: SourceFile['format'];
  dialect: Dialect;
  columns: readonly string[];
  unusable: UndeclaredFile['unusable'];
  rows: number;
  /** Records that could not be split into fields. */
  malformed: number;
};

/**
 * Reads a file by the reader of the runs into the session's table `source`: `row`, and `v<i>`, the text of column i
 * without the blanks around it, NULL where nothing is left.
 *
 * @throws NotInferable where the file cannot be read or holds no row
 */
export async function readSourceTable(session: Session, path: string): Promise<SourceTable> {
  const name = basename(path);
  const format = formatOf(name);
  if (format === undefined)
    throw new NotInferable(`${name}: the name must end in .csv, .tsv, .txt, .parquet, .pq or .xlsx`);
  const { columns, unusable, reading, dialect } = await readUndeclared(
    session,
    { name, path, format },
    { index: 0 },
  ).catch((error: unknown) => {
    throw error instanceof Unreadable ? new NotInferable(error.message) : error;
  });
  if (reading.readable === 0 || reading.select === undefined)
    throw new NotInferable(
      reading.malformed === 0
        ? `${name} has a header and no row`
        : `${name}: none of its ${reading.malformed} records can be read: ${reading.malformedExamples[0]?.message ?? ''}`,
    );
  const values = columns.map((_, i) => `nullif(trim(v${i}), '') AS v${i}`);
  await session.run(`CREATE TABLE source AS SELECT "row", ${values.join(', ')} FROM (${reading.select})`);
  const { readable: rows, malformed } = reading;
  return { file: name, format, dialect, columns, unusable, rows, malformed };
}
