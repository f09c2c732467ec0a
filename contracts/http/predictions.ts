import { z } from '@hono/zod-openapi';
import { explanationSpaces } from '../../ml/explain/explainer.ts';
import { pipelineNameSchema } from '../ids.ts';
import { lineageSchema } from './models.ts';
import {
  freeForm,
  httpLimits,
  maxVersion,
  metrics,
  page,
  pageQuerySchema,
  time,
  timeFilter,
  versionSchema,
  wholeNumber,
} from './shared.ts';
import { gateVerdictSchema } from './verdict.ts';

export const predictRequestSchema = z
  .strictObject({
    instances: z
      .array(z.unknown())
      .min(1)
      .max(httpLimits.instances)
      .optional()
      .openapi({
        type: 'array',
        items: { type: 'object' },
        description: 'Each as `instanceSchema` of the pipeline says.',
      }),
    tables: z
      .record(z.string(), z.array(z.unknown()).min(1))
      .optional()
      .openapi({
        type: 'object',
        additionalProperties: { type: 'array', items: { type: 'object' } },
        description:
          'In place of instances: rows of the tables that `predictFrom` of the pipeline names, of which the instances are made as in training.',
      }),
    at: z
      .union([z.iso.date(), z.iso.datetime({ offset: true, local: true })])
      .optional()
      .openapi({
        description:
          'With `tables`: the reference time. Default: the latest of the rows that the version was trained on.',
      }),
    version: versionSchema.optional().openapi({ description: 'Default: the version in production.' }),
    explain: z
      .boolean()
      .optional()
      .openapi({
        description: `What each feature adds to each prediction; for at most ${httpLimits.explainedInstances} instances.`,
      }),
  })
  .superRefine(({ instances, tables, at, explain }, { addIssue }) => {
    if ((instances === undefined) === (tables === undefined))
      addIssue({
        code: 'custom',
        path: ['instances'],
        message: 'either `instances` or `tables` is needed, not both',
      });
    if (tables === undefined && at !== undefined)
      addIssue({ code: 'custom', path: ['at'], message: 'is for `tables` only' });
    if (explain !== true || instances === undefined || instances.length <= httpLimits.explainedInstances)
      return;
    addIssue({
      code: 'custom',
      path: ['instances'],
      message: `at most ${httpLimits.explainedInstances} are explained at once; there are ${instances.length}`,
    });
  })
  .openapi('PredictRequest');
export type PredictRequest = { version?: number; explain?: boolean } & (
  | { instances: Record<string, unknown>[] }
  | { tables: Record<string, Record<string, unknown>[]>; at?: string }
);

/** `baseValue` and all contributions add up to the prediction in `space`. */
export const explanationSchema = z
  .object({
    baseValue: z.number().openapi({
      description:
        "The model's mean over its training rows, in `space`; of texts, what it gives of one without known words.",
    }),
    space: z.enum(explanationSpaces).openapi({
      description:
        '`value`: the predicted value. `probability`: that of the positive class. `logOdds`: ln(p / (1 - p)) of it, because its probabilities do not add up. `score`: of more than two classes, that of the label less the mean of all; softmax makes probabilities of scores.',
    }),
    contributions: z
      .array(
        z.object({
          feature: z.string(),
          /** As the feature stands before the model's encodings; null where it is missing. */
          value: z.union([z.number(), z.string(), z.null()]),
          contribution: z.number(),
        }),
      )
      .openapi({ description: 'The largest first, by size.' }),
    label: z
      .string()
      .optional()
      .openapi({ description: 'Of more than two classes: the one decided, whose score is explained.' }),
    words: z
      .array(z.object({ feature: z.string(), word: z.string(), contribution: z.number() }))
      .optional()
      .openapi({
        description:
          'Where a text was read: what its words add, the largest first, at most 50. All of them add up to the contribution of the text.',
      }),
    heldToRange: z.object({ from: z.number(), to: z.number() }).optional().openapi({
      description:
        'Where the sum lies outside the range of the target: the sum, and what was answered in its place.',
    }),
  })
  .openapi('Explanation');
export type Explanation = z.infer<typeof explanationSchema>;

export const predictionResultSchema = z
  .object({
    id: z.uuid(),
    /** Regression. */
    value: z.number().optional(),
    /** Of the class, or of the segment (clustering). */
    label: z.string().optional(),
    /** Of the positive class (binary), or of the label (more classes). */
    probability: z.number().optional(),
    probabilities: metrics.optional(),
    /** Of a text: the label, where the target is called so. */
    sentiment: z.string().optional(),
    topics: z
      .array(z.object({ id: z.int(), name: z.string(), weight: z.number() }))
      .optional()
      .openapi({
        description:
          'What the text is about, where the version has topics: those of a weight of 0.01 or more, the heaviest first. An id means the same topic in all versions.',
      }),
    tier: z.string().optional(),
    action: z.string().optional(),
    /** Clustering: the number of the segment in this version, from 0; versions may number theirs in another order. */
    segment: z.int().optional(),
    /** Made from tables: of the entity, and what was made of its rows. */
    key: z.string().optional(),
    instance: freeForm.optional(),
    /** Where it was asked for. */
    explanation: explanationSchema.optional(),
  })
  .openapi('PredictionResult');
export type PredictionResult = z.infer<typeof predictionResultSchema>;

export const predictResponseSchema = z
  .object({
    model: z.object({ pipeline: pipelineNameSchema, version: z.int() }),
    predictions: z.array(predictionResultSchema),
    /** Made from tables: the reference time. */
    at: z.string().optional(),
    leftOut: z
      .array(
        z.object({
          table: z.string().nullable(),
          rule: z.string(),
          column: z.string().nullable(),
          rows: z.int(),
          message: z.string(),
          /** JSON pointer of one of the rows. */
          example: z.string().nullable(),
        }),
      )
      .optional()
      .openapi({ description: 'Made from tables: rows that were left out, by rule, as in training.' }),
  })
  .openapi('PredictResponse');
export type PredictResponse = z.infer<typeof predictResponseSchema>;

export const predictionSchema = z
  .object({
    id: z.uuid(),
    at: time,
    pipeline: pipelineNameSchema,
    version: z.int(),
    label: z.string().nullable(),
    tier: z.string().nullable(),
    /** Probability of the positive class, or the predicted value. */
    score: z.number(),
    action: z.string().nullable(),
    instance: freeForm,
    requestId: z.string(),
  })
  .openapi('Prediction');
export const predictionDetailSchema = predictionSchema
  .extend({ output: freeForm, lineage: lineageSchema.nullable(), verdict: gateVerdictSchema.nullable() })
  .openapi('PredictionDetail');
export const predictionQuerySchema = pageQuerySchema
  .extend({
    pipeline: pipelineNameSchema.optional(),
    tier: z.string().max(128).optional(),
    label: z.string().max(128).optional(),
    version: wholeNumber(maxVersion).optional(),
    from: timeFilter.optional().openapi({ description: 'Inclusive.' }),
    to: timeFilter.optional().openapi({ description: 'Exclusive.' }),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || Date.parse(from) <= Date.parse(to), {
    error: 'must not be later than to',
    path: ['from'],
  });
export const predictionListSchema = page(predictionSchema);
export type PredictionList = z.infer<typeof predictionListSchema>;
