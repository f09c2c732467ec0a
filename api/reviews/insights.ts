import type { ReviewInsights, SatisfactionPeriod } from '../../contracts/http/reviews.ts';
import type { Sentiment } from '../../contracts/reviews.ts';
import type { Database } from '../../db/client.ts';
import {
  countPeriodCells,
  countTopicCells,
  listTopicExamples,
  type TopicExample,
} from '../../db/queries/review-insights.ts';
import type { ReviewFilter } from '../../db/queries/review-views.ts';
import { describeCounts, latestPeriods, sumOfCells } from './periods.ts';
import { examplesOfTopic, firstExamples } from './topic-examples.ts';
import { describeTopics, satisfactionIndex, type TopicInsight } from './topic-insights.ts';

/** What lowers satisfaction and what is talked of more than before, with examples, and how satisfaction went. */
export async function readInsights(
  db: Database,
  { recentDays, period, ...filter }: ReviewFilter & { recentDays: number; period: SatisfactionPeriod },
): Promise<ReviewInsights> {
  const [cells, periods, examples] = await Promise.all([
    countTopicCells(db, { ...filter, recentDays }),
    countPeriodCells(db, { ...filter, period }),
    listTopicExamples(db, { ...filter, each: examplesOfTopic }),
  ]);
  return {
    reviews: cells.reduce((sum, { reviews }) => sum + reviews, 0),
    topics: describeTopics(cells).map((topic) => ({ ...topic, examples: examplesOf(topic, examples) })),
    periods: latestPeriods(periods).map(({ from, cells: ofPeriod }) => {
      const counts = sumOfCells(ofPeriod);
      return { from, ...describeCounts(counts), satisfaction: satisfactionIndex(counts) };
    }),
  };
}

/** Those that show why: negative reviews of a topic that lowers satisfaction, positive ones of one that raises it. */
function examplesOf({ topic, effect }: TopicInsight, examples: readonly TopicExample[]) {
  const wanted: Sentiment = effect.value < 0 ? 'negative' : 'positive';
  const own = examples.filter((example) => example.topic === topic);
  return firstExamples(own, (a, b) => Number(b.sentiment === wanted) - Number(a.sentiment === wanted));
}
