import { createHash } from 'node:crypto';
import { v7 as uuidV7 } from 'uuid';
import type { CollectionCounts } from '../contracts/collections.ts';
import { sha256Schema } from '../contracts/ids.ts';
import { checkReview, type FieldProblem, type Review, reviewLimits } from '../contracts/reviews.ts';
import { isStorableText } from '../contracts/storable-text.ts';
import type { FoundReview } from '../data/collect/found-review.ts';
import type { SourceBatch } from '../db/queries/review-batches.ts';
import { createIntakeWriter } from '../db/queries/review-intake.ts';
import type { QuarantinedRecord } from '../db/queries/reviews.ts';
import type { Queries } from '../db/queries/runs.ts';

/** What a page or file held in place of a review: its bytes, and what is wrong with them. */
export type FoundRecord =
  | { review: FoundReview; bytes?: Buffer }
  | { review: null; bytes: Buffer; fault: string };

export type CheckedReviews = { reviews: Review[]; refused: QuarantinedRecord[] };

/** Tells reviews from what goes to quarantine. */
export function checkFound(records: readonly FoundRecord[], nowMs: number): CheckedReviews {
  const reviews: Review[] = [];
  const refused: QuarantinedRecord[] = [];
  for (const record of records) {
    if (record.review === null) {
      refused.push(quarantined(record.bytes, null, [{ pointer: '', message: record.fault }]));
      continue;
    }
    const checked = checkReview(record.review, nowMs);
    if ('review' in checked) reviews.push(checked.review);
    else {
      // As it would be sent: so it can be taken in once it is mended.
      const bytes = Buffer.from(JSON.stringify(record.review));
      refused.push(quarantined(bytes, record.review, checked.problems));
    }
  }
  return { reviews, refused };
}

/** What is kept of a record that is too long to be a review. */
const keptBytes = 64 * 1024;

function quarantined(bytes: Buffer, found: FoundReview | null, errors: FieldProblem[]): QuarantinedRecord {
  return {
    id: uuidV7(),
    contentHash: sha256Schema.parse(createHash('sha256').update(bytes).digest('hex')),
    content: bytes.subarray(0, keptBytes),
    bytes: bytes.byteLength,
    source: shownText(found?.source),
    externalId: shownText(found?.id),
    errors,
  };
}

function shownText(text: string | undefined): string | null {
  const shown = text?.slice(0, reviewLimits.sourceCharacters);
  return shown !== undefined && isStorableText(shown) ? shown : null;
}

/** Hands reviews to the intake, in the transaction of whatever says that they were read. */
export async function takeIn(
  tx: Queries,
  { reviews, refused }: CheckedReviews,
): Promise<CollectionCounts & { batches: SourceBatch[] }> {
  const writer = createIntakeWriter(tx);
  const { accepted, duplicates } = await writer.write({ reviews, refused });
  return { accepted, duplicates, rejected: refused.length, batches: await writer.finish() };
}
