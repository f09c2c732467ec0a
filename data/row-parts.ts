import type { TableDeclaration } from '../contracts/tables.ts';
import { placeColumns } from './columns.ts';
import { count, withSession } from './duckdb.ts';
import { NotInferable } from './inference/not-inferable.ts';
import { readSourceTable } from './inference/source-table.ts';

/** A table that a file may hold, and the column whose rows belong together. */
type CandidateTable = { name: string; by: string; declaration: TableDeclaration };

/** Well under the bound of a request's body. */
const maxPartCharacters = 8 * 1024 * 1024;

/**
 * Reads a file of raw rows, whatever its delimiter and encoding, as the first table whose columns it has, and hands it
 * on in parts; rows with the same value of the table's `by` are in the same part. Cells are text as in the file.
 *
 * @returns how many rows stand apart, without such a value, and how many records could not be read
 * @throws NotInferable where the file cannot be read or is none of the tables
 */
export async function readRowParts(input: {
  path: string;
  tables: readonly CandidateTable[];
  /** Values of `by` in a part, at most. */
  maxGroups: number;
  send(part: { table: string; rows: Record<string, string>[] }): Promise<void>;
}): Promise<{ apart: number; malformed: number }> {
  const { path, tables, maxGroups, send } = input;
  return withSession({}, async (session) => {
    const source = await readSourceTable(session, path);
    const found = tables.find(
      ({ declaration }) => placeColumns(declaration, source.columns).problems.length === 0,
    );
    if (found === undefined) throw new NotInferable(whyNone(tables, source.columns));
    const { places } = placeColumns(found.declaration, source.columns);
    const columns = [...places.keys()];
    // A spreadsheet may have written 17850 as 17850.0 in some rows: they stay together.
    const group = `regexp_replace(v${places.get(found.by) ?? 0}, '\\.0+$', '')`;
    const [counted] = await session.rows(`SELECT count(*) AS n FROM source WHERE ${group} IS NULL`);
    const result = await session.connection.stream(
      `SELECT ${[group, ...[...places.values()].map((place) => `v${place}`)].join(', ')}
       FROM source WHERE ${group} IS NOT NULL ORDER BY 1, "row"`,
    );

    let rows: Record<string, string>[] = [];
    let characters = 0;
    let groups = 0;
    let current: unknown;
    for await (const chunk of result.yieldRowsJs())
      for (const [own, ...cells] of chunk) {
        if (own !== current) {
          if (rows.length > 0 && (characters >= maxPartCharacters || groups >= maxGroups)) {
            await send({ table: found.name, rows });
            rows = [];
            characters = 0;
            groups = 0;
          }
          current = own;
          groups++;
        }
        const row: Record<string, string> = {};
        for (const [place, column] of columns.entries()) {
          const cell = cells[place];
          // The first row of a part shows which columns there are.
          if (typeof cell !== 'string' && rows.length > 0) continue;
          const text = typeof cell === 'string' ? cell : '';
          row[column] = text;
          characters += column.length + text.length + 6;
        }
        rows.push(row);
      }
    if (rows.length > 0) await send({ table: found.name, rows });
    return { apart: count(counted?.n), malformed: source.malformed };
  });
}

function whyNone(tables: readonly CandidateTable[], columns: readonly string[]): string {
  const lacking = tables.map(({ name, declaration }) => {
    const missing = placeColumns(declaration, columns).problems.flatMap(({ column }) => column ?? []);
    return `"${name}" needs ${missing.map((column) => `"${column}"`).join(', ')} too`;
  });
  return `the columns are those of no table that predictions are made from: ${lacking.join('; ')}`;
}
