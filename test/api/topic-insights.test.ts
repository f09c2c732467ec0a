import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeTopics, satisfactionIndex } from '../../api/reviews/topic-insights.ts';
import type { TopicCell } from '../../db/queries/review-insights.ts';

const cell = (
  topic: string | null,
  sentiment: TopicCell['sentiment'],
  reviews: number,
  change: Partial<TopicCell> = {},
): TopicCell => ({ topic, sentiment, rating: null, isRecent: false, reviews, ...change });

describe('topics by what they do to satisfaction', () => {
  test('come with the one that lowers it most first, and its effect beside the standard error', () => {
    const topics = describeTopics([
      cell('claims', 'negative', 30, { rating: 1 }),
      cell('claims', 'positive', 10, { rating: 5 }),
      cell('price', 'neutral', 20),
      cell('staff', 'positive', 40, { rating: 5 }),
      cell(null, 'negative', 1_000),
    ]);
    expect(topics.map(({ topic }) => topic)).toEqual(['claims', 'price', 'staff']);
    // Of the others 40 of 60 are positive: 66.7; all together (50 − 30) of 100: 20.
    expect(topics[0]).toMatchObject({ share: 0.4, satisfaction: -50, averageRating: 2 });
    expect(topics[0]?.effect.value).toBeCloseTo(20 - 200 / 3, 10);
    // Scores of ±1: variance 1 − 0.25 over 40; of the others 2/3 − 4/9 over 60.
    expect(topics[0]?.effect.standardError).toBeCloseTo(40 * Math.sqrt(0.75 / 40 + 2 / 9 / 60), 10);
    expect(topics[0]?.ratings).toEqual([
      { rating: 1, positive: 0, neutral: 0, negative: 30 },
      { rating: 5, positive: 10, neutral: 0, negative: 0 },
    ]);
  });

  test('are on the rise by their share among recent reviews', () => {
    const topics = describeTopics([
      cell('app', 'positive', 10),
      cell('app', 'positive', 30, { isRecent: true }),
      cell('price', 'positive', 90),
      cell('price', 'positive', 70, { isRecent: true }),
    ]);
    const app = topics.find(({ topic }) => topic === 'app');
    expect(app?.rise?.value).toBeCloseTo(0.3 - 0.1, 12);
    expect(app?.rise?.standardError).toBeCloseTo(Math.sqrt((0.3 * 0.7 + 0.1 * 0.9) / 100), 12);
  });

  test('have no rise without earlier reviews, and one alone has no effect', () => {
    expect(describeTopics([cell('app', 'negative', 5, { isRecent: true })])).toMatchObject([
      { rise: null, effect: { value: 0, standardError: null }, share: 1 },
    ]);
    expect(describeTopics([])).toEqual([]);
  });

  test('have effects that are the index of all less the index without them', () => {
    const sentiment = fc.constantFrom('positive', 'neutral', 'negative');
    const cells = fc.array(
      fc
        .tuple(fc.constantFrom('a', 'b', 'c'), sentiment, fc.integer({ min: 1, max: 50 }))
        .map((of) => cell(...of)),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(cells, (some) => {
        const indexOf = (of: readonly TopicCell[]) => {
          const count = (wanted?: string) =>
            of.reduce(
              (sum, { sentiment: is, reviews }) =>
                sum + (wanted === undefined || is === wanted ? reviews : 0),
              0,
            );
          return satisfactionIndex({
            reviews: count(),
            positive: count('positive'),
            negative: count('negative'),
          });
        };
        for (const { topic, effect } of describeTopics(some)) {
          const others = some.filter((of) => of.topic !== topic);
          if (others.length > 0) expect(effect.value).toBeCloseTo(indexOf(some) - indexOf(others), 9);
        }
      }),
    );
  });
});
