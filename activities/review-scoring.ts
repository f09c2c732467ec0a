import type { BlobRef } from '../contracts/data.ts';
import { type ScoringVersion, type Sentiment, sentiments } from '../contracts/reviews.ts';
import { readVersion } from '../db/queries/models.ts';
import type { ReviewScore, WaitingReview } from '../db/queries/reviews.ts';
import type { ScoreReviewsOutput } from '../threads/tasks.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { modelOfVersion } from './registered.ts';
import { readScoringPipeline, type ScoringPipeline } from './scoring-pipeline.ts';

/** What a model says of reviews: each of them is among the scores or the refused. */
export type ScoredReviews = {
  by: ScoringVersion;
  scores: ReviewScore[];
  /** Those that no score can be given to, with the reason. */
  refused: { id: string; reason: string }[];
};

export type ReviewScoring = {
  /** Null while no pipeline that scores reviews has a version in production. */
  score(reviews: readonly WaitingReview[], signal: AbortSignal): Promise<ScoredReviews | null>;
};

type ScoringModel = ScoringPipeline & { blob: BlobRef };

/** Scores reviews with the version in production, read anew each time: a promotion counts from the next reviews on. */
export function createReviewScoring(
  deps: Pick<ActivityDependencies, 'db' | 'store' | 'pipelines' | 'threads'>,
): ReviewScoring {
  const { db, threads } = deps;
  let last: ScoringModel | null = null;

  const inProduction = async (): Promise<ScoringModel | null> => {
    const found = await readScoringPipeline(deps);
    if (found === null) return null;
    const { pipeline, version } = found;
    if (last?.pipeline.name === pipeline.name && last.version === version) return last;
    const blob = await modelOfVersion(deps, await readVersion(db, pipeline.name, version));
    last = { pipeline, version, blob };
    return last;
  };

  return {
    async score(reviews, signal) {
      const model = await inProduction();
      if (model === null) return null;
      const { pipeline, version, blob } = model;
      const input = { model: blob, fields: pipeline.reviews, reviews: reviews.map(toScore) };
      const { reviews: said } = await threads.run('scoreReviews', input, { signal });
      return { by: { pipeline: pipeline.name, version }, ...sort(reviews, said) };
    },
  };
}

/** Postgres writes a time otherwise than files and requests do. */
const toScore = ({ publishedAt, ...review }: WaitingReview) => ({
  ...review,
  publishedAt: publishedAt === null ? null : new Date(publishedAt).toISOString(),
});

function sort(
  reviews: readonly WaitingReview[],
  said: ScoreReviewsOutput['reviews'],
): Pick<ScoredReviews, 'scores' | 'refused'> {
  const scores: ReviewScore[] = [];
  const refused: ScoredReviews['refused'] = [];
  for (const [i, { id }] of reviews.entries()) {
    const answer = said[i] ?? { reason: 'the model said nothing of it' };
    if ('reason' in answer) {
      refused.push({ id, reason: answer.reason });
      continue;
    }
    const { label, probabilities, language, topics } = answer;
    const [main] = topics;
    if (isSentiment(label))
      scores.push({
        id,
        language,
        sentiment: label,
        probabilities,
        topic: main?.topic ?? null,
        topicWeights: main === undefined ? null : topics,
      });
    else refused.push({ id, reason: `the model says "${label}", which is none of ${sentiments.join(', ')}` });
  }
  return { scores, refused };
}

const isSentiment = (label: string): label is Sentiment =>
  sentiments.some((sentiment) => sentiment === label);
