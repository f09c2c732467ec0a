import { and, eq, inArray, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import type { ReviewBatch } from '../../contracts/reviews.ts';
import type { Database } from '../client.ts';
import { reviewBatches, reviewSignals } from '../schema/reviews.ts';
import type { Queries } from './runs.ts';

const ago = (seconds: number) => sql`now() - make_interval(secs => ${seconds})`;

export type SourceBatch = ReviewBatch & { source: string };

export async function recordReviewBatches(tx: Queries, batches: readonly SourceBatch[]): Promise<void> {
  if (batches.length > 0) await tx.insert(reviewBatches).values([...batches]);
}

/** Reviews that were taken in and are not scored, a batch under way counted as a whole. */
export async function countBacklog(db: Database): Promise<number> {
  const [row] = await db
    .select({ count: sql<number>`coalesce(sum(${reviewBatches.count}), 0)::double precision` })
    .from(reviewBatches)
    .where(ne(reviewBatches.status, 'done'));
  return row?.count ?? 0;
}

/**
 * Claims batches that nobody has finished, the oldest first: what the queue has lost and what an API that died did not
 * give to it; what a workflow has been told of, only after a longer time; and where `withWaiting` those that waited
 * for a model.
 */
export async function claimForgottenBatches(
  db: Database,
  options: { afterSeconds: number; signalledAfterSeconds: number; withWaiting: boolean; limit: number },
): Promise<SourceBatch[]> {
  const { afterSeconds, signalledAfterSeconds, withWaiting, limit } = options;
  const isForgotten = and(
    eq(reviewBatches.status, 'received'),
    lt(reviewBatches.enqueuedAt, ago(afterSeconds)),
    or(isNull(reviewBatches.signalledAt), lt(reviewBatches.signalledAt, ago(signalledAfterSeconds))),
  );
  return db.transaction(async (tx) => {
    const found = await tx
      .select({ id: reviewBatches.id, source: reviewBatches.source, count: reviewBatches.count })
      .from(reviewBatches)
      .where(withWaiting ? or(isForgotten, eq(reviewBatches.status, 'waiting')) : isForgotten)
      .orderBy(reviewBatches.enqueuedAt)
      .limit(limit)
      .for('update', { skipLocked: true });
    const ids = found.map(({ id }) => id);
    if (ids.length > 0)
      await tx
        .update(reviewBatches)
        .set({ enqueuedAt: sql`now()`, signalledAt: null, status: 'received' })
        .where(inArray(reviewBatches.id, ids));
    return found;
  });
}

/** Ends the batches of which no review is left to score. @returns how many are not at their end */
export async function finishReviewBatches(tx: Queries, ids: readonly string[]): Promise<number> {
  const [row] = await tx.execute<{ open: number }>(sql`
    with asked as (
      select id, exists (
        select from reviews where reviews.batch_id = review_batches.id and reviews.status = 'received'
      ) as open
      from review_batches where id in ${[...ids]} and status <> 'done'
    ), ended as (
      update review_batches set status = 'done', done_at = now()
      from asked where asked.id = review_batches.id and not asked.open
    )
    select count(*)::integer as open from asked where open`);
  return row?.open ?? 0;
}

/** For want of a model; the sweeper gives them to the queue again once there is one. */
export async function letBatchesWait(db: Database, ids: readonly string[]): Promise<void> {
  await db
    .update(reviewBatches)
    .set({ status: 'waiting', signalledAt: null })
    .where(and(inArray(reviewBatches.id, [...ids]), eq(reviewBatches.status, 'received')));
}

/** Those of the batches that are not at their end. */
export async function readOpenBatches(db: Database, ids: readonly string[]): Promise<SourceBatch[]> {
  const { id, source, count, status } = reviewBatches;
  return db
    .select({ id, source, count })
    .from(reviewBatches)
    .where(and(inArray(id, [...ids]), ne(status, 'done')))
    .orderBy(id);
}

/**
 * Whether the workflow of a source may be told of batches now. The claim is in the database, so that all APIs together
 * keep to one signal in so many seconds.
 */
export async function claimReviewSignal(
  db: Database,
  source: string,
  everySeconds: number,
): Promise<boolean> {
  const claimed = await db
    .insert(reviewSignals)
    .values({ source, at: sql`now()` })
    .onConflictDoUpdate({
      target: reviewSignals.source,
      set: { at: sql`now()` },
      setWhere: lte(reviewSignals.at, ago(everySeconds)),
    })
    .returning({ source: reviewSignals.source });
  return claimed.length > 0;
}

export async function recordReviewSignal(db: Database, ids: readonly string[]): Promise<void> {
  await db
    .update(reviewBatches)
    .set({ signalledAt: sql`now()` })
    .where(inArray(reviewBatches.id, [...ids]));
}
