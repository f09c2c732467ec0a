import { z } from '@hono/zod-openapi';
import { pipelineNameSchema, sha256Schema } from '../ids.ts';
import { settingsChangeSchema } from '../settings.ts';
import { freeForm } from './shared.ts';

export const pipelineSummarySchema = z
  .object({
    name: pipelineNameSchema,
    title: z.string(),
    description: z.string(),
    task: z.enum(['regression', 'binary', 'multiclass', 'clustering']),
    /** Moment of prediction. */
    moment: z.string(),
    candidates: z.array(z.string()),
    /** Version in production. */
    production: z.int().nullable(),
  })
  .openapi('PipelineSummary');
export type PipelineSummary = z.infer<typeof pipelineSummarySchema>;

export const pipelineDetailSchema = pipelineSummarySchema
  .omit({ candidates: true })
  .extend({
    target: freeForm.nullable(),
    moments: z.array(z.object({ name: z.string(), description: z.string() })),
    tables: z.record(z.string(), freeForm),
    exclusions: z.record(z.string(), z.string()),
    cleaning: z.array(z.string()),
    refused: z.record(z.string(), z.string()),
    /** JSON Schema of one instance of a prediction request. */
    instanceSchema: freeForm,
    example: freeForm,
    /** Tables whose rows a prediction request may carry in place of instances, each with the column to group them by. */
    predictFrom: z
      .object({
        tables: z.record(z.string(), z.object({ by: z.string() })),
        at: z.string().optional(),
      })
      .nullable(),
    parameters: z.record(z.string(), freeForm),
    candidates: z.record(z.string(), freeForm),
    variants: z.record(z.string(), freeForm),
    split: freeForm,
    selection: freeForm,
    gate: freeForm,
    /** Of a task with classes: fixed, or the metric it is chosen by. */
    threshold: freeForm.nullable(),
    tiers: z.array(z.object({ name: z.string(), title: z.string(), from: z.number(), action: z.string() })),
    /** What the settings file sets anew, with the declared values; the hash is the one that runs record. */
    settings: z.object({ sha256: sha256Schema.nullable(), changes: z.array(settingsChangeSchema) }),
    /** The source a run takes when its request names none. */
    defaultSource: z.string(),
  })
  .openapi('Pipeline');
export type PipelineDetail = z.infer<typeof pipelineDetailSchema>;

export const pipelineListSchema = z.object({ items: z.array(pipelineSummarySchema) });
