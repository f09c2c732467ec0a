import type { PipelineName } from '../contracts/ids.ts';
import type { ReviewScore, WaitingReview } from '../db/queries/reviews.ts';
import type { ActivityDependencies } from './dependencies.ts';

/** What a model says of reviews: each of them is among the scores or the refused. */
export type ScoredReviews = {
  by: { pipeline: PipelineName; version: number };
  scores: ReviewScore[];
  /** Those that no score can be given to, with the reason. */
  refused: { id: string; reason: string }[];
};

export type ReviewScoring = {
  /** Null while no pipeline that scores reviews has a version in production. */
  score(reviews: readonly WaitingReview[], signal: AbortSignal): Promise<ScoredReviews | null>;
};

export function createReviewScoring(_deps: ActivityDependencies): ReviewScoring {
  return { score: async () => null };
}
