import { type ColumnDiff, diffLimits, type TableDiff } from '../../contracts/snapshots.ts';
import type { TableDeclaration } from '../../contracts/tables.ts';
import { type SessionOptions, withSession } from '../duckdb.ts';
import type { SourceFile } from '../read-csv.ts';
import { Unreadable } from '../undeclared-file.ts';
import { type ColumnFacts, readColumnFacts } from './column-facts.ts';
import { diffByKey, diffWholeRows, type RowsDiff } from './diff-rows.ts';
import { readSide, type Side } from './read-side.ts';

export type TableFiles = {
  name: string;
  /** Without one, how the files are written is told from them. */
  declaration: TableDeclaration | undefined;
  from: readonly SourceFile[];
  to: readonly SourceFile[];
};

/** Compares the rows and columns of a table that both sides have. Cells are compared as they are written. */
export async function diffTable(
  table: TableFiles,
  options: { key: readonly string[] | null; session: SessionOptions },
): Promise<TableDiff> {
  try {
    return await withSession(options.session, async (session) => {
      await session.closeToOutside([...table.from, ...table.to].map(({ path }) => path));
      const { declaration } = table;
      const former = await readSide(session, { table: 'former', files: table.from, declaration });
      const later = await readSide(session, { table: 'later', files: table.to, declaration });
      const common = later.columns.filter((column) => former.columns.includes(column));
      if (common.length === 0)
        throw new Unreadable('the two have no column of the same name, so no rows to compare');
      const key = keyOf({ former, later }, options.key, declaration);
      const sides = { former, later, common };
      const rows = key === null ? await diffWholeRows(session, sides) : await diffByKey(session, sides, key);
      const facts = {
        from: await readColumnFacts(session, former),
        to: await readColumnFacts(session, later),
      };
      return {
        ...uncompared(table, null),
        key: key === null ? null : [...key],
        rows: {
          from: former.rows,
          to: later.rows,
          added: rows.added,
          removed: rows.removed,
          changed: rows.changed,
        },
        unreadable: { from: former.unreadable, to: later.unreadable },
        repeatedKeys: rows.repeatedKeys,
        columns: diffColumns(sides, { facts, rows }),
        examples: rows.examples,
      };
    });
  } catch (error) {
    if (error instanceof Unreadable) return uncompared(table, error.message);
    throw error;
  }
}

/** What is known of a table without reading it. */
export function uncompared(table: TableFiles, problem: string | null): TableDiff {
  const names = (files: readonly SourceFile[]) => files.map(({ name }) => name);
  const change = table.from.length === 0 ? 'added' : table.to.length === 0 ? 'removed' : 'changed';
  return {
    table: table.name,
    change,
    files: { from: names(table.from), to: names(table.to) },
    problem,
    key: null,
    rows: null,
    unreadable: { from: 0, to: 0 },
    repeatedKeys: { from: 0, to: 0 },
    columns: { added: [], removed: [], both: 0, unusable: [], differing: 0, differences: [] },
    examples: { added: [], removed: [], changed: [] },
  };
}

/** Asked for, which must be there, or declared, which may not be: the declaration is of other data as well. */
function keyOf(
  { former, later }: { former: Side; later: Side },
  asked: readonly string[] | null,
  declaration: TableDeclaration | undefined,
): readonly string[] | null {
  const missing = (column: string) =>
    [former, later].filter(({ columns }) => !columns.includes(column)).map(({ table }) => table);
  if (asked === null) {
    const { primaryKey = [] } = declaration ?? {};
    return primaryKey.length > 0 && primaryKey.every((column) => missing(column).length === 0)
      ? primaryKey
      : null;
  }
  for (const column of asked) {
    const [side] = missing(column);
    if (side !== undefined)
      throw new Unreadable(
        `the key's column "${column}" is not in the ${side} one, whose columns are ${(side === 'former' ? former : later).columns.join(', ')}`,
      );
  }
  return asked;
}

function diffColumns(
  { former, later, common }: { former: Side; later: Side; common: readonly string[] },
  {
    facts,
    rows,
  }: {
    facts: { from: ReadonlyMap<string, ColumnFacts>; to: ReadonlyMap<string, ColumnFacts> };
    rows: RowsDiff;
  },
): TableDiff['columns'] {
  const none: ColumnFacts = { type: 'empty', missing: 0, numbers: null };
  const only = (side: Side, of: ReadonlyMap<string, ColumnFacts>) =>
    side.columns
      .filter((column) => !common.includes(column))
      .map((column) => ({ column, type: (of.get(column) ?? none).type }));
  const differences = common
    .map((column): ColumnDiff => {
      const [from, to] = [facts.from.get(column) ?? none, facts.to.get(column) ?? none];
      return {
        column,
        type: { from: from.type, to: to.type },
        missing: { from: from.missing, to: to.missing },
        changed: rows.changed === null ? null : (rows.changedCells.get(column) ?? 0),
        numbers: { from: from.numbers, to: to.numbers },
      };
    })
    .filter(isDifference)
    .sort((a, b) => (b.changed ?? 0) - (a.changed ?? 0));
  return {
    added: only(later, facts.to),
    removed: only(former, facts.from),
    both: common.length,
    unusable: [...former.unusable, ...later.unusable],
    differing: differences.length,
    differences: differences.slice(0, diffLimits.columns),
  };
}

const isDifference = ({ type, missing, changed, numbers }: ColumnDiff): boolean =>
  type.from !== type.to ||
  missing.from !== missing.to ||
  (changed ?? 0) > 0 ||
  numbers.from?.min !== numbers.to?.min ||
  numbers.from?.mean !== numbers.to?.mean ||
  numbers.from?.max !== numbers.to?.max;
