import type { TopicExample } from '../../db/queries/review-insights.ts';

export const examplesOfTopic = 3;

/** The first of a topic's examples in an order. */
export const firstExamples = (
  examples: readonly TopicExample[],
  order: (a: TopicExample, b: TopicExample) => number,
): Omit<TopicExample, 'topic' | 'worth'>[] =>
  examples
    .toSorted(order)
    .slice(0, examplesOfTopic)
    .map(({ topic: _, worth: __, ...example }) => example);
