import { and, desc, eq, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { predictions } from '../schema.ts';

export type PredictionRow = typeof predictions.$inferSelect;

/** One prediction as the log takes it; `instance` and `output` are JSON texts. */
export type LoggedPrediction = {
  /** UUIDv7. */
  id: string;
  /** The time in the id, RFC 3339: it names the partition, and the id alone finds the row again. */
  at: string;
  pipeline: PipelineName;
  version: number;
  /** The request named the version: it is logged whatever is in production. */
  pinned: boolean;
  label: string | null;
  tier: string | null;
  score: number;
  instance: string;
  output: string;
  requestId: string;
};

/**
 * One statement that reads the production aliases and stores the predictions that agree with them. What was scored
 * by a version that is no longer in production is not stored: it has to be scored again.
 *
 * JSON goes as text and is cast, because `unnest` of a `jsonb[]` made from texts stores strings, not objects.
 * @returns pipeline → version in production, as the statement saw it
 */
export async function storePredictions(
  db: Database,
  rows: readonly LoggedPrediction[],
): Promise<ReadonlyMap<string, number>> {
  const column = <T>(read: (row: LoggedPrediction) => T) => sql`${sql.param(rows.map(read))}::text[]`;
  const aliases = await db.execute<{ pipeline: string; version: number }>(sql`
    with production as materialized (
      select pipeline, version from model_aliases where alias = 'production'
    ), stored as (
      insert into predictions (id, at, pipeline, version, label, tier, score, instance, output, request_id)
      select id::uuid, at::timestamptz, pipeline, version::integer, label, tier, score::double precision,
             instance::jsonb, output::jsonb, request_id
      from unnest(
        ${column((row) => row.id)}, ${column((row) => row.at)}, ${column((row) => row.pipeline)},
        ${column((row) => String(row.version))}, ${column((row) => (row.pinned ? 't' : 'f'))},
        ${column((row) => row.label)}, ${column((row) => row.tier)}, ${column((row) => String(row.score))},
        ${column((row) => row.instance)}, ${column((row) => row.output)}, ${column((row) => row.requestId)}
      ) as batch (id, at, pipeline, version, pinned, label, tier, score, instance, output, request_id)
      where pinned = 't' or exists (
        select from production
        where production.pipeline = batch.pipeline and production.version = batch.version::integer
      )
    )
    select pipeline, version from production`);
  return new Map(aliases.map(({ pipeline, version }) => [pipeline, version]));
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
