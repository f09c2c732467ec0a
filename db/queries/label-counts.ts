import { and, eq, inArray, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import { openRunStatuses } from '../../contracts/runs.ts';
import type { Database } from '../client.ts';
import { runs } from '../schema/runs.ts';

/**
 * Reviews with a rating that were taken in after a time. By their ids, which begin with the time (UUIDv7): so only what
 * is new is read.
 */
export async function countLabelsSince(db: Database, sinceMs: number): Promise<number> {
  const first = firstIdAt(sinceMs + 1);
  const [row] = await db.execute<{ count: number }>(
    sql`select count(*)::integer as count from reviews where id >= ${first}::uuid and rating is not null`,
  );
  return row?.count ?? 0;
}

/** The least UUIDv7 of a millisecond (RFC 9562, 5.7). */
function firstIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Whether a run of the pipeline that makes a version is under way, or waits to be. */
export async function isTraining(db: Database, pipeline: PipelineName): Promise<boolean> {
  const [row] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(
      and(
        eq(runs.pipeline, pipeline),
        inArray(runs.status, [...openRunStatuses]),
        inArray(runs.kind, ['deploy', 'retrain']),
      ),
    )
    .limit(1);
  return row !== undefined;
}
