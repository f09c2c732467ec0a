import { eq, sql } from 'drizzle-orm';
import type { PipelineName } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { replicaHeartbeats, replicas } from '../schema/replicas.ts';

/** What a serving replica says of itself; `replicas.ts` is what a deployment reads of it. */
export async function beatReplica(db: Database, replicaId: string): Promise<void> {
  await db
    .insert(replicaHeartbeats)
    .values({ replicaId })
    .onConflictDoUpdate({ target: replicaHeartbeats.replicaId, set: { seenAt: sql`now()` } });
}

export async function reportReplica(
  db: Database,
  report: {
    replicaId: string;
    pipeline: PipelineName;
    version: number;
    state: 'loaded' | 'failed';
    message: string | null;
  },
): Promise<void> {
  const { state, message } = report;
  await db
    .insert(replicas)
    .values(report)
    .onConflictDoUpdate({
      target: [replicas.replicaId, replicas.pipeline, replicas.version],
      set: { state, message, at: sql`now()` },
    });
}

/** A replica that leaves is waited for by no deployment. */
export async function removeReplica(db: Database, replicaId: string): Promise<void> {
  await db.delete(replicaHeartbeats).where(eq(replicaHeartbeats.replicaId, replicaId));
  await db.delete(replicas).where(eq(replicas.replicaId, replicaId));
}
