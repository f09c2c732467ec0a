import { z } from '@hono/zod-openapi';
import { pipelineNameSchema } from '../ids.ts';
import { lineageSchema } from './models.ts';
import { freeForm, httpLimits, metrics, page, pageQuerySchema, time } from './shared.ts';
import { gateVerdictSchema } from './verdict.ts';

export const predictRequestSchema = z
  .strictObject({
    instances: z
      .array(z.unknown())
      .min(1)
      .max(httpLimits.instances)
      .openapi({
        type: 'array',
        items: { type: 'object' },
        description: 'Each as `instanceSchema` of the pipeline says.',
      }),
    version: z.int().min(1).optional().openapi({ description: 'Default: the version in production.' }),
  })
  .openapi('PredictRequest');
export type PredictRequest = { instances: Record<string, unknown>[]; version?: number };

export const predictionResultSchema = z
  .object({
    id: z.uuid(),
    /** Regression. */
    value: z.number().optional(),
    /** Classification. */
    label: z.string().optional(),
    /** Of the positive class (binary), or of the label (more classes). */
    probability: z.number().optional(),
    probabilities: metrics.optional(),
    tier: z.string().optional(),
    action: z.string().optional(),
    /** Clustering. */
    segment: z.int().optional(),
  })
  .openapi('PredictionResult');
export type PredictionResult = z.infer<typeof predictionResultSchema>;

export const predictResponseSchema = z
  .object({
    model: z.object({ pipeline: pipelineNameSchema, version: z.int() }),
    predictions: z.array(predictionResultSchema),
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
export const predictionQuerySchema = pageQuerySchema.extend({
  pipeline: pipelineNameSchema.optional(),
  tier: z.string().max(128).optional(),
  label: z.string().max(128).optional(),
  version: z.coerce.number().int().min(1).optional(),
  from: time.optional().openapi({ description: 'Inclusive.' }),
  to: time.optional().openapi({ description: 'Exclusive.' }),
});
export const predictionListSchema = page(predictionSchema);
export type PredictionList = z.infer<typeof predictionListSchema>;
