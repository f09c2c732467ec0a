import type { RunParameters } from '../contracts/runs.ts';
import type { FilterDeclaration } from '../contracts/tables.ts';
import { count, literal, type Session } from './duckdb.ts';
import type { TypedTable } from './typed-table.ts';

/** Rule → the rows outside it, and why they are left out. */
export type Filtered = Record<string, { count: number; reason: string }>;

/**
 * Takes the rows that a filter leaves out from the table, before any check: each counts under the first rule that
 * it is outside of. What is empty or cannot be read is outside of none, so that the checks can say what is wrong with it.
 */
export async function applyFilters(input: {
  session: Session;
  table: TypedTable;
  filters: Readonly<Record<string, FilterDeclaration>>;
  parameters: RunParameters;
}): Promise<Filtered> {
  const { session, table, filters, parameters } = input;
  const filtered: Filtered = {};
  for (const [rule, filter] of Object.entries(filters)) {
    const { outside, described } = outsideOf(table, filter, parameters);
    filtered[rule] = { count: 0, reason: described };
    if (outside === null) continue;
    const [counted] = await session.rows(`SELECT count(*) AS n FROM ${table.typed} WHERE ${outside}`);
    const rows = count(counted?.n);
    filtered[rule].count = rows;
    if (rows === 0) continue;
    await session.run(`DELETE FROM ${table.typed} WHERE ${outside}`);
    table.rows -= rows;
  }
  return filtered;
}

/** SQL that is true of the rows to leave out, null where nothing bounds them, and the reason with the bounds of this run. */
function outsideOf(
  table: TypedTable,
  { column, reason, oneOf, from, to }: FilterDeclaration,
  parameters: RunParameters,
): { outside: string | null; described: string } {
  const value = `c${table.columns.indexOf(column)}`;
  const isTimestamp = table.declaration.columns[column]?.type === 'timestamp';
  const compared = isTimestamp ? `CAST(${value} AS DATE)` : value;
  const [low, high] = [boundOf(from, parameters), boundOf(to, parameters)];
  const terms = [
    ...(oneOf === undefined ? [] : [`CAST(${value} AS VARCHAR) NOT IN (${oneOf.map(literal).join(', ')})`]),
    ...(low === null ? [] : [`${compared} < ${sqlOf(low)}`]),
    ...(high === null ? [] : [`${compared} > ${sqlOf(high)}`]),
  ];
  const bounds = [
    ...(oneOf === undefined ? [] : [`${column} = ${oneOf.join(' or ')}`]),
    ...(low === null ? [] : [`${column} from ${low}`]),
    ...(high === null ? [] : [`${column} to ${high}`]),
  ];
  return {
    outside: terms.length === 0 ? null : `(${terms.join(' OR ')})`,
    described: bounds.length === 0 ? reason : `${reason} Taken: ${bounds.join(', ')}.`,
  };
}

/** A day as text, or a number; null where an empty parameter leaves the side open. */
function boundOf(bound: FilterDeclaration['from'], parameters: RunParameters): string | number | null {
  if (bound === undefined) return null;
  if (typeof bound !== 'object') return bound;
  const value = parameters[bound.parameter];
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value === '' ? null : value;
  throw new TypeError(`a filter goes by the parameter "${bound.parameter}", which the run does not have`);
}

const sqlOf = (bound: string | number): string =>
  typeof bound === 'number' ? String(bound) : `DATE ${literal(bound)}`;
