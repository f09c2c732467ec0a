import { driftRequestedSchema, reviewDriftSchema } from '../../contracts/http/review-drift.ts';
import {
  quarantineListSchema,
  replayedSchema,
  rescoredSchema,
  reviewInsightsSchema,
  reviewListSchema,
  reviewSummarySchema,
  reviewsAcceptedSchema,
  reviewTopicsSchema,
} from '../../contracts/http/reviews.ts';
import { type Connection, type Query, ServiceUnreachable } from '../connection.ts';

export function reviewCalls({ call, send }: Connection) {
  return {
    reviews: (query: Query) => call({ path: '/reviews', query, answer: reviewListSchema }),
    reviewSummary: (query: Query) => call({ path: '/reviews/summary', query, answer: reviewSummarySchema }),
    reviewInsights: (query: Query) =>
      call({ path: '/reviews/insights', query, answer: reviewInsightsSchema }),
    reviewTopics: (query: Query) => call({ path: '/reviews/topics', query, answer: reviewTopicsSchema }),
    reviewQuarantine: (query: Query) =>
      call({ path: '/reviews/quarantine', query, answer: quarantineListSchema }),
    replayReviews: (ids: readonly string[]) =>
      call({
        method: 'POST',
        path: '/reviews/quarantine/replay',
        body: ids.length === 0 ? {} : { ids },
        answer: replayedSchema,
      }),
    reviewDrift: (query: Query) => call({ path: '/reviews/drift', query, answer: reviewDriftSchema }),
    measureDrift: () =>
      call({ method: 'POST', path: '/reviews/drift', body: {}, answer: driftRequestedSchema }),
    rescoreReviews: () =>
      call({ method: 'POST', path: '/reviews/rescore', body: {}, answer: rescoredSchema }),
    /** @param lines NDJSON, a review a line */
    async sendReviews(lines: readonly Uint8Array[]) {
      const end = Buffer.from('\n');
      const response = await send('/api/v1/reviews', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: Buffer.concat(lines.flatMap((line) => [line, end])),
      });
      const answer: unknown = await response.json().catch(() => {
        throw new ServiceUnreachable('The answer of the service broke off.');
      });
      return reviewsAcceptedSchema.parse(answer);
    },
  };
}
