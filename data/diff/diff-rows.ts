import type { Json } from '@duckdb/node-api';
import { diffLimits, type TableDiff } from '../../contracts/snapshots.ts';
import { shortened } from '../columns.ts';
import { count, type Session } from '../duckdb.ts';
import type { Side } from './read-side.ts';

/** Both sides, and the columns that both have. */
export type Sides = { former: Side; later: Side; common: readonly string[] };

export type RowsDiff = Pick<TableDiff, 'examples' | 'repeatedKeys'> & {
  added: number;
  removed: number;
  changed: number | null;
  /** Common column → rows of both sides with another value; empty where rows are compared whole. */
  changedCells: ReadonlyMap<string, number>;
};

type ExampleRow = TableDiff['examples']['added'][number];

/** Finds rows again by their key, repeated ones in the order of their contents. @param key of columns that both sides have */
export async function diffByKey(session: Session, sides: Sides, key: readonly string[]): Promise<RowsDiff> {
  const { former, later, common } = sides;
  const repeated = {
    from: await repeatedKeys(session, former, key),
    to: await repeatedKeys(session, later, key),
  };
  const isRepeated = repeated.from + repeated.to > 0;
  for (const side of [former, later]) {
    const by = cellsOf(side, key).join(', ');
    const all = cellsOf(side, common).join(', ');
    const turn = isRepeated ? `row_number() OVER (PARTITION BY ${by} ORDER BY ${all}, rowid)` : '1';
    await session.run(
      `CREATE TABLE keyed_${side.table} AS SELECT *, rowid AS id, ${turn} AS turn FROM ${side.table}`,
    );
  }
  const values = common.filter((column) => !key.includes(column));
  const same = key.map((column) => `l.${cell(former, column)} IS NOT DISTINCT FROM r.${cell(later, column)}`);
  const flags = values.map(
    (column, i) => `l.${cell(former, column)} IS DISTINCT FROM r.${cell(later, column)} AS x${i}`,
  );
  await session.run(
    `CREATE TABLE pairs AS SELECT ${['l.id AS former_id', 'r.id AS later_id', ...flags].join(', ')}
     FROM keyed_former l FULL OUTER JOIN keyed_later r ON ${[...same, 'l.turn = r.turn'].join(' AND ')}`,
  );
  const isPair = 'former_id IS NOT NULL AND later_id IS NOT NULL';
  const isChanged = `${isPair} AND (${values.map((_, i) => `x${i}`).join(' OR ') || 'false'})`;
  const [counted = {}] = await session.rows(
    `SELECT ${[
      'count_if(former_id IS NULL) AS added',
      'count_if(later_id IS NULL) AS removed',
      `count_if(${isChanged}) AS changed`,
      ...values.map((_, i) => `count_if(${isPair} AND x${i}) AS n${i}`),
    ].join(', ')} FROM pairs`,
  );
  return {
    added: count(counted.added),
    removed: count(counted.removed),
    changed: count(counted.changed),
    changedCells: new Map(values.map((column, i) => [column, count(counted[`n${i}`])])),
    repeatedKeys: repeated,
    examples: {
      added: await exampleRows(session, later, 'SELECT later_id FROM pairs WHERE former_id IS NULL'),
      removed: await exampleRows(session, former, 'SELECT former_id FROM pairs WHERE later_id IS NULL'),
      changed: await changedRows(session, sides, { key, values, isChanged }),
    },
  };
}

/** As often as one side has a row, the other must. */
export async function diffWholeRows(session: Session, { former, later, common }: Sides): Promise<RowsDiff> {
  const all = common.map((_, i) => `v${i}`);
  const select = (side: Side) =>
    `SELECT '${side.table}' AS side, rowid AS id, ${cellsOf(side, common)
      .map((name, i) => `${name} AS v${i}`)
      .join(', ')} FROM ${side.table}`;
  await session.run(
    `CREATE TABLE counted AS
     SELECT count_if(side = 'former') AS before, count_if(side = 'later') AS after,
       list(id ORDER BY id) FILTER (side = 'former') AS former_ids, list(id ORDER BY id) FILTER (side = 'later') AS later_ids
     FROM (${select(former)} UNION ALL ${select(later)}) GROUP BY ${all.join(', ')} HAVING before <> after`,
  );
  const [counted = {}] = await session.rows(
    'SELECT sum(greatest(after - before, 0)) AS added, sum(greatest(before - after, 0)) AS removed FROM counted',
  );
  // Of rows that are there more often than before, the last are the added ones.
  const surplus = (ids: string, more: string, fewer: string) =>
    `SELECT unnest(${ids}[${fewer} + 1:]) FROM counted WHERE ${more} > ${fewer}`;
  return {
    added: count(counted.added ?? 0),
    removed: count(counted.removed ?? 0),
    changed: null,
    changedCells: new Map(),
    repeatedKeys: { from: 0, to: 0 },
    examples: {
      added: await exampleRows(session, later, surplus('later_ids', 'after', 'before')),
      removed: await exampleRows(session, former, surplus('former_ids', 'before', 'after')),
      changed: [],
    },
  };
}

const cell = ({ columns }: Side, column: string): string => `c${columns.indexOf(column)}`;
const cellsOf = (side: Side, columns: readonly string[]): string[] =>
  columns.map((column) => cell(side, column));

async function repeatedKeys(session: Session, side: Side, key: readonly string[]): Promise<number> {
  const [counted] = await session.rows(
    `SELECT count(*) AS n FROM (SELECT DISTINCT ${cellsOf(side, key).join(', ')} FROM ${side.table})`,
  );
  return side.rows - count(counted?.n);
}

async function exampleRows(session: Session, side: Side, ids: string): Promise<ExampleRow[]> {
  const columns = side.columns.slice(0, diffLimits.exampleColumns);
  const rows = await session.rows(
    `SELECT ${cellsOf(side, columns).join(', ')} FROM ${side.table} WHERE rowid IN (${ids}) ORDER BY rowid LIMIT ${diffLimits.exampleRows}`,
  );
  return rows.map((row) =>
    Object.fromEntries(columns.map((column) => [column, shownText(row[cell(side, column)])])),
  );
}

async function changedRows(
  session: Session,
  { former, later }: Sides,
  { key, values, isChanged }: { key: readonly string[]; values: readonly string[]; isChanged: string },
): Promise<TableDiff['examples']['changed']> {
  const columns = [
    ...key.map((column, i) => `r.${cell(later, column)} AS k${i}`),
    ...values.flatMap((column, i) => [
      `x${i}`,
      `l.${cell(former, column)} AS l${i}`,
      `r.${cell(later, column)} AS r${i}`,
    ]),
  ];
  const rows = await session.rows(
    `SELECT ${columns.join(', ')} FROM (SELECT * FROM pairs WHERE ${isChanged} ORDER BY later_id LIMIT ${diffLimits.exampleRows}) p
     JOIN former l ON l.rowid = p.former_id JOIN later r ON r.rowid = p.later_id ORDER BY p.later_id`,
  );
  return rows.map((row) => ({
    key: Object.fromEntries(key.map((column, i) => [column, shownText(row[`k${i}`])])),
    cells: values
      .flatMap((column, i) =>
        row[`x${i}`] === true ? [{ column, from: shownText(row[`l${i}`]), to: shownText(row[`r${i}`]) }] : [],
      )
      .slice(0, diffLimits.exampleColumns),
  }));
}

const shownText = (value: Json | undefined): string | null =>
  value === null || value === undefined ? null : shortened(String(value), diffLimits.exampleText);
