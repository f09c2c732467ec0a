import { join } from 'node:path';
import type { BlobRef, RowsRef } from '../contracts/data.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { checkKept, checkLearnable, type Exclusions } from './check-rows.ts';
import { count, literal, quoted, type Session, type SessionOptions, withSession } from './duckdb.ts';
import { entityColumns, entityExpressions } from './entity-columns.ts';
import { RowsInvalid } from './errors.ts';
import { findLeftOut } from './left-out.ts';
import { buildLookups } from './lookups.ts';
import { splitRows } from './split-rows.ts';
import { exposeTables, materialise } from './table-views.ts';

const dayMs = 24 * 3600 * 1000;

/** The texts of a pipeline's queries. */
export type PipelineSql = {
  rows: string;
  /** Makes the rows from the pre-joined table. */
  joined?: string | undefined;
  lookups: Record<string, string>;
};

/**
 * Makes a pipeline's entity rows from its validated tables: checks them against the declaration, drops what the
 * SQL's `excluded` column names a rule for, puts each row on its side of the hold-out split, and writes Parquet
 * sorted by key. The bytes are a function of the tables, the declaration and the parameters.
 *
 * @throws RowsInvalid where the SQL does not give what the declaration says
 */
export async function buildRows(input: {
  pipeline: Pipeline;
  sql: PipelineSql;
  /** The snapshot's: the rows come from the pre-joined table. */
  joined: boolean;
  tables: Record<string, BlobRef>;
  parameters: RunParameters;
  store: BlobStore;
  session?: Omit<SessionOptions, 'signal'>;
  signal?: AbortSignal | undefined;
}): Promise<RowsRef> {
  const { pipeline, sql, store } = input;
  return withSession({ ...input.session, signal: input.signal }, async (session) => {
    await exposeTables({ ...input, session });
    const rowsSql = input.joined ? sql.joined : sql.rows;
    if (rowsSql === undefined)
      throw new RowsInvalid(`pipeline "${pipeline.name}" has no SQL for a pre-joined source`);
    const title = `${input.joined ? pipeline.rows.joined?.sql : pipeline.rows.sql} of pipeline "${pipeline.name}"`;
    await materialise({ session, sql: rowsSql, title, into: 'ours.entity' });

    const described = await session.rows('DESCRIBE ours.entity');
    const types = new Map(described.map((row) => [String(row.column_name), String(row.column_type)]));
    const expressions = entityExpressions(pipeline, types);
    const excluded = {
      ...(await countExclusions(session, pipeline, types.has('excluded'), title)),
      ...(await createKept({ session, pipeline, expressions, hasExcluded: types.has('excluded') })),
    };
    await checkKept({ session, pipeline, title, excluded });

    const split = await splitKept(session, pipeline, title);
    const leftOut = await findLeftOut({
      session,
      pipeline,
      rows: 'FROM ours.kept JOIN ours.side USING (__ordinal) WHERE NOT held_out',
    });
    const path = join(session.scratch, 'rows.parquet');
    await session.run(
      `COPY (SELECT k.* EXCLUDE (__ordinal, __cutoff_time), CASE WHEN s.held_out THEN 'hold-out' ELSE 'train' END AS split
       FROM ours.kept k JOIN ours.side s USING (__ordinal) ORDER BY __ordinal)
       TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    const [entities] = await session.rows('SELECT count(*) AS n FROM ours.entity');
    const kept = split.trainRows + split.holdOutRows;
    return {
      blob: await store.putFile(path, session),
      lookups: await buildLookups({ session, pipeline, sql: sql.lookups, store }),
      report: {
        entities: count(entities?.n),
        kept,
        excluded,
        cleaning: pipeline.rows.cleaning,
        ...split,
        nullShares: await nullShares(session, Object.keys(entityColumns(pipeline).columns), kept),
        leftOut,
      },
    };
  });
}

async function countExclusions(
  session: Session,
  pipeline: Pipeline,
  hasExcluded: boolean,
  title: string,
): Promise<Exclusions> {
  const rules = pipeline.rows.exclusions;
  const excluded: Exclusions = Object.fromEntries(
    Object.entries(rules).map(([rule, reason]) => [rule, { count: 0, reason }]),
  );
  if (!hasExcluded) {
    const [first] = Object.keys(rules);
    if (first === undefined) return excluded;
    throw new RowsInvalid(`${title} gives no column "excluded", but the rule "${first}" is declared`);
  }
  const counted = await session.rows(
    'SELECT CAST(excluded AS VARCHAR) AS rule, count(*) AS n FROM ours.entity WHERE excluded IS NOT NULL GROUP BY 1 ORDER BY 1',
  );
  for (const row of counted) {
    const rule = excluded[String(row.rule)];
    if (rule === undefined)
      throw new RowsInvalid(
        `${title} excludes ${count(row.n)} rows by "${row.rule}", which is no declared rule; known: ${Object.keys(rules).join(', ') || 'none'}`,
      );
    rule.count = count(row.n);
  }
  return excluded;
}

/**
 * `ours.kept`: the written columns, `__ordinal` in the order of keys, and the time that a cut-off split goes by.
 * @returns the rows left out for lying in the gap before the cut-off, which are on neither side
 */
async function createKept(input: {
  session: Session;
  pipeline: Pipeline;
  expressions: ReadonlyMap<string, string>;
  hasExcluded: boolean;
}): Promise<Exclusions> {
  const { session, pipeline, expressions, hasExcluded } = input;
  const { split } = pipeline;
  const cutoff =
    split.by === 'cutoff' ? `CAST(${quoted(split.column)} AS TIMESTAMP)` : 'CAST(NULL AS TIMESTAMP)';
  const isInGap = gapCondition(split, cutoff);
  const columns = [...expressions].map(([name, expression]) => `${expression} AS ${quoted(name)}`);
  const key = expressions.get(pipeline.rows.key) ?? quoted(pipeline.rows.key);
  const from = `FROM ours.entity WHERE ${hasExcluded ? 'excluded IS NULL' : 'true'}`;
  await session.run(
    `CREATE TABLE ours.kept AS SELECT ${columns.join(', ')}, ${cutoff} AS __cutoff_time, row_number() OVER (ORDER BY ${key}) - 1 AS __ordinal
     ${from} AND (${isInGap}) IS NOT TRUE ORDER BY ${key}`,
  );
  if (split.by !== 'cutoff' || split.gapDays === undefined) return {};
  const [counted] = await session.rows(`SELECT count(*) AS n ${from} AND (${isInGap})`);
  const reason = `It is of the ${split.gapDays} days before the hold-out: its outcome may not have been known by then.`;
  return { 'gap before the hold-out': { count: count(counted?.n), reason } };
}

function gapCondition(split: Pipeline['split'], time: string): string {
  if (split.by !== 'cutoff' || split.gapDays === undefined) return 'false';
  const begin = new Date(Date.parse(split.date) - split.gapDays * dayMs).toISOString().replace('Z', '');
  const timestamp = (text: string) => `CAST(${literal(text)} AS TIMESTAMP)`;
  return `${time} > ${timestamp(begin)} AND ${time} < ${timestamp(split.date)}`;
}

async function splitKept(
  session: Session,
  pipeline: Pipeline,
  title: string,
): Promise<{ trainRows: number; holdOutRows: number }> {
  const { key, target } = entityColumns(pipeline);
  const reader = await session.connection.runAndReadAll(
    `SELECT ${quoted(key)}, ${target === null ? 'NULL::DOUBLE' : quoted(target)}, epoch_ms(__cutoff_time)::DOUBLE FROM ours.kept ORDER BY __ordinal`,
  );
  const [keys = [], targets = [], times = []] = reader.getColumnsJS();
  if (pipeline.split.by === 'cutoff' && times.includes(null))
    throw new RowsInvalid(
      `${title}: "${pipeline.split.column}", by which the hold-out is cut off, is empty in some rows`,
    );
  const targetValues = target === null ? new Float64Array(0) : Float64Array.from(targets, Number);
  let heldOut: Uint8Array;
  try {
    heldOut = splitRows({
      split: pipeline.split,
      keys: keys.map(String),
      target: targetValues,
      cutoffTimes: Float64Array.from(times, Number),
    });
  } catch (error) {
    // Too few rows for the share.
    if (error instanceof RangeError) throw new RowsInvalid(`${title}: ${error.message}`, { cause: error });
    throw error;
  }
  await session.run('CREATE TABLE ours.side (__ordinal BIGINT, held_out BOOLEAN)');
  const appender = await session.connection.createAppender('side', 'ours');
  let holdOutRows = 0;
  for (const [ordinal, held] of heldOut.entries()) {
    appender.appendBigInt(BigInt(ordinal));
    appender.appendBoolean(held === 1);
    appender.endRow();
    holdOutRows += held;
  }
  appender.closeSync();
  const trainRows = heldOut.length - holdOutRows;
  if (trainRows === 0 || (holdOutRows === 0 && pipeline.split.by !== 'none'))
    throw new RowsInvalid(
      `${title}: the split leaves ${trainRows} rows to train on and ${holdOutRows} held out; both sides need rows`,
    );
  if (target !== null)
    checkLearnable({ pipeline, target: targetValues.filter((_, row) => heldOut[row] === 0), title });
  return { trainRows, holdOutRows };
}

async function nullShares(
  session: Session,
  columns: string[],
  rows: number,
): Promise<Record<string, number>> {
  const counts = columns.map((column, index) => `count(${quoted(column)}) AS n${index}`);
  const [counted = {}] = await session.rows(
    `SELECT ${['count(*) AS n', ...counts].join(', ')} FROM ours.kept`,
  );
  return Object.fromEntries(
    columns.map((column, index) => [column, 1 - count(counted[`n${index}`]) / Math.max(rows, 1)]),
  );
}
