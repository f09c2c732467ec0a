import type { TableDeclaration } from '../../contracts/tables.ts';
import { count, type Session } from '../duckdb.ts';
import type { SourceFile } from '../read-csv.ts';
import { readUndeclared, type UndeclaredFile } from '../undeclared-file.ts';

/** One side of a comparison, in the session's table of that name: `c<i>`, the text of column i as it is written. */
export type Side = {
  table: 'former' | 'later';
  /** By their declared names where they arrive under an alias. */
  columns: readonly string[];
  rows: number;
  /** Records that cannot be split into fields. */
  unreadable: number;
  unusable: UndeclaredFile['unusable'];
};

/**
 * Reads the files of a table one after the other; a column that one of them lacks is missing there.
 * @throws Unreadable
 */
export async function readSide(
  session: Session,
  input: { table: Side['table']; files: readonly SourceFile[]; declaration: TableDeclaration | undefined },
): Promise<Side> {
  const { table, files, declaration } = input;
  const read = [];
  for (const [i, file] of files.entries()) {
    // The reader keeps its copies apart by index.
    const index = table === 'former' ? i : 100_000 + i;
    const found = await readUndeclared(session, file, { index, dialect: declaration });
    read.push({ ...found, columns: canonical(found.columns, declaration) });
  }
  const columns = [...new Set(read.flatMap((file) => file.columns))];
  const selects = read.map((file, i) => {
    const values = columns.map((column, u) => {
      const place = file.columns.indexOf(column);
      return `${place === -1 ? 'CAST(NULL AS VARCHAR)' : `nullif(v${place}, '')`} AS c${u}`;
    });
    const rows = file.reading.select;
    return rows === undefined ? [] : [`SELECT ${i} AS "file", "row", ${values.join(', ')} FROM (${rows})`];
  });
  await session.run(`CREATE TABLE ${table} AS ${selects.flat().join(' UNION ALL ')}`);
  const [counted] = await session.rows(`SELECT count(*) AS n FROM ${table}`);
  return {
    table,
    columns,
    rows: count(counted?.n),
    unreadable: read.reduce((sum, { reading }) => sum + reading.malformed, 0),
    unusable: read.flatMap(({ unusable }) => unusable),
  };
}

function canonical(columns: readonly string[], declaration: TableDeclaration | undefined): string[] {
  if (declaration === undefined) return [...columns];
  const declared = Object.entries(declaration.columns);
  return columns.map((name) => {
    const [found = name] = declared.find(([, { aliases }]) => aliases.includes(name)) ?? [];
    return columns.includes(found) ? name : found;
  });
}
