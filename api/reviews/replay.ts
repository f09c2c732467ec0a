import type { Replayed } from '../../contracts/http/reviews.ts';
import type { Review } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import type { SourceBatch } from '../../db/queries/review-batches.ts';
import { createIntakeWriter } from '../../db/queries/review-intake.ts';
import { holdQuarantined, receiveAgain, releaseQuarantined } from '../../db/queries/review-replay.ts';
import { readRecord } from './read-record.ts';

/** Of one transaction. */
const atOnce = 500;

/**
 * Reads again what is in quarantine, by the rules of now; what is a review leaves it. Reviews that no model could score
 * are scored again.
 */
export async function replayQuarantine(deps: {
  db: Database;
  ids: readonly string[] | null;
  onBatches(batches: readonly SourceBatch[]): void;
  nowMs(): number;
}): Promise<Replayed> {
  const { db, ids, onBatches, nowMs } = deps;
  const replayed: Replayed = { accepted: 0, duplicates: 0, rejected: 0, rescored: 0 };
  for (let after: string | null = null; ; ) {
    const part = await db.transaction(async (tx) => {
      const held = await holdQuarantined(tx, { ids, after, limit: atOnce });
      const reviews: Review[] = [];
      const released: string[] = [];
      for (const { id, content, bytes } of held) {
        if (content.byteLength < bytes) continue;
        const read = readRecord({ bytes: content, length: bytes, fault: null }, nowMs());
        if (!('review' in read)) continue;
        reviews.push(read.review);
        released.push(id);
      }
      const writer = createIntakeWriter(tx);
      const written = await writer.write({ reviews, refused: [] });
      await releaseQuarantined(tx, released);
      return { held, written, rejected: held.length - released.length, batches: await writer.finish() };
    });
    replayed.accepted += part.written.accepted;
    replayed.duplicates += part.written.duplicates;
    replayed.rejected += part.rejected;
    onBatches(part.batches);
    after = part.held.at(-1)?.id ?? null;
    if (part.held.length < atOnce) break;
  }
  for (;;) {
    const again = await db.transaction((tx) => receiveAgain(tx, ids, atOnce));
    replayed.rescored += again.reviews;
    onBatches(again.batches);
    if (again.reviews < atOnce) return replayed;
  }
}
