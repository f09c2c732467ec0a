import { and, eq, sql } from 'drizzle-orm';
import type { SatisfactionPeriod } from '../../contracts/http/reviews.ts';
import type { ScoringVersion, Sentiment } from '../../contracts/reviews.ts';
import type { Database } from '../client.ts';
import { reviews } from '../schema/reviews.ts';
import { conditionsOf, type ReviewFilter } from './review-views.ts';
import { isByOther } from './reviews.ts';

/** Scored reviews that share topic, sentiment, rating, and whether they are recent. */
export type TopicCell = {
  topic: string | null;
  sentiment: Sentiment;
  rating: number | null;
  isRecent: boolean;
  reviews: number;
};

/** Scored reviews of a period that share a topic. */
export type PeriodCell = {
  /** First day of the period, in UTC; weeks begin on Monday. */
  from: string;
  topic: string | null;
  reviews: number;
  positive: number;
  neutral: number;
  negative: number;
  /** How many have a rating, and the sum of these. */
  rated: number;
  ratings: number;
  /** Scored by another version than the one asked for; 0 where none is. */
  byOthers: number;
};

export type TopicExample = {
  topic: string;
  sentiment: Sentiment;
  id: string;
  title: string | null;
  text: string | null;
  rating: number | null;
  /** How much of it the topic makes up, less where it is short. */
  worth: number;
};

const scoredOf = (filter: ReviewFilter) => and(eq(reviews.status, 'scored'), ...conditionsOf(filter));

/** @param filter.recentDays reviews no older than this, counted from the latest one found, are recent */
export async function countTopicCells(
  db: Database,
  { recentDays, ...filter }: ReviewFilter & { recentDays: number },
): Promise<TopicCell[]> {
  const rows = await db.execute<TopicCell>(sql`
    with latest as (select max(${reviews.at}) as at from ${reviews} where ${scoredOf(filter)})
    select ${reviews.topic} as topic, ${reviews.sentiment} as sentiment, ${reviews.rating} as rating,
      ${reviews.at} > (select at from latest) - make_interval(days => ${recentDays}) as "isRecent",
      count(*)::double precision as reviews
    from ${reviews} where ${scoredOf(filter)}
    group by 1, 2, 3, 4
    order by 1, 2, 3, 4`);
  return [...rows];
}

/** The latest period first. */
export async function countPeriodCells(
  db: Database,
  {
    period,
    scoredBy = null,
    ...filter
  }: ReviewFilter & { period: SatisfactionPeriod; scoredBy?: ScoringVersion | null },
): Promise<PeriodCell[]> {
  const byOthers = scoredBy === null ? sql`false` : isByOther(scoredBy);
  const rows = await db.execute<PeriodCell>(sql`
    select period::date::text as "from", topic, reviews, positive, neutral, negative, rated, ratings, "byOthers"
    from (
      select date_trunc(${period}, ${reviews.at} at time zone 'UTC') as period, ${reviews.topic} as topic,
        count(*)::double precision as reviews,
        (count(*) filter (where ${reviews.sentiment} = 'positive'))::double precision as positive,
        (count(*) filter (where ${reviews.sentiment} = 'neutral'))::double precision as neutral,
        (count(*) filter (where ${reviews.sentiment} = 'negative'))::double precision as negative,
        count(${reviews.rating})::double precision as rated,
        coalesce(sum(${reviews.rating}), 0)::double precision as ratings,
        (count(*) filter (where ${byOthers}))::double precision as "byOthers"
      from ${reviews} where ${scoredOf(filter)}
      group by 1, 2
    ) as counted
    order by period desc, topic`);
  return [...rows];
}

/** A text of so many bytes shows what a topic is about; in a shorter one a single word may decide. */
const tellingBytes = 200;

/** As many percent of the table as tell, of a million reviews, all but the heaviest few thousand apart from the rest. */
const samplePercent = 1;

/**
 * Of each topic and sentiment the reviews that are most about it; of equal ones the latest.
 *
 * What is not among the heaviest of a sample is not among the heaviest of all: only the rest is sorted.
 */
export async function listTopicExamples(
  db: Database,
  { each, ...filter }: ReviewFilter & { each: number },
): Promise<TopicExample[]> {
  const weight = sql`(${reviews.topicWeights} -> 0 ->> 'weight')::double precision`;
  const worth = sql`(${weight} * least(1, octet_length(coalesce(${reviews.text}, ${reviews.title})) / ${sql.raw(String(tellingBytes))}::double precision))`;
  const found = and(scoredOf(filter), sql`${reviews.topic} is not null`);
  const rows = await db.execute<TopicExample>(sql`
    select topic, sentiment, id, title, text, rating, worth
    from (
      select ${reviews.topic} as topic, ${reviews.sentiment} as sentiment, ${reviews.id} as id,
        ${reviews.title} as title, ${reviews.text} as text, ${reviews.rating} as rating, ${worth} as worth,
        row_number() over (
          partition by ${reviews.topic}, ${reviews.sentiment}
          order by ${worth} desc, ${reviews.at} desc, ${reviews.id}
        ) as place
      from ${reviews} left join (
        select ${reviews.topic} as topic, ${reviews.sentiment} as sentiment,
          (array_agg(${worth} order by ${worth} desc))[${sql.raw(String(each))}] as least
        from ${reviews} tablesample system (${sql.raw(String(samplePercent))}) repeatable (0) where ${found}
        group by 1, 2
      ) as sample on sample.topic = ${reviews.topic} and sample.sentiment = ${reviews.sentiment}
      where ${and(found, sql`${worth} >= coalesce(sample.least, 0)`)}
    ) as ranked
    where place <= ${each}
    order by topic, sentiment, place`);
  return [...rows];
}
