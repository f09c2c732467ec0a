import { join } from 'node:path';
import type { BlobRef, RowsRef } from '../contracts/data.ts';
import type { RowsPart } from '../contracts/declaration-parts.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { findSplit } from '../ml/splits/registry.ts';
import { sides } from '../ml/splits/split.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { checkKept, type Exclusions } from './check-rows.ts';
import { count, literal, quoted, type Session, type SessionOptions, withSession } from './duckdb.ts';
import { entityColumns, entityExpressions } from './entity-columns.ts';
import { RowsInvalid } from './errors.ts';
import { assignSides } from './hold-out.ts';
import { findLeftOut } from './left-out.ts';
import { buildLookups } from './lookups.ts';
import { exposeTables, materialise } from './table-views.ts';

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
  pipeline: RowsPart;
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
    const byRule = await countExclusions(session, pipeline, types.has('excluded'), title);
    await createKept({ session, pipeline, expressions, hasExcluded: types.has('excluded') });
    await checkKept({ session, pipeline, title, excluded: byRule });

    const { leftOutBySplit, ...split } = await assignSides(session, pipeline, title);
    const leftOut = await findLeftOut({
      session,
      pipeline,
      rows: `FROM ours.kept JOIN ours.side USING (__ordinal) WHERE side = ${sides.training}`,
    });
    const path = join(session.scratch, 'rows.parquet');
    await session.run(
      `COPY (SELECT k.* EXCLUDE (__ordinal, __split_by), CASE s.side WHEN ${sides.heldOut} THEN 'hold-out' ELSE 'train' END AS split
       FROM ours.kept k JOIN ours.side s USING (__ordinal) WHERE s.side <> ${sides.neither} ORDER BY __ordinal)
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
        excluded: { ...byRule, ...leftOutBySplit },
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
  pipeline: RowsPart,
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

/** `ours.kept`: the written columns, `__ordinal` in the order of keys, and in `__split_by` what the split reads. */
async function createKept(input: {
  session: Session;
  pipeline: RowsPart;
  expressions: ReadonlyMap<string, string>;
  hasExcluded: boolean;
}): Promise<void> {
  const { session, pipeline, expressions, hasExcluded } = input;
  const { split } = pipeline;
  const read = findSplit(split).reads(split);
  const splitBy =
    read === null
      ? 'NULL'
      : read.kind === 'timestamp'
        ? `epoch_ms(CAST(${quoted(read.column)} AS TIMESTAMP))::DOUBLE`
        : `CAST(${quoted(read.column)} AS VARCHAR)`;
  const columns = [...expressions].map(([name, expression]) => `${expression} AS ${quoted(name)}`);
  const key = expressions.get(pipeline.rows.key) ?? quoted(pipeline.rows.key);
  await session.run(
    `CREATE TABLE ours.kept AS SELECT ${columns.join(', ')}, ${splitBy} AS __split_by, row_number() OVER (ORDER BY ${key}) - 1 AS __ordinal
     FROM ours.entity ${hasExcluded ? 'WHERE excluded IS NULL' : ''} ORDER BY ${key}`,
  );
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
