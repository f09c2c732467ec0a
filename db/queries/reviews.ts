import { and, count, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Sha256 } from '../../contracts/ids.ts';
import type { Review, ScoringVersion, Sentiment, TopicWeight } from '../../contracts/reviews.ts';
import type { Database } from '../client.ts';
import { reviewQuarantine, reviews } from '../schema/reviews.ts';
import type { Queries } from './runs.ts';

export type ReviewRow = typeof reviews.$inferSelect;

/** A review on its way into the table; `id` is a UUIDv7, `externalId` the source's own. */
export type NewReview = Omit<Review, 'id'> & {
  id: string;
  externalId: string | null;
  contentHash: Sha256;
  batchId: string;
};

/**
 * Stores those that are not there yet, by one statement; the rows go as one JSON text, which keeps nulls and needs no
 * quoting of its own.
 * @returns batch → how many of its reviews were new
 */
export async function insertReviews(
  tx: Queries,
  rows: readonly NewReview[],
): Promise<ReadonlyMap<string, number>> {
  const inserted = await tx.execute<{ batchId: string; count: number }>(sql`
    with stored as (
      insert into reviews
        (id, source, external_id, content_hash, title, text, rating, published_at, author, url, language, at, batch_id)
      select id, source, "externalId", "contentHash", title, text, rating, "publishedAt", author, url, language,
        coalesce("publishedAt", now()), "batchId"
      from json_to_recordset(${JSON.stringify(rows)}::json) as row (
        id uuid, source text, "externalId" text, "contentHash" text, title text, text text, rating smallint,
        "publishedAt" timestamptz, author text, url text, language text, "batchId" uuid
      )
      on conflict do nothing
      returning batch_id
    )
    select batch_id as "batchId", count(*)::integer as count from stored group by batch_id`);
  return new Map(inserted.map(({ batchId, count }) => [batchId, count]));
}

export type QuarantinedRecord = Omit<typeof reviewQuarantine.$inferInsert, 'receivedAt' | 'times'>;

/** Keeps what is no review; the same sent again is counted, not kept twice. */
export async function quarantineRecords(tx: Queries, records: readonly QuarantinedRecord[]): Promise<void> {
  // The same record twice in one statement would be an error of the statement.
  const distinct = [...new Map(records.map((record) => [record.contentHash, record])).values()];
  if (distinct.length === 0) return;
  await tx
    .insert(reviewQuarantine)
    .values(distinct)
    .onConflictDoUpdate({
      target: reviewQuarantine.contentHash,
      set: { times: sql`${reviewQuarantine.times} + 1`, errors: sql`excluded.errors` },
    });
}

/** What scoring needs of a review. */
export type WaitingReview = Pick<
  ReviewRow,
  'id' | 'source' | 'title' | 'text' | 'rating' | 'publishedAt' | 'author' | 'url' | 'language'
>;

/** Reviews of the batches that have not been scored, in the order of their ids. */
export async function readWaitingReviews(
  db: Database,
  batchIds: readonly string[],
  limit: number,
): Promise<WaitingReview[]> {
  const { id, source, title, text, rating, publishedAt, author, url, language } = reviews;
  return db
    .select({ id, source, title, text, rating, publishedAt, author, url, language })
    .from(reviews)
    .where(and(inArray(reviews.batchId, [...batchIds]), eq(reviews.status, 'received')))
    .orderBy(reviews.id)
    .limit(limit);
}

/** Whether another version than this one scored a review. */
export const isByOther = ({ pipeline, version }: ScoringVersion): SQL<boolean> =>
  sql`(${reviews.scoredPipeline}, ${reviews.scoredVersion}) is distinct from (${pipeline}, ${version})`;

/** What a model says of a review. */
export type ReviewScore = {
  id: string;
  language: string | null;
  sentiment: Sentiment;
  probabilities: Record<string, number>;
  topic: string | null;
  topicWeights: TopicWeight[] | null;
};

/**
 * Reviews that another version than this one scored, those of one version after the other: in the order of the index,
 * which alone finds the few that are left among many.
 */
export async function readOutdatedReviews(
  db: Pick<Database, 'select'>,
  { pipeline, version }: ScoringVersion,
  limit: number,
): Promise<WaitingReview[]> {
  const { id, source, title, text, rating, publishedAt, author, url, language } = reviews;
  const found: WaitingReview[] = [];
  for (const side of ['<', '>'] as const) {
    const rows = await db
      .select({ id, source, title, text, rating, publishedAt, author, url, language })
      .from(reviews)
      .where(
        and(
          eq(reviews.status, 'scored'),
          sql`(${reviews.scoredPipeline}, ${reviews.scoredVersion}) ${sql.raw(side)} (${pipeline}::text, ${version}::integer)`,
        ),
      )
      .orderBy(reviews.scoredPipeline, reviews.scoredVersion, reviews.at, reviews.id)
      .limit(limit - found.length);
    found.push(...rows);
    if (found.length === limit) break;
  }
  return found;
}

/** How many another version than this one has scored. */
export async function countOutdatedReviews(db: Database, by: ScoringVersion): Promise<number> {
  const [row] = await db
    .select({ reviews: count() })
    .from(reviews)
    .where(and(eq(reviews.status, 'scored'), isByOther(by)));
  return row?.reviews ?? 0;
}

/** What a scoring may write to: what has come, or what was scored before, unless it was by this very version. */
export type Scorable = 'received' | 'scored';
const isScorable = (of: Scorable, by: ScoringVersion) =>
  of === 'received' ? eq(reviews.status, of) : and(eq(reviews.status, of), isByOther(by));

/** However often a version scores a review, the effect is one. */
export async function storeReviewScores(
  tx: Queries,
  { of, by, scores }: { of: Scorable; by: ScoringVersion; scores: readonly ReviewScore[] },
): Promise<void> {
  if (scores.length === 0) return;
  await tx.execute(sql`
    update reviews set
      status = 'scored', reason = null, language = coalesce(reviews.language, row.language),
      sentiment = row.sentiment, probabilities = row.probabilities, topic = row.topic,
      topic_weights = row."topicWeights", scored_pipeline = ${by.pipeline}, scored_version = ${by.version},
      scored_at = now()
    from json_to_recordset(${JSON.stringify(scores)}::json) as row (
      id uuid, language text, sentiment text, probabilities jsonb, topic text, "topicWeights" jsonb
    )
    where reviews.id = row.id and ${isScorable(of, by)}`);
}

/** Reviews that no model can score stay where they are seen, with the reason. */
export async function quarantineReviews(
  tx: Queries,
  { of, refused }: { of: Scorable; refused: readonly { id: string; reason: string }[] },
): Promise<void> {
  if (refused.length === 0) return;
  await tx.execute(sql`
    update reviews set status = 'quarantined', reason = row.reason
    from json_to_recordset(${JSON.stringify(refused)}::json) as row (id uuid, reason text)
    where reviews.id = row.id and reviews.status = ${of}`);
}
