import type { Sentiment } from '../../contracts/reviews.ts';
import type { TopicCell } from '../../db/queries/review-insights.ts';

/** A figure that would be another one over other reviews of the same kind. */
export type Estimate = { value: number; standardError: number | null };

export type TopicInsight = {
  topic: string;
  reviews: number;
  /** Of all scored reviews that have a topic, 0 to 1. */
  share: number;
  positive: number;
  neutral: number;
  negative: number;
  averageRating: number | null;
  ratings: { rating: number; positive: number; neutral: number; negative: number }[];
  /** Satisfaction index of its reviews. */
  satisfaction: number;
  /** By how much the index of all reviews is other than it would be without this topic's. */
  effect: Estimate;
  /** Its share among recent reviews less that among earlier ones; null without either. */
  rise: Estimate | null;
};

type Counts = { reviews: number; positive: number; neutral: number; negative: number };

/**
 * The satisfaction index: positive less negative reviews, per hundred. From −100, all of them negative, to 100.
 * NaN of none.
 */
export const satisfactionIndex = ({ reviews, positive, negative }: Omit<Counts, 'neutral'>): number =>
  (100 * (positive - negative)) / reviews;

/**
 * What each topic does to satisfaction, the one that lowers it most first: first in the list of what to improve.
 *
 * A topic's effect is its share times how far its index is from that of the others. Standard errors take reviews for
 * independent of each other, and the model's sentiment for the truth.
 */
export function describeTopics(cells: readonly TopicCell[]): TopicInsight[] {
  const about = cells.filter((cell): cell is TopicCell & { topic: string } => cell.topic !== null);
  const all = countsOf(about);
  const recent = sumOf(about.filter(({ isRecent }) => isRecent));
  const earlier = all.reviews - recent;
  return [...new Set(about.map(({ topic }) => topic))]
    .map((topic): TopicInsight => {
      const own = about.filter((cell) => cell.topic === topic);
      const counts = countsOf(own);
      const others = minus(all, counts);
      const share = counts.reviews / all.reviews;
      return {
        topic,
        ...counts,
        share,
        averageRating: averageRating(own),
        ratings: byRating(own),
        satisfaction: satisfactionIndex(counts),
        effect:
          others.reviews === 0
            ? { value: 0, standardError: null }
            : {
                value: share * (satisfactionIndex(counts) - satisfactionIndex(others)),
                standardError: share * Math.sqrt(squaredError(counts) + squaredError(others)),
              },
        rise: riseOf(sumOf(own.filter(({ isRecent }) => isRecent)), counts.reviews, { recent, earlier }),
      };
    })
    .sort((a, b) => a.effect.value - b.effect.value || (a.topic < b.topic ? -1 : 1));
}

function riseOf(
  ownRecent: number,
  own: number,
  { recent, earlier }: { recent: number; earlier: number },
): Estimate | null {
  if (recent === 0 || earlier === 0) return null;
  const now = ownRecent / recent;
  const before = (own - ownRecent) / earlier;
  const value = now - before;
  return {
    value,
    standardError: Math.sqrt((now * (1 - now)) / recent + (before * (1 - before)) / earlier),
  };
}

/** Of the index, squared. */
function squaredError(counts: Counts): number {
  const mean = satisfactionIndex(counts) / 100;
  const variance = (counts.positive + counts.negative) / counts.reviews - mean ** 2;
  return (100 ** 2 * variance) / counts.reviews;
}

function countsOf(cells: readonly TopicCell[]): Counts {
  const of = (sentiment: Sentiment) => sumOf(cells.filter((cell) => cell.sentiment === sentiment));
  return {
    reviews: sumOf(cells),
    positive: of('positive'),
    neutral: of('neutral'),
    negative: of('negative'),
  };
}

function byRating(cells: readonly TopicCell[]): TopicInsight['ratings'] {
  const ratings = new Set(cells.flatMap(({ rating }) => rating ?? []));
  return [...ratings]
    .sort((a, b) => a - b)
    .map((rating) => {
      const { reviews: _, ...sentiments } = countsOf(cells.filter((cell) => cell.rating === rating));
      return { rating, ...sentiments };
    });
}

function averageRating(cells: readonly TopicCell[]): number | null {
  const rated = cells.filter(({ rating }) => rating !== null);
  const reviews = sumOf(rated);
  return reviews === 0
    ? null
    : rated.reduce((sum, cell) => sum + (cell.rating ?? 0) * cell.reviews, 0) / reviews;
}

const sumOf = (cells: readonly TopicCell[]): number => cells.reduce((sum, { reviews }) => sum + reviews, 0);

const minus = (all: Counts, some: Counts): Counts => ({
  reviews: all.reviews - some.reviews,
  positive: all.positive - some.positive,
  neutral: all.neutral - some.neutral,
  negative: all.negative - some.negative,
});
