import type { TablesPart } from '../contracts/declaration-parts.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import { matchesGlob } from './glob.ts';

/** The tables a run reads: the pre-joined one alone, or all others. */
export function tablesInUse(pipeline: TablesPart, joined: boolean): Record<string, TableDeclaration> {
  const joinedTable = pipeline.rows.joined?.table;
  return Object.fromEntries(
    Object.entries(pipeline.tables).filter(([name]) => (name === joinedTable) === joined),
  );
}

/** A spreadsheet goes by the names of CSV files too: people save either from the same table. */
const namesOf = (file: string): string[] =>
  /\.xlsx$/i.test(file) ? [file, `${file.slice(0, -'.xlsx'.length)}.csv`] : [file];

/**
 * Gives each table the files of its first pattern that matches any; a file belongs to one table.
 *
 * @returns file name → table
 */
export function assignByName(
  tables: Record<string, TableDeclaration>,
  fileNames: readonly string[],
): Map<string, string> {
  const assigned = new Map<string, string>();
  for (const [table, { files }] of Object.entries(tables))
    for (const pattern of files) {
      const matching = fileNames.filter(
        (name) => !assigned.has(name) && namesOf(name).some((own) => matchesGlob(own, pattern)),
      );
      for (const name of matching) assigned.set(name, table);
      if (matching.length > 0) break;
    }
  return assigned;
}
