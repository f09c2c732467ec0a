import { and, desc, eq, gte, not, sql } from 'drizzle-orm';
import type {
  CollectedPart,
  CollectionEnd,
  CollectionId,
  CollectionRequest,
  CollectorName,
} from '../../contracts/collections.ts';
import type { Sha256 } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { collectedParts, collections, collectorPauses, collectors } from '../schema/collectors.ts';
import { recordStage } from './collection-stages.ts';
import type { Queries } from './runs.ts';

export type CollectorState = typeof collectors.$inferSelect;
export type CollectionRow = typeof collections.$inferSelect;
export type PartRow = typeof collectedParts.$inferSelect;

/** Longer than a step may take with all its attempts: a round that has not come on since then was ended from outside. */
const isAbandoned = sql`${collections.beatAt} < now() - interval '3 hours'`;

/**
 * Begins a round, once however often it is asked for.
 * @returns the round that is under way in its place, where there is one
 */
export async function beginCollection(
  db: Database,
  {
    id,
    collector,
    workflowId,
    requestedBy,
  }: { id: CollectionId; workflowId: string } & Pick<CollectionRequest, 'collector' | 'requestedBy'>,
): Promise<CollectionRow | null> {
  return db.transaction(async (tx) => {
    const endedAt = sql`now()`;
    const abandoned = await tx
      .update(collections)
      .set({ status: 'failed', message: endedFromOutside, endedAt })
      .where(
        and(
          eq(collections.collector, collector),
          eq(collections.status, 'running'),
          isAbandoned,
          sql`${collections.id} <> ${id}`,
        ),
      )
      .returning({ id: collections.id });
    for (const round of abandoned)
      await recordStage(tx, {
        collection: round.id,
        stage: 'score',
        status: 'failed',
        message: endedFromOutside,
      });
    const row = { id, collector, workflowId, requestedBy };
    await tx
      .insert(collections)
      .values({ ...row, status: 'running' })
      .onConflictDoNothing();
    const [own] = await tx.select().from(collections).where(eq(collections.id, id));
    if (own !== undefined) {
      if (own.status === 'running')
        await recordStage(tx, { collection: id, stage: 'score', status: 'running', message: null });
      return null;
    }
    const [running] = await tx
      .select()
      .from(collections)
      .where(and(eq(collections.collector, collector), eq(collections.status, 'running')));
    const message = running === undefined ? null : `round ${running.id} is under way`;
    await tx
      .insert(collections)
      .values({ ...row, status: 'skipped', message, endedAt })
      .onConflictDoNothing();
    return running ?? null;
  });
}

/** What a collector has come to; from the beginning where it reads otherwise than it did. */
export async function openCollector(
  db: Database,
  collector: CollectorName,
  shapeSha256: Sha256,
): Promise<CollectorState> {
  return db.transaction(async (tx) => {
    const [known] = await tx
      .select()
      .from(collectors)
      .where(eq(collectors.collector, collector))
      .for('update');
    if (known?.shapeSha256 === shapeSha256) return known;
    await tx.delete(collectedParts).where(eq(collectedParts.collector, collector));
    const fresh = {
      shapeSha256,
      cursor: null,
      passStartedAt: null,
      repeats: 0,
      completedAt: null,
    };
    const [state] = await tx
      .insert(collectors)
      .values({ collector, ...fresh })
      .onConflictDoUpdate({ target: collectors.collector, set: fresh })
      .returning();
    if (state === undefined) throw new Error(`the state of collector ${collector} was not written`);
    return state;
  });
}

export async function moveCollector(
  tx: Queries,
  collector: CollectorName,
  to: Partial<Pick<CollectorState, 'cursor' | 'repeats'>> & { pass: 'goes-on' | 'is-complete' },
): Promise<void> {
  const { pass, ...fields } = to;
  const moved =
    pass === 'is-complete'
      ? { cursor: null, repeats: 0, passStartedAt: null, completedAt: sql`now()` }
      : { ...fields, passStartedAt: sql`coalesce(${collectors.passStartedAt}, now())` };
  await tx.update(collectors).set(moved).where(eq(collectors.collector, collector));
}

/** The round's row, held until the transaction ends: of two attempts at a step, one has its effect. */
export async function holdCollection(tx: Queries, id: CollectionId): Promise<CollectionRow> {
  const [row] = await tx.select().from(collections).where(eq(collections.id, id)).for('update');
  if (row === undefined) throw new Error(`there is no round ${id}`);
  return row;
}

/** Adds what was read to the round; with `step`, as what that step has come to. */
export async function advanceCollection(
  tx: Queries,
  id: CollectionId,
  {
    counts,
    unchanged = 0,
    step,
  }: {
    counts: Pick<CollectedPart, 'accepted' | 'duplicates' | 'rejected' | 'isPart'>;
    unchanged?: number;
    step?: CollectedPart;
  },
): Promise<void> {
  await tx
    .update(collections)
    .set({
      beatAt: sql`now()`,
      parts: sql`${collections.parts} + ${counts.isPart ? 1 : 0}`,
      unchanged: sql`${collections.unchanged} + ${unchanged}`,
      accepted: sql`${collections.accepted} + ${counts.accepted}`,
      duplicates: sql`${collections.duplicates} + ${counts.duplicates}`,
      rejected: sql`${collections.rejected} + ${counts.rejected}`,
      ...(step === undefined ? {} : { steps: sql`${collections.steps} + 1`, lastStep: step }),
    })
    .where(eq(collections.id, id));
}

