import { and, asc, eq, gt, inArray } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { reviewQuarantine, reviews } from '../schema/reviews.ts';
import { recordReviewBatches, type SourceBatch } from './review-batches.ts';
import type { QuarantineRow } from './review-views.ts';
import type { Queries } from './runs.ts';

/** The next records of the quarantine, held for this transaction; those that another replay holds are passed over. */
export async function holdQuarantined(
  tx: Queries,
  options: { ids: readonly string[] | null; after: string | null; limit: number },
): Promise<QuarantineRow[]> {
  const { ids, after, limit } = options;
  return tx
    .select()
    .from(reviewQuarantine)
    .where(
      and(
        ids === null ? undefined : inArray(reviewQuarantine.id, [...ids]),
        after === null ? undefined : gt(reviewQuarantine.id, after),
      ),
    )
    .orderBy(asc(reviewQuarantine.id))
    .limit(limit)
    .for('update', { skipLocked: true });
}

/** They have been taken in after all. */
export async function releaseQuarantined(tx: Queries, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await tx.delete(reviewQuarantine).where(inArray(reviewQuarantine.id, [...ids]));
}

/**
 * Lets reviews that no model could score be scored again, in new batches.
 * @param ids of those alone; null for all
 * @returns the batches, and how many reviews
 */
export async function receiveAgain(
  tx: Queries,
  ids: readonly string[] | null,
  limit: number,
): Promise<{ batches: SourceBatch[]; reviews: number }> {
  const held = await tx
    .select({ id: reviews.id, source: reviews.source })
    .from(reviews)
    .where(and(eq(reviews.status, 'quarantined'), ids === null ? undefined : inArray(reviews.id, [...ids])))
    .orderBy(asc(reviews.at), asc(reviews.id))
    .limit(limit)
    .for('update', { skipLocked: true });
  const bySource = new Map<string, string[]>();
  for (const { id, source } of held) bySource.set(source, [...(bySource.get(source) ?? []), id]);
  const batches: SourceBatch[] = [];
  for (const [source, reviewIds] of bySource) {
    const batch = { id: uuidV7(), source, count: reviewIds.length };
    await tx
      .update(reviews)
      .set({ status: 'received', reason: null, batchId: batch.id })
      .where(inArray(reviews.id, reviewIds));
    batches.push(batch);
  }
  await recordReviewBatches(tx, batches);
  return { batches, reviews: held.length };
}
