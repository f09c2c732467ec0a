import type { IngestResult } from '../contracts/ingest.ts';
import type { ReviewActivities } from '../contracts/review-activities.ts';
import { finishReviewBatches, letBatchesWait } from '../db/queries/review-batches.ts';
import { quarantineReviews, readWaitingReviews, storeReviewScores } from '../db/queries/reviews.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createReviewScoring } from './review-scoring.ts';
import { createStep } from './step.ts';

/** Read, scored and stored at a time: each is a transaction, so that what is done stays done when a worker dies. */
const reviewsAtOnce = 1_000;

type Input = Parameters<ReviewActivities['ingestBatches']>[0];

export function createReviewActivities(deps: ActivityDependencies): ReviewActivities {
  const { db } = deps;
  const step = createStep(deps);
  const scoring = createReviewScoring(deps);
  return {
    ingestBatches: step('ingestBatches', async ({ batchIds }: Input, { signal }): Promise<IngestResult> => {
      const result = { scored: 0, quarantined: 0 };
      for (;;) {
        signal.throwIfAborted();
        const reviews = await readWaitingReviews(db, batchIds, reviewsAtOnce);
        if (reviews.length === 0) break;
        const said = await scoring.score(reviews, signal);
        if (said === null) {
          await letBatchesWait(db, batchIds);
          return { ...result, waits: true };
        }
        await db.transaction(async (tx) => {
          await storeReviewScores(tx, { of: 'received', ...said });
          await quarantineReviews(tx, { of: 'received', ...said });
        });
        result.scored += said.scores.length;
        result.quarantined += said.refused.length;
      }
      await finishReviewBatches(db, batchIds);
      return result;
    }),
  };
}
