import type { Rescored } from '../../contracts/http/reviews.ts';
import type { ScoringVersion } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import type { SourceBatch } from '../../db/queries/review-batches.ts';
import { receiveAgain } from '../../db/queries/review-replay.ts';
import { HttpProblem } from '../problem.ts';

/** Of one transaction, and of one request: who asks goes on asking while there are more. */
const atOnce = 1_000;
const ofRequest = 20_000;

/**
 * Lets reviews that an earlier version scored be scored by the one in production. Until they are, they wait as when
 * they came.
 * @throws HttpProblem 409 without such a version
 */
export async function rescoreReviews(deps: {
  db: Database;
  otherThan: ScoringVersion | null;
  onBatches(batches: readonly SourceBatch[]): void;
}): Promise<Rescored> {
  const { db, otherThan, onBatches } = deps;
  if (otherThan === null) throw new HttpProblem(409, 'no model that scores reviews is in production');
  let rescored = 0;
  while (rescored < ofRequest) {
    const again = await db.transaction((tx) => receiveAgain(tx, { otherThan }, atOnce));
    onBatches(again.batches);
    rescored += again.reviews;
    if (again.reviews < atOnce) return { rescored, hasMore: false };
  }
  return { rescored, hasMore: true };
}
