import type { ColumnDiff, ValueType } from '../../contracts/snapshots.ts';
import { count, type Session } from '../duckdb.ts';
import { converted } from '../inference/cell-values.ts';
import type { Side } from './read-side.ts';

/** What a column of one side holds. */
export type ColumnFacts = { type: ValueType; missing: number; numbers: ColumnDiff['numbers']['from'] };

/** The narrower before the wider; dates are timestamps without a time. */
const types = ['integer', 'number', 'boolean', 'date', 'timestamp'] as const;
type Type = (typeof types)[number];

/** SQL of a cell's value in a type; NULL where it is none. */
const valueIn = (type: Type, cell: string): string =>
  type === 'date'
    ? `CASE WHEN length(${cell}) <= 10 THEN ${converted('date', cell)} END`
    : converted(type, cell);

const sampledCells = 1_000;

/**
 * The narrowest type that all values of each column have. Which types come into question is told from a sample, for
 * most columns are of none, and every type costs a reading of every cell.
 */
export async function readColumnFacts(
  session: Session,
  side: Side,
): Promise<ReadonlyMap<string, ColumnFacts>> {
  const facts = new Map<string, ColumnFacts>();
  for (const [i, name] of side.columns.entries()) {
    const cell = `c${i}`;
    const candidates = await typesOfSample(session, side, cell);
    const counts = candidates.map((type) => `count(${valueIn(type, cell)}) AS ${type}`);
    const isNumeric = candidates.includes('number');
    const number = valueIn('number', cell);
    const numbers = isNumeric
      ? [`min(${number}) AS low, avg(${number}) AS mean, max(${number}) AS high`]
      : [];
    const [counted = {}] = await session.rows(
      `SELECT ${[`count(*) AS n, count(${cell}) AS present`, ...counts, ...numbers].join(', ')} FROM ${side.table}`,
    );
    const present = count(counted.present);
    const type =
      present === 0
        ? 'empty'
        : (candidates.find((candidate) => count(counted[candidate]) === present) ?? 'text');
    facts.set(name, {
      type,
      missing: count(counted.n) - present,
      numbers:
        type === 'integer' || type === 'number'
          ? { min: Number(counted.low), mean: Number(counted.mean), max: Number(counted.high) }
          : null,
    });
  }
  return facts;
}

async function typesOfSample(session: Session, { table }: Side, cell: string): Promise<readonly Type[]> {
  const counts = types.map((type) => `count(${valueIn(type, cell)}) AS ${type}`);
  const [counted = {}] = await session.rows(
    `SELECT count(*) AS n, ${counts.join(', ')}
     FROM (SELECT ${cell} FROM ${table} WHERE ${cell} IS NOT NULL LIMIT ${sampledCells})`,
  );
  return types.filter((type) => count(counted.n) > 0 && counted[type] === counted.n);
}
