import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import type {
  CollectionId,
  CollectionStage,
  CollectionStatus,
  RefreshStage,
} from '../../contracts/collections.ts';
import type { RunId } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { collectionStages } from '../schema/collectors.ts';
import type { Queries } from './runs.ts';

export type StageRow = typeof collectionStages.$inferSelect;
type Stage = Exclude<CollectionStage, 'collect'>;

/** Writes how a stage of a round stands; the last word counts. */
export async function recordStage(
  tx: Queries,
  {
    collection,
    stage,
    status,
    message,
    run = null,
  }: {
    collection: CollectionId;
    stage: Stage;
    status: CollectionStatus;
    message: string | null;
    run?: RunId | null | undefined;
  },
): Promise<void> {
  const fields = { status, message, runId: run, endedAt: status === 'running' ? null : sql`now()` };
  await tx
    .insert(collectionStages)
    .values({ collection, stage, ...fields })
    .onConflictDoUpdate({ target: [collectionStages.collection, collectionStages.stage], set: fields });
}

/** Ends those of the stages that nobody is left to end. */
export async function endForgottenStages(
  db: Database,
  { stages, except }: { stages: readonly RefreshStage[]; except: CollectionId | null },
): Promise<void> {
  await db
    .update(collectionStages)
    .set({ status: 'failed', message: 'its refresh was ended from outside', endedAt: sql`now()` })
    .where(
      and(
        eq(collectionStages.status, 'running'),
        inArray(collectionStages.stage, [...stages]),
        except === null ? undefined : ne(collectionStages.collection, except),
      ),
    );
}

/** Of the rounds, by round. */
export async function listStages(
  db: Database,
  collections: readonly CollectionId[],
): Promise<ReadonlyMap<CollectionId, StageRow[]>> {
  const found = new Map<CollectionId, StageRow[]>();
  if (collections.length === 0) return found;
  const rows = await db
    .select()
    .from(collectionStages)
    .where(inArray(collectionStages.collection, [...collections]));
  for (const row of rows) found.set(row.collection, [...(found.get(row.collection) ?? []), row]);
  return found;
}
