import { and, desc, eq, lt, lte, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { deployments } from '../schema/deployments.ts';

export type LedgerRow = typeof deployments.$inferSelect;

/** Newest first. Reads one row more than `limit`. */
export async function listLedger(
  db: Database,
  filter: {
    pipeline: PipelineName;
    at?: string | undefined;
    requestId?: string | undefined;
    /** Id of the last entry seen. */
    after: number | null;
    limit: number;
  },
): Promise<LedgerRow[]> {
  return db
    .select()
    .from(deployments)
    .where(
      and(
        eq(deployments.pipeline, filter.pipeline),
        filter.at === undefined ? undefined : lte(deployments.at, filter.at),
        filter.requestId === undefined ? undefined : eq(deployments.requestId, filter.requestId),
        filter.after === null ? undefined : lt(deployments.id, filter.after),
      ),
    )
    .orderBy(desc(deployments.id))
    .limit(filter.limit + 1);
}

/** The entry that put what was in production at a moment (default: now) there. */
export async function findProductionEntry(
  db: Database,
  pipeline: PipelineName,
  at?: string,
): Promise<LedgerRow | null> {
  const [row] = await db
    .select()
    .from(deployments)
    .where(and(eq(deployments.pipeline, pipeline), at === undefined ? undefined : lte(deployments.at, at)))
    .orderBy(desc(deployments.id))
    .limit(1);
  return row ?? null;
}

export async function findDeployment(
  db: Database,
  pipeline: PipelineName,
  requestId: string,
): Promise<LedgerRow | null> {
  const [row] = await db
    .select()
    .from(deployments)
    .where(and(eq(deployments.pipeline, pipeline), eq(deployments.requestId, requestId)));
  return row ?? null;
}

/**
 * What a rollback goes back to: the version that the present one replaced when it was promoted. A version that is
 * itself a rollback's goes back further, to what it had replaced, so that two rollbacks are two steps back.
 */
export async function findRollbackTarget(
  db: Database,
  pipeline: PipelineName,
  version: number,
): Promise<number | null> {
  const [row] = await db
    .select({ from: deployments.fromVersion })
    .from(deployments)
    .where(
      and(
        eq(deployments.pipeline, pipeline),
        eq(deployments.toVersion, version),
        eq(deployments.action, 'promote'),
        sql`${deployments.fromVersion} is distinct from ${version}`,
      ),
    )
    .orderBy(desc(deployments.id))
    .limit(1);
  return row?.from ?? null;
}
