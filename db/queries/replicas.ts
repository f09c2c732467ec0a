import { and, eq, gt, lt, notInArray, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { replicaHeartbeats, replicas } from '../schema/replicas.ts';

/** A replica that has not been seen for this long is gone; replicas renew their heartbeat several times in it. */
const replicaLifetimeSeconds = 10;
const deadAfterSeconds = 60;

/**
 * Asks all replicas to load the version. What they said of it before does not stand: one that failed may succeed,
 * and one that had loaded it may have put it out of its memory since.
 */
export async function requestPreload(db: Database, pipeline: PipelineName, version: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(replicas).where(and(eq(replicas.pipeline, pipeline), eq(replicas.version, version)));
    await announcePreload(tx, pipeline, version);
  });
}

/** To all that listen now. One that has loaded the version already says so again. */
export async function announcePreload(
  db: Pick<Database, 'execute'>,
  pipeline: PipelineName,
  version: number,
): Promise<void> {
  await db.execute(sql`select pg_notify('model_preload', ${JSON.stringify({ pipeline, version })})`);
}

/** Replicas that were killed left their rows; long after their last heartbeat nothing of them is of use. */
export async function removeDeadReplicas(db: Database): Promise<void> {
  const seen = db.select({ replicaId: replicaHeartbeats.replicaId }).from(replicaHeartbeats);
  await db
    .delete(replicaHeartbeats)
    .where(lt(replicaHeartbeats.seenAt, sql`now() - make_interval(secs => ${deadAfterSeconds})`));
  await db
    .delete(replicas)
    .where(
      and(
        notInArray(replicas.replicaId, seen),
        lt(replicas.at, sql`now() - make_interval(secs => ${deadAfterSeconds})`),
      ),
    );
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
