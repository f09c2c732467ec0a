import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import { DrizzleQueryError } from 'drizzle-orm/errors';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import {
  isPacked,
  type PredictionColumns,
  type PredictionRows,
  packPredictions,
} from '../prediction-columns.ts';
import { modelAliases } from '../schema/models.ts';
import { predictions } from '../schema/predictions.ts';

const partitionDaysAhead = 14;

/** Makes the partitions of the next two weeks; what has none goes to the default partition. */
export async function ensurePredictionPartitions(db: Database): Promise<void> {
  await db.execute(sql`select ensure_prediction_partitions(${partitionDaysAhead})`);
}

/**
 * Drops the partitions of whole days (UTC) that ended over `days` days ago, and such rows of the default partition.
 * Dropping one locks the table for a moment: where that is not to be had at once, because somebody reads, it is left
 * to the next time, since the predictions that come would all have to wait behind it.
 * @returns names of what was dropped
 */
export async function dropOldPredictions(db: Database, days: number): Promise<string[]> {
  const old = await db.execute<{ name: string }>(sql`
    select child.relname as name from pg_inherits
    join pg_class child on child.oid = inhrelid
    where inhparent = 'predictions'::regclass and child.relname ~ '^predictions_[0-9]{8}$'
      and to_date(right(child.relname, 8), 'YYYYMMDD') < (now() at time zone 'UTC')::date - ${days}::integer
    order by child.relname`);
  const dropped: string[] = [];
  for (const { name } of old) {
    try {
      await db.transaction(async (tx) => {
        await tx.execute(sql`set local lock_timeout = '200ms'`);
        await tx.execute(sql`drop table if exists ${sql.identifier(name)}`);
      });
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      break;
    }
    dropped.push(name);
  }
  await db.execute(sql`
    delete from predictions_default
    where at < ((now() at time zone 'UTC')::date - ${days}::integer)::timestamp at time zone 'UTC'`);
  return dropped;
}

const isLockTimeout = (error: unknown): boolean =>
  error instanceof DrizzleQueryError &&
  error.cause !== undefined &&
  'code' in error.cause &&
  error.cause.code === '55P03';

export type PredictionRow = typeof predictions.$inferSelect;

/**
 * One statement that reads the production aliases and stores the predictions that agree with them. What was scored
 * by a version that is no longer in production is not stored: it has to be scored again.
 *
 * Prepared, for it stands between every prediction and its answer: a statement that is not costs the driver a second
 * round trip, which asks for the types of its parameters.
 * @returns a function that answers pipeline → version in production, as the statement saw it
 */
export function createPredictionStore(
  db: Database,
): (rows: PredictionRows) => Promise<ReadonlyMap<string, number>> {
  const column = (name: keyof PredictionColumns, type: string) =>
    sql`${sql.placeholder(name)}::${sql.raw(type)}`;
  const { pipeline, version, alias } = modelAliases;
  // Read twice, by the insert and by the answer: so it is materialized, and both see the same.
  const production = db
    .$with('production')
    .as(db.select({ pipeline, version }).from(modelAliases).where(eq(alias, 'production')));
  const stored = db.$with('stored', {}).as(sql`
    insert into ${predictions} (id, at, pipeline, version, label, tier, score, instance, output, request_id)
    select id, at, pipeline, version, label, tier, score, instance, output, request_id
    from rows from (
      unnest(
        ${column('id', 'uuid[]')}, ${column('at', 'timestamptz[]')}, ${column('pipeline', 'text[]')},
        ${column('version', 'integer[]')}, ${column('pinned', 'boolean[]')}, ${column('label', 'text[]')},
        ${column('tier', 'text[]')}, ${column('score', 'double precision[]')}, ${column('requestId', 'text[]')}
      ),
      jsonb_array_elements(${column('instance', 'jsonb')}),
      jsonb_array_elements(${column('output', 'jsonb')})
    ) as batch (id, at, pipeline, version, pinned, label, tier, score, request_id, instance, output)
    where pinned or exists (
      select from production
      where production.pipeline = batch.pipeline and production.version = batch.version
    )`);
  const statement = db.with(production, stored).select().from(production).prepare('store_predictions');
  return async (rows) => {
    const { columns } = isPacked(rows) ? rows : packPredictions(rows);
    const aliases = await statement.execute(columns);
    return new Map(aliases.map((row) => [row.pipeline, row.version]));
  };
}

/** Newest first. `from` is inclusive, `to` exclusive. Reads one row more than `limit`. */
export async function listPredictions(
  db: Database,
  filter: {
    pipeline?: PipelineName | undefined;
    tier?: string | undefined;
    label?: string | undefined;
    version?: number | undefined;
    from?: string | undefined;
    to?: string | undefined;
    after: readonly [string, string] | null;
    limit: number;
  },
): Promise<PredictionRow[]> {
  const conditions: (SQL | undefined)[] = [
    filter.pipeline === undefined ? undefined : eq(predictions.pipeline, filter.pipeline),
    filter.tier === undefined ? undefined : eq(predictions.tier, filter.tier),
    filter.label === undefined ? undefined : eq(predictions.label, filter.label),
    filter.version === undefined ? undefined : eq(predictions.version, filter.version),
    filter.from === undefined ? undefined : gte(predictions.at, filter.from),
    filter.to === undefined ? undefined : lt(predictions.at, filter.to),
    filter.after === null
      ? undefined
      : sql`(${predictions.at}, ${predictions.id}) < (${filter.after[0]}::timestamptz, ${filter.after[1]}::uuid)`,
  ];
  return db
    .select()
    .from(predictions)
    .where(and(...conditions))
    .orderBy(desc(predictions.at), desc(predictions.id))
    .limit(filter.limit + 1);
}

/** `at` follows from the id, and finds the partition. */
export async function findPrediction(db: Database, id: string, at: string): Promise<PredictionRow | null> {
  const [row] = await db
    .select()
    .from(predictions)
    .where(and(eq(predictions.at, at), eq(predictions.id, id)));
  return row ?? null;
}
