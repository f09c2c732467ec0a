import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { sha256Schema } from '../../contracts/ids.ts';
import type { Database } from '../../db/client.ts';
import { recordReviewBatches } from '../../db/queries/review-batches.ts';
import { insertReviews, type NewReview } from '../../db/queries/reviews.ts';

export const newReview = (change: Partial<NewReview> & Pick<NewReview, 'batchId'>): NewReview => {
  const text = change.text ?? 'The claim was paid within a day.';
  return {
    id: uuidV7(),
    source: 'shop.example',
    externalId: null,
    contentHash: sha256Schema.parse(createHash('sha256').update(text).digest('hex')),
    title: null,
    text,
    rating: null,
    publishedAt: null,
    author: null,
    url: null,
    language: null,
    ...change,
  };
};

/** A batch as intake leaves it. */
export async function takeIn(
  db: Database,
  reviews: readonly Partial<NewReview>[],
): Promise<{ batchId: string; count: number }> {
  const batchId = uuidV7();
  const rows = reviews.map((review) => newReview({ ...review, batchId }));
  const inserted = await insertReviews(db, rows);
  const count = inserted.get(batchId) ?? 0;
  if (count > 0) await recordReviewBatches(db, [{ id: batchId, source: rows[0]?.source ?? '', count }]);
  return { batchId, count };
}
