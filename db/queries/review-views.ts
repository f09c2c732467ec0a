import { and, desc, eq, getTableColumns, gte, lt, type SQL, sql } from 'drizzle-orm';
import type { ReviewStatus, Sentiment } from '../../contracts/reviews.ts';
import type { Database } from '../client.ts';
import { reviewQuarantine, reviews } from '../schema/reviews.ts';
import type { ReviewRow } from './reviews.ts';

/** `from` is inclusive, `to` exclusive, both of when a review was published. */
export type ReviewFilter = {
  source?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  status?: ReviewStatus | undefined;
  sentiment?: Sentiment | undefined;
  topic?: string | undefined;
  rating?: number | undefined;
  language?: string | undefined;
  /** Words that it must have, as a search engine takes them: "quoted together", or, -without. */
  words?: string | undefined;
  /** Whether the rating says the opposite of the text. */
  disagrees?: boolean | undefined;
};

/** A good rating over a text that reads as negative, or the reverse. */
const disagrees = sql<boolean>`(
  (${reviews.rating} >= 4 and ${reviews.sentiment} = 'negative') or (${reviews.rating} <= 2 and ${reviews.sentiment} = 'positive')
)`;

export function conditionsOf(filter: ReviewFilter): (SQL | undefined)[] {
  const { source, from, to, status, sentiment, topic, rating, language, words } = filter;
  return [
    source === undefined ? undefined : eq(reviews.source, source),
    from === undefined ? undefined : gte(reviews.at, from),
    to === undefined ? undefined : lt(reviews.at, to),
    status === undefined ? undefined : eq(reviews.status, status),
    sentiment === undefined ? undefined : eq(reviews.sentiment, sentiment),
    topic === undefined ? undefined : eq(reviews.topic, topic),
    rating === undefined ? undefined : eq(reviews.rating, rating),
    language === undefined ? undefined : eq(reviews.language, language),
    words === undefined ? undefined : sql`${reviews.search} @@ websearch_to_tsquery('simple', ${words})`,
    // Of what has no rating or no sentiment nothing can be said.
    filter.disagrees === undefined ? undefined : sql`${disagrees} = ${filter.disagrees}`,
  ];
}

export type ListedReview = Omit<ReviewRow, 'search' | 'contentHash' | 'batchId'>;

/** Newest first. Reads one row more than `limit`. */
export async function listReviews(
  db: Database,
  { after, limit, ...filter }: ReviewFilter & { after: readonly [string, string] | null; limit: number },
): Promise<ListedReview[]> {
  const { search: _, contentHash: __, batchId: ___, ...columns } = getTableColumns(reviews);
  const isAfter =
    after === null
      ? undefined
      : sql`(${reviews.at}, ${reviews.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  return db
    .select(columns)
    .from(reviews)
    .where(and(...conditionsOf(filter), isAfter))
    .orderBy(desc(reviews.at), desc(reviews.id))
    .limit(limit + 1);
}

export type ReviewCounts = {
  reviews: number;
  received: number;
  scored: number;
  quarantined: number;
  positive: number;
  neutral: number;
  negative: number;
  averageRating: number | null;
  /** Where the rating says the opposite of the text. */
  disagreements: number;
};
export type ReviewSummary = {
  total: ReviewCounts;
  /** Days in UTC, the latest first. */
  byDay: (ReviewCounts & { day: string })[];
  /** The one with the most reviews first. */
  bySource: (ReviewCounts & { source: string })[];
  byRating: (ReviewCounts & { rating: number | null })[];
};

const most = { days: 3_660, sources: 500 } as const;

/** All in one reading of the reviews. */
export async function summariseReviews(db: Database, filter: ReviewFilter): Promise<ReviewSummary> {
  const rows = await db.execute<
    ReviewCounts & { grouped: number; day: string | null; source: string | null; rating: number | null }
  >(sql`
    select grouping(day, source, rating) as grouped, day::text as day, source, rating,
      count(*)::double precision as reviews,
      (count(*) filter (where status = 'received'))::double precision as received,
      (count(*) filter (where status = 'scored'))::double precision as scored,
      (count(*) filter (where status = 'quarantined'))::double precision as quarantined,
      (count(*) filter (where sentiment = 'positive'))::double precision as positive,
      (count(*) filter (where sentiment = 'neutral'))::double precision as neutral,
      (count(*) filter (where sentiment = 'negative'))::double precision as negative,
      avg(rating)::double precision as "averageRating",
      (count(*) filter (where disagrees))::double precision as disagreements
    from (
      select (${reviews.at} at time zone 'UTC')::date as day, ${reviews.source} as source,
        ${reviews.rating} as rating, ${reviews.status} as status, ${reviews.sentiment} as sentiment,
        ${disagrees} as disagrees
      from ${reviews} where ${and(sql`true`, ...conditionsOf(filter))}
    ) as found
    group by grouping sets ((), (day), (source), (rating))
    order by grouped, day desc, reviews desc, source, rating`);
  const counts = ({
    grouped: _,
    day: __,
    source: ___,
    rating: ____,
    ...rest
  }: (typeof rows)[number]): ReviewCounts => rest;
  // Bits of what a row is not grouped by: day 4, source 2, rating 1.
  const group = (bits: number) => rows.filter(({ grouped }) => grouped === bits);
  const [total] = group(7);
  if (total === undefined) throw new Error('an aggregate without groups has one row');
  return {
    total: counts(total),
    byDay: group(3)
      .slice(0, most.days)
      .map((row) => ({ day: row.day ?? '', ...counts(row) })),
    bySource: group(5)
      .slice(0, most.sources)
      .map((row) => ({ source: row.source ?? '', ...counts(row) })),
    byRating: group(6).map((row) => ({ rating: row.rating, ...counts(row) })),
  };
}

export type QuarantineRow = typeof reviewQuarantine.$inferSelect;

/** Newest first. Reads one row more than `limit`. */
export async function listQuarantine(
  db: Database,
  {
    source,
    after,
    limit,
  }: { source?: string | undefined; after: readonly [string, string] | null; limit: number },
): Promise<QuarantineRow[]> {
  const { receivedAt, id } = reviewQuarantine;
  return db
    .select()
    .from(reviewQuarantine)
    .where(
      and(
        source === undefined ? undefined : eq(reviewQuarantine.source, source),
        after === null
          ? undefined
          : sql`(${receivedAt}, ${id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`,
      ),
    )
    .orderBy(desc(receivedAt), desc(id))
    .limit(limit + 1);
}
