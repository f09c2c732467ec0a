import { reviewsAcceptedSchema } from '../../contracts/http/reviews.ts';
import { type Connection, ServiceUnreachable } from '../connection.ts';

export function reviewCalls({ send }: Connection) {
  return {
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
