import { z } from '@hono/zod-openapi';
import { topicMethodSchema } from '../../ml/topics/method.ts';
import { pipelineNameSchema } from '../ids.ts';
import { reviewLimits, reviewStatuses, sentiments } from '../reviews.ts';
import {
  inOrder,
  metrics,
  outOfOrder,
  page,
  pageQuerySchema,
  time,
  timeFilter,
  versionSchema,
  wholeNumber,
  yesOrNo,
} from './shared.ts';

/** Records of a request that are listed by their reason; the others are only counted, and are in quarantine all the same. */
export const maxListedRejections = 1_000;

export const reviewsAcceptedSchema = z
  .object({
    accepted: z.int().openapi({ description: 'Reviews that are stored now and were not before.' }),
    duplicates: z.int().openapi({
      description: 'Reviews that were there already, by source and id, or by content without an id.',
    }),
    rejected: z
      .array(
        z.object({
          index: z.int().openapi({ description: "The record's number in the request, from 0." }),
          errors: z.array(z.object({ pointer: z.string(), message: z.string() })),
        }),
      )
      .openapi({
        description: `What is no review, and why: it is in quarantine. At most ${maxListedRejections} are listed.`,
      }),
    rejectedCount: z.int(),
  })
  .openapi('ReviewsAccepted');
export type ReviewsAccepted = z.infer<typeof reviewsAcceptedSchema>;

/** Text search takes no more words than a person types. */
const wordsLength = 500;

const filterShape = {
  source: z.string().max(reviewLimits.sourceCharacters).optional(),
  from: timeFilter.optional().openapi({ description: 'Published from then on, inclusive.' }),
  to: timeFilter.optional().openapi({ description: 'Published before then.' }),
  status: z.enum(reviewStatuses).optional(),
  sentiment: z.enum(sentiments).optional(),
  topic: z.string().max(200).optional(),
  rating: wholeNumber(5).optional(),
  language: z.string().max(35).optional(),
  words: z.string().min(1).max(wordsLength).optional().openapi({
    description:
      'Words of title or text, as search engines take them: all of them, `"in this order"`, `or`, `-without`.',
  }),
  disagrees: yesOrNo.optional().openapi({
    description:
      'Whether the rating says the opposite of the text: 4 or 5 over a negative text, 1 or 2 over a positive one.',
  }),
};
export const reviewQuerySchema = pageQuerySchema.extend(filterShape).refine(inOrder, outOfOrder);
export const reviewSummaryQuerySchema = z.strictObject(filterShape).refine(inOrder, outOfOrder);
export const quarantineQuerySchema = pageQuerySchema.extend({ source: filterShape.source });

export const storedReviewSchema = z
  .object({
    id: z.uuid(),
    source: z.string(),
    externalId: z.string().nullable().openapi({ description: 'The id that its source gave it.' }),
    title: z.string().nullable(),
    text: z.string().nullable(),
    rating: z.int().nullable(),
    publishedAt: time.nullable(),
    author: z.string().nullable(),
    url: z.string().nullable(),
    language: z.string().nullable(),
    receivedAt: time,
    status: z.enum(reviewStatuses),
    reason: z.string().nullable().openapi({ description: 'Why no model could score it.' }),
    sentiment: z.enum(sentiments).nullable(),
    probabilities: metrics.nullable(),
    topic: z.string().nullable(),
    topicWeights: z.array(z.object({ topic: z.string(), weight: z.number() })).nullable(),
    scoredBy: z.object({ pipeline: pipelineNameSchema, version: z.int(), at: time }).nullable(),
  })
  .openapi('Review');
export const reviewListSchema = page(storedReviewSchema);
export type ReviewList = z.infer<typeof reviewListSchema>;

const counts = {
  reviews: z.int(),
  received: z.int().openapi({ description: 'Not scored yet.' }),
  scored: z.int(),
  quarantined: z.int(),
  positive: z.int(),
  neutral: z.int(),
  negative: z.int(),
  averageRating: z.number().nullable(),
  disagreements: z.int().openapi({ description: 'Where the rating says the opposite of the text.' }),
};
export const reviewSummarySchema = z
  .object({
    total: z.object(counts),
    byDay: z.array(z.object({ day: z.iso.date(), ...counts })),
    bySource: z.array(z.object({ source: z.string(), ...counts })),
    byRating: z.array(z.object({ rating: z.int().nullable(), ...counts })),
  })
  .openapi('ReviewSummary');
export type ReviewSummary = z.infer<typeof reviewSummarySchema>;

const estimate = (description: string) =>
  z.object({ value: z.number(), standardError: z.number().nullable() }).openapi({ description });
const satisfaction = z.number().openapi({
  description: 'Positive less negative reviews, per hundred: from −100 to 100.',
});
const sentimentCounts = { positive: z.int(), neutral: z.int(), negative: z.int() };

export const satisfactionPeriods = ['week', 'month', 'quarter', 'year'] as const;
export type SatisfactionPeriod = (typeof satisfactionPeriods)[number];
const period = z.enum(satisfactionPeriods).default('month');

export const reviewInsightsQuerySchema = z
  .strictObject({
    ...filterShape,
    recentDays: z.coerce.number().int().min(1).max(3_650).default(90).openapi({
      description: 'Reviews no older than this, counted from the latest one found, are recent.',
    }),
    period,
  })
  .refine(inOrder, outOfOrder);

const topicExamples = z.array(
  z.object({
    id: z.uuid(),
    title: z.string().nullable(),
    text: z.string().nullable(),
    rating: z.int().nullable(),
    sentiment: z.enum(sentiments),
  }),
);

