import { and, eq, gt, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { replicaHeartbeats, replicas } from '../schema.ts';

/** A replica that has not been seen for this long is gone; replicas renew their heartbeat several times in it. */
export const replicaLifetimeSeconds = 10;

/** Asks all replicas to load the version, one that failed before included: its old answer must not stand for the new. */
export async function requestPreload(db: Database, pipeline: PipelineName, version: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx
      .delete(replicas)
      .where(
        and(eq(replicas.pipeline, pipeline), eq(replicas.version, version), eq(replicas.state, 'failed')),
      );
    await tx.execute(sql`select pg_notify('model_preload', ${JSON.stringify({ pipeline, version })})`);
  });
}

/** The replicas that are alive, and what each has made of the version; null: nothing yet. */
export async function readReplicaStates(
  db: Database,
  pipeline: PipelineName,
  version: number,
): Promise<{ replicaId: string; state: 'loaded' | 'failed' | null; message: string | null }[]> {
  return db
    .select({ replicaId: replicaHeartbeats.replicaId, state: replicas.state, message: replicas.message })
    .from(replicaHeartbeats)
    .leftJoin(
      replicas,
      and(
        eq(replicas.replicaId, replicaHeartbeats.replicaId),
        eq(replicas.pipeline, pipeline),
        eq(replicas.version, version),
      ),
    )
    .where(gt(replicaHeartbeats.seenAt, sql`now() - make_interval(secs => ${replicaLifetimeSeconds})`));
}