/** Ends the round's reading of its collector, and its scoring; once, whatever is said later. */
export async function endCollection(
  db: Database,
  id: CollectionId,
  { end: { status, message }, score }: { end: CollectionEnd; score: CollectionEnd },
): Promise<void> {
  await db.transaction(async (tx) => {
    const ended = await tx
      .update(collections)
      .set({ status, message, endedAt: sql`now()` })
      .where(and(eq(collections.id, id), eq(collections.status, 'running')))
      .returning({ id: collections.id });
    if (ended.length > 0) await recordStage(tx, { collection: id, stage: 'score', ...score });
  });
}

/** Whether a round of any collector is under way. */
export async function isCollecting(db: Database): Promise<boolean> {
  const [row] = await db
    .select({ id: collections.id })
    .from(collections)
    .where(and(eq(collections.status, 'running'), not(isAbandoned)))
    .limit(1);
  return row !== undefined;
}

/** What is said of a round of whose workflow nothing is left. */
export const endedFromOutside = 'it was ended from outside';

export async function findPart(db: Queries, collector: CollectorName, part: Sha256): Promise<PartRow | null> {
  const [row] = await db
    .select()
    .from(collectedParts)
    .where(and(eq(collectedParts.collector, collector), eq(collectedParts.part, part)));
  return row ?? null;
}

/** A part with these contents that was read to its end, since `since` where it is given. */
export async function findContent(
  db: Queries,
  collector: CollectorName,
  content: { sha256: Sha256; since: string | null },
): Promise<PartRow | null> {
  const { sha256, since } = content;
  const [row] = await db
    .select()
    .from(collectedParts)
    .where(
      and(
        eq(collectedParts.collector, collector),
        eq(collectedParts.contentSha256, sha256),
        eq(collectedParts.isWhole, true),
        since === null ? undefined : gte(collectedParts.readAt, since),
      ),
    )
    .limit(1);
  return row ?? null;
}

/** Which of the parts have been read to their end. */
export async function readWholeParts(db: Queries, collector: CollectorName): Promise<ReadonlySet<string>> {
  const rows = await db
    .select({ part: collectedParts.part })
    .from(collectedParts)
    .where(and(eq(collectedParts.collector, collector), eq(collectedParts.isWhole, true)));
  return new Set(rows.map(({ part }) => part));
}

export async function recordPart(tx: Queries, row: Omit<PartRow, 'readAt'>): Promise<void> {
  const { collector: _, part: __, ...fields } = row;
  await tx
    .insert(collectedParts)
    .values(row)
    .onConflictDoUpdate({
      target: [collectedParts.collector, collectedParts.part],
      set: { ...fields, readAt: sql`now()` },
    });
}

/** How many of the reviews had been taken in by a time. */
export async function countKnownReviews(
  tx: Queries,
  keys: readonly { source: string; externalId: string | null; contentHash: Sha256 }[],
  until: string,
): Promise<number> {
  const [row] = await tx.execute<{ count: number }>(sql`
    select count(*)::integer as count
    from json_to_recordset(${JSON.stringify(keys)}::json) as key (source text, "externalId" text, "contentHash" text)
    where case when key."externalId" is null
      then exists (
        select from reviews where reviews.source = key.source and reviews.external_id is null
          and reviews.content_hash = key."contentHash" and reviews.received_at <= ${until}::timestamptz)
      else exists (
        select from reviews where reviews.source = key.source and reviews.external_id = key."externalId"
          and reviews.received_at <= ${until}::timestamptz)
      end`);
  return row?.count ?? 0;
}

export async function findCollection(db: Database, id: CollectionId): Promise<CollectionRow | null> {
  const [row] = await db.select().from(collections).where(eq(collections.id, id));
  return row ?? null;
}

/** The latest first. */
export async function listCollections(
  db: Database,
  { collector, limit }: { collector: CollectorName; limit: number },
): Promise<CollectionRow[]> {
  return db
    .select()
    .from(collections)
    .where(eq(collections.collector, collector))
    .orderBy(desc(collections.startedAt), desc(collections.id))
    .limit(limit);
}

export async function findCollectorState(
  db: Database,
  collector: CollectorName,
): Promise<CollectorState | null> {
  const [row] = await db.select().from(collectors).where(eq(collectors.collector, collector));
  return row ?? null;
}

/** Collectors whose schedules somebody paused or resumed, whatever they declare. */
export async function readCollectorPauses(db: Database): Promise<ReadonlyMap<string, boolean>> {
  const rows = await db.select().from(collectorPauses);
  return new Map(rows.map(({ collector, paused }) => [collector, paused]));
}

export async function pauseCollector(db: Database, collector: CollectorName, paused: boolean): Promise<void> {
  await db
    .insert(collectorPauses)
    .values({ collector, paused })
    .onConflictDoUpdate({ target: collectorPauses.collector, set: { paused, updatedAt: sql`now()` } });
}