const topicInsightSchema = z.object({
  topic: z.string(),
  reviews: z.int(),
  share: z.number().openapi({ description: 'Of all scored reviews with a topic.' }),
  ...sentimentCounts,
  averageRating: z.number().nullable(),
  ratings: z.array(z.object({ rating: z.int(), ...sentimentCounts })),
  satisfaction,
  effect: estimate('How far the satisfaction of all reviews is from what it would be without this topic.'),
  rise: estimate('Share of the topic among recent reviews less that among earlier ones.').nullable(),
  examples: topicExamples,
});

export const reviewInsightsSchema = z
  .object({
    reviews: z.int().openapi({ description: 'Scored, with or without a topic.' }),
    topics: z
      .array(topicInsightSchema)
      .openapi({ description: 'The one that lowers satisfaction most first.' }),
    periods: z
      .array(
        z.object({
          from: z.iso.date(),
          reviews: z.int(),
          ...sentimentCounts,
          averageRating: z.number().nullable(),
          satisfaction,
        }),
      )
      .openapi({ description: 'The latest first; days in UTC.' }),
  })
  .openapi('ReviewInsights');
export type ReviewInsights = z.infer<typeof reviewInsightsSchema>;

export const reviewTopicsQuerySchema = z.strictObject({ ...filterShape, period }).refine(inOrder, outOfOrder);

const coherence = z
  .object({ npmi: z.number(), cv: z.number() })
  .openapi({ description: 'How often the heaviest words stand together in the texts, by two measures.' });

const versionTopicSchema = z.object({
  id: z.int().openapi({ description: 'The same in all versions in which the topic was found again.' }),
  name: z.string(),
  words: z
    .array(z.object({ word: z.string(), weight: z.number() }))
    .openapi({ description: 'The heaviest first; the weights of all words of a topic sum to 1.' }),
  coherence,
  reviews: z.int().openapi({ description: 'Of those found, the ones whose heaviest topic it is.' }),
  share: z.number().openapi({ description: 'Of the scored reviews found that have a topic.' }),
  ...sentimentCounts,
  averageRating: z.number().nullable(),
  satisfaction: satisfaction.nullable(),
  examples: topicExamples.openapi({ description: 'The reviews that are most about it.' }),
  trend: z
    .array(z.object({ from: z.iso.date(), reviews: z.int(), share: z.number() }))
    .openapi({ description: 'Its share of the reviews of each period; the latest first, days in UTC.' }),
});

export const reviewTopicsSchema = z
  .object({
    scoredBy: z
      .object({ pipeline: pipelineNameSchema, version: versionSchema, createdAt: time })
      .nullable()
      .openapi({ description: 'The version in production that scores reviews.' }),
    message: z.string().nullable().openapi({ description: 'Why there are no topics.' }),
    learned: z
      .object({
        method: topicMethodSchema,
        documents: z.int().openapi({ description: 'Texts that the topics were learned from.' }),
        coherence,
      })
      .nullable(),
    reviews: z.int().openapi({ description: 'Scored, with or without a topic.' }),
    withoutTopic: z.int(),
    topics: z
      .array(versionTopicSchema)
      .openapi({ description: "The version's, the one with the most reviews first." }),
    earlier: z
      .object({
        reviews: z.int(),
        ended: z.array(z.object({ topic: z.string(), reviews: z.int() })),
      })
      .openapi({
        description:
          'Of the reviews found, those that another version scored, and those with a topic that is none of this version.',
      }),
  })
  .openapi('ReviewTopics');
export type ReviewTopics = z.infer<typeof reviewTopicsSchema>;

export const quarantinedRecordSchema = z
  .object({
    id: z.uuid(),
    receivedAt: time,
    source: z.string().nullable(),
    externalId: z.string().nullable(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })),
    content: z.string().openapi({ description: 'The record as it was sent, or its beginning.' }),
    bytes: z.int(),
    complete: z.boolean().openapi({ description: 'Whether all of it is kept, so that it can be replayed.' }),
    times: z.int().openapi({ description: 'How often it was sent.' }),
  })
  .openapi('QuarantinedRecord');
export const quarantineListSchema = page(quarantinedRecordSchema);
export type QuarantineList = z.infer<typeof quarantineListSchema>;

export const replayRequestSchema = z
  .strictObject({
    ids: z.array(z.uuid()).min(1).max(1_000).optional().openapi({
      description: 'Of records in quarantine, or of reviews that no model could score. Default: all.',
    }),
  })
  .openapi('ReplayRequest');
export const replayedSchema = z
  .object({
    accepted: z.int().openapi({ description: 'Records that are reviews now.' }),
    duplicates: z
      .int()
      .openapi({ description: 'Records that were stored meanwhile: they have left quarantine too.' }),
    rejected: z.int().openapi({ description: 'Records that stay.' }),
    rescored: z.int().openapi({ description: 'Reviews that will be scored again.' }),
  })
  .openapi('Replayed');
export type Replayed = z.infer<typeof replayedSchema>;

export const rescoreRequestSchema = z.strictObject({}).openapi('RescoreRequest');
export const rescoredSchema = z
  .object({
    version: z.int().openapi({ description: 'The one in production, by which they are scored.' }),
    reviews: z.int().openapi({ description: 'That other versions have scored, and this one scores again.' }),
  })
  .openapi('Rescored');
export type Rescored = z.infer<typeof rescoredSchema>;
