import { and, asc, eq, gte, lt, ne, type SQL, sql } from 'drizzle-orm';
import type { ReviewsSource } from '../../contracts/source.ts';
import type { Database } from '../client.ts';
import { reviews } from '../schema/reviews.ts';
import type { ReviewRow } from './reviews.ts';

const pageReviews = 5_000;

/** What files of reviews are written from. */
export type PageReview = Pick<
  ReviewRow,
  'id' | 'at' | 'source' | 'externalId' | 'title' | 'text' | 'rating' | 'publishedAt'
>;

/** Of those that are in quarantine nothing can be learned. */
function conditionsOf({ name, from, to }: Omit<ReviewsSource, 'kind'>): (SQL | undefined)[] {
  return [
    ne(reviews.status, 'quarantined'),
    name === null ? undefined : eq(reviews.source, name),
    from === null ? undefined : gte(reviews.at, from),
    to === null ? undefined : lt(reviews.at, to),
  ];
}

export async function hasReviews(db: Database, source: ReviewsSource): Promise<boolean> {
  const found = await db
    .select({ id: reviews.id })
    .from(reviews)
    .where(and(...conditionsOf(source)))
    .limit(1);
  return found.length > 0;
}

/** All as they are at one moment, in the order of time, a page after the other. */
export async function eachReviewPage(
  db: Database,
  source: ReviewsSource,
  onPage: (page: readonly PageReview[]) => Promise<void>,
): Promise<void> {
  const { id, at, externalId, title, text, rating, publishedAt } = reviews;
  await db.transaction(
    async (tx) => {
      for (let last: PageReview | undefined; ; ) {
        const isAfter =
          last === undefined ? undefined : sql`(${at}, ${id}) > (${last.at}::timestamptz, ${last.id}::uuid)`;
        const page: PageReview[] = await tx
          .select({ id, at, source: reviews.source, externalId, title, text, rating, publishedAt })
          .from(reviews)
          .where(and(...conditionsOf(source), isAfter))
          .orderBy(asc(at), asc(id))
          .limit(pageReviews);
        if (page.length > 0) await onPage(page);
        if (page.length < pageReviews) return;
        last = page.at(-1);
      }
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
