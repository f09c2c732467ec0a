import type { RowsRef } from '../contracts/data.ts';
import type { RowsPart } from '../contracts/declaration-parts.ts';
import { count, quoted, type Session } from './duckdb.ts';
import { entityColumns } from './entity-columns.ts';
import { RowsInvalid } from './errors.ts';

/** Rule → the rows it left out, and why. */
export type Exclusions = RowsRef['report']['excluded'];

/**
 * What a run could not go on with: rows without a key or a target, a key that stands twice, numbers that are infinite
 * or out of the target's range, or no row at all.
 *
 * @throws RowsInvalid
 */
export async function checkKept(input: {
  session: Session;
  pipeline: RowsPart;
  /** What the query is called in messages. */
  title: string;
  excluded: Exclusions;
}): Promise<void> {
  const { session, pipeline, title, excluded } = input;
  const { key, target } = entityColumns(pipeline);
  const name = quoted(key);
  const [counts = {}] = await session.rows(
    `SELECT count(*) AS n, count(${name}) AS keys, count(DISTINCT ${name}) AS distinct_keys,
       ${target === null ? 'count(*)' : `count(${quoted(target)})`} AS targets FROM ours.kept`,
  );
  const rows = count(counts.n);
  if (rows === 0) throw new RowsInvalid(`${title} keeps no row${everyExclusion(excluded)}`);
  const without = rows - count(counts.keys);
  if (without > 0) throw new RowsInvalid(`${title}: the key "${key}" is empty in ${without} of ${rows} rows`);
  if (count(counts.distinct_keys) < rows) {
    const [double] = await session.rows(
      `SELECT ${name} AS key, count(*) AS n FROM ours.kept GROUP BY 1 HAVING count(*) > 1 ORDER BY 1 LIMIT 1`,
    );
    throw new RowsInvalid(
      `${title}: the key "${key}" must be unique; ${rows - count(counts.distinct_keys)} rows repeat one, as "${double?.key}", which stands ${count(double?.n)} times`,
    );
  }
  const targetless = rows - count(counts.targets);
  if (targetless > 0)
    throw new RowsInvalid(
      `${title}: the target "${target}" is empty or none of its declared values in ${targetless} of ${rows} rows; exclude them by a named rule`,
    );
  await checkFinite(session, pipeline, title);
  if (pipeline.task !== 'regression') return;
  const { column, min = -Infinity, max = Infinity } = pipeline.target;
  const [range = {}] = await session.rows(
    `SELECT min(${quoted(column)}) AS low, max(${quoted(column)}) AS high FROM ours.kept`,
  );
  if (Number(range.low) < min || Number(range.high) > max)
    throw new RowsInvalid(
      `${title}: the target "${column}" reaches from ${range.low} to ${range.high}; declared are ${min} to ${max}`,
    );
}

function everyExclusion(excluded: Exclusions): string {
  const rules = Object.entries(excluded).filter(([, { count: rows }]) => rows > 0);
  const sum = rules.reduce((total, [, { count: rows }]) => total + rows, 0);
  const each = rules.map(([rule, { count: rows }]) => `"${rule}" ${rows}`).join(', ');
  return sum === 0 ? '' : `: all ${sum} are excluded, by ${each}`;
}

/** A ratio over zero makes an infinity, which no learner can take; NaN counts as missing. */
async function checkFinite(session: Session, pipeline: RowsPart, title: string): Promise<void> {
  const numbers = Object.entries(entityColumns(pipeline).columns).filter(([, kind]) => kind === 'number');
  if (numbers.length === 0) return;
  const counts = numbers.map(
    ([name], index) => `count(*) FILTER (WHERE isinf(${quoted(name)})) AS n${index}`,
  );
  const [counted = {}] = await session.rows(`SELECT ${counts.join(', ')} FROM ours.kept`);
  const infinite = numbers.flatMap(([name], index) => {
    const n = count(counted[`n${index}`]);
    return n === 0 ? [] : [`"${name}" is infinite in ${n} rows`];
  });
  if (infinite.length > 0) throw new RowsInvalid(`${title}: ${infinite.join('; ')}; divide by nullif(…, 0)`);
}

/**
 * What every learner would fail on, each in words of its own and after minutes of work, is said here once.
 *
 * @param target of the rows to train on
 * @throws RowsInvalid
 */
export function checkLearnable(input: { pipeline: RowsPart; target: Float64Array; title: string }): void {
  const { pipeline, target, title } = input;
  const { folds } = pipeline.selection;
  if (target.length < folds)
    throw new RowsInvalid(`${title}: ${target.length} rows to train on are too few for ${folds} folds`);
  const [first = Number.NaN] = target;
  if (pipeline.task === 'clustering' || !target.every((value) => value === first)) return;
  const value = pipeline.task === 'regression' ? String(first) : `"${className(pipeline, first)}"`;
  throw new RowsInvalid(
    `${title}: the target "${pipeline.target.column}" is ${value} in all ${target.length} rows to train on: there is nothing to learn`,
  );
}

function className(pipeline: Extract<RowsPart, { task: 'binary' | 'multiclass' }>, index: number): string {
  const { target } = pipeline;
  if ('classes' in target) return target.classes[index] ?? '';
  return index === 1 ? target.positive : target.negative;
}
