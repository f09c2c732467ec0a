import { z } from '@hono/zod-openapi';
import { pipelineNameSchema } from '../ids.ts';
import { inOrder, outOfOrder, page, pageQuerySchema, time, timeFilter, yesOrNo } from './shared.ts';

export const driftQuerySchema = pageQuerySchema
  .extend({
    from: timeFilter.optional().openapi({ description: 'Days that begin then or later.' }),
    to: timeFilter.optional().openapi({ description: 'Days that begin before then.' }),
    alert: yesOrNo.optional().openapi({ description: 'Days with an alert, or without one.' }),
  })
  .refine(inOrder, outOfOrder);

const share = z.number().openapi({ description: 'Of the reviews of the day, 0 to 1.' });
const shareBefore = z.number().openapi({ description: 'Of the reviews that the version was trained on.' });
const difference = {
  reviews: z.int().openapi({ description: 'Of the day, those that it was measured on.' }),
  distance: z.number().openapi({
    description:
      'The largest difference of a share, 0 to 1: of reviews with a word, of at most so many words, with so many stars, or with a sentiment.',
  }),
  pValue: z.number().openapi({
    description: 'Probability that as few reviews of the old kind differ as much by chance.',
  }),
  adjustedPValue: z.number().nullable().openapi({
    description: 'The same, all days and respects allowed for; null where the day has too few reviews.',
  }),
  alert: z.boolean(),
};
const words = z.array(z.object({ word: z.string(), share, before: shareBefore }));
const shares = z.object({
  ...difference,
  shares: z.array(z.object({ value: z.string(), share, before: shareBefore })),
});

export const driftDaySchema = z
  .object({
    day: z.iso.date().openapi({ description: 'In UTC.' }),
    reviews: z.int(),
    alert: z.boolean().openapi({ description: 'Whether one of the four is an alert.' }),
    measuredAt: time,
    words: z.object({ ...difference, rose: words, fell: words }),
    length: z.object({
      ...difference,
      median: z.number().openapi({ description: 'Words of a review.' }),
      medianBefore: z.number(),
    }),
    rating: shares.nullable().openapi({
      description: 'Null where no review has a rating, or the training data have none by star.',
    }),
    sentiment: shares.nullable(),
  })
  .openapi('DriftDay');
export type DriftDay = z.infer<typeof driftDaySchema>;

export const reviewDriftSchema = page(driftDaySchema)
  .extend({
    scoredBy: z.object({ pipeline: pipelineNameSchema, version: z.int() }).nullable().openapi({
      description:
        'The version in production: reviews that it scored are held against what it was trained on.',
    }),
    message: z.string().nullable().openapi({ description: 'Why nothing has been measured.' }),
    measuredAt: time.nullable().openapi({ description: 'When reviews were last looked through.' }),
    reference: z
      .object({
        reviews: z.int().openapi({ description: 'That the version was trained and judged on.' }),
        words: z.int().openapi({ description: 'Words that are counted in them.' }),
      })
      .nullable(),
    rule: z.object({ minReviews: z.int(), level: z.number(), minDistance: z.number() }),
    measured: z.object({ days: z.int(), alerts: z.int() }).openapi({
      description: 'All days of the version, and those of them with an alert.',
    }),
  })
  .openapi('ReviewDrift');
export type ReviewDrift = z.infer<typeof reviewDriftSchema>;

export const driftMeasureRequestSchema = z.strictObject({}).openapi('DriftMeasureRequest');
export const driftRequestedSchema = z
  .object({
    workflowId: z.string(),
    links: z.object({ drift: z.string(), temporal: z.string() }),
  })
  .openapi('DriftRequested');
