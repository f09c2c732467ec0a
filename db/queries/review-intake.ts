import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import { type Sha256, sha256Schema } from '../../contracts/ids.ts';
import type { Review } from '../../contracts/reviews.ts';
import { recordReviewBatches, type SourceBatch } from './review-batches.ts';
import { insertReviews, type NewReview, type QuarantinedRecord, quarantineRecords } from './reviews.ts';
import type { Queries } from './runs.ts';

/** A batch is given up for another once it holds so many: a second or less of scoring. */
const batchReviews = 1_000;

/** Writes what one request brings, a part at a time, in the transaction whose end acknowledges all of it. */
export type IntakeWriter = {
  write(part: {
    reviews: readonly Review[];
    refused: readonly QuarantinedRecord[];
  }): Promise<{ accepted: number; duplicates: number }>;
  /** Records the batches of what was new, and answers them. */
  finish(): Promise<SourceBatch[]>;
};

export function createIntakeWriter(tx: Queries): IntakeWriter {
  const open = new Map<string, SourceBatch>();
  const full: SourceBatch[] = [];
  const batchOf = (source: string): SourceBatch => {
    const batch = open.get(source) ?? { id: uuidV7(), source, count: 0 };
    open.set(source, batch);
    return batch;
  };
  return {
    async write({ reviews, refused }) {
      const rows = reviews.map((review) => toRow(review, batchOf(review.source).id));
      const inserted = rows.length === 0 ? new Map<string, number>() : await insertReviews(tx, rows);
      await quarantineRecords(tx, refused);
      let accepted = 0;
      for (const batch of [...open.values()]) {
        const count = inserted.get(batch.id) ?? 0;
        accepted += count;
        batch.count += count;
        if (batch.count < batchReviews) continue;
        full.push(batch);
        open.delete(batch.source);
      }
      return { accepted, duplicates: rows.length - accepted };
    },
    async finish() {
      const batches = [...full, ...open.values()].filter(({ count }) => count > 0);
      await recordReviewBatches(tx, batches);
      return batches;
    },
  };
}

function toRow({ id: externalId, ...review }: Review, batchId: string): NewReview {
  return { ...review, id: uuidV7(), externalId, contentHash: contentHashOf(review), batchId };
}

/** What a review is known by that has no id at its source. */
export function contentHashOf(review: Omit<Review, 'id' | 'source' | 'language'>): Sha256 {
  const { title, text, rating, publishedAt, author, url } = review;
  const content = JSON.stringify([title, text, rating, publishedAt, author, url]);
  return sha256Schema.parse(createHash('sha256').update(content).digest('hex'));
}
