import { z } from 'zod';
import { declaredNameSchema as name } from './ids.ts';
import {
  exampleSchema,
  gateSchema,
  retrainSchema,
  scheduleSchema,
  thresholdSchema,
  tierSchema,
} from './pipeline.ts';
import { cronSchema, jitterSchema, timezoneSchema } from './schedule.ts';

/**
 * The shape of the settings file: what an installation sets anew of its pipelines' declarations. Maps merge by key,
 * lists and `threshold` replace the declared ones, null removes a key (as in RFC 7396, JSON Merge Patch).
 */

const boundsSchema = z.strictObject({
  min: z.number().nullable().optional(),
  max: z.number().nullable().optional(),
  oneOf: z.array(z.string()).nullable().optional(),
});

const candidateSettingsSchema = z.strictObject({
  params: z.record(name, z.unknown()).describe('Replaces the declared ones as a whole'),
});

const pipelineSettingsSchema = z.strictObject({
  parameters: z
    .record(name, z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]))
    .optional()
    .describe("New defaults of the run's parameters, testShare, salt and candidates included"),
  candidates: z
    .record(name, candidateSettingsSchema)
    .optional()
    .describe('Parameters of candidates’ learners, such as a search found'),
  threshold: thresholdSchema.optional().describe('Replaces the declared one; tasks with classes only'),
  tiers: z.array(tierSchema).optional().describe('Replaces the declared list; binary tasks only'),
  gate: overrideOf(gateSchema).optional(),
  bounds: z
    .record(name, boundsSchema)
    .optional()
    .describe(
      'Of the columns of the rows, as prediction requests are held to them, and of a regression’s target',
    ),
  example: exampleSchema
    .optional()
    .describe('Values of the example instance, where new bounds exclude the old'),
  retrain: overrideOf(retrainSchema).optional(),
  schedule: overrideOf(scheduleSchema).nullable().optional(),
});

const driftSchema = z.strictObject({
  cron: cronSchema.default('10 * * * *').describe('When reviews are looked through'),
  timezone: timezoneSchema.default('UTC'),
  jitter: jitterSchema.optional(),
  paused: z.boolean().default(false).describe('Nothing is measured unless it is asked for'),
  minReviews: z.int().min(2).default(20).describe('A day with fewer is no alert'),
  level: z.number().gt(0).max(0.5).default(0.01).describe('Share of the alerts that may be chance'),
  minDistance: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('A lesser difference of shares is no alert, however sure it is'),
});
export type DriftSettings = z.infer<typeof driftSchema>;

const reviewSettingsSchema = z.strictObject({
  drift: driftSchema.prefault({}).describe('How far reviews are from what their model was trained on'),
});
export type ReviewSettings = z.infer<typeof reviewSettingsSchema>;

export const settingsSchema = z.strictObject({
  pipelines: z.record(name, pipelineSettingsSchema).default({}).describe('By the name of the pipeline'),
  reviews: reviewSettingsSchema.prefault({}).describe('What is done with reviews beside scoring them'),
});
export type Settings = z.infer<typeof settingsSchema>;

/** One key that a settings file changes, under its name there; null where there is none. */
export const settingsChangeSchema = z.object({
  key: z.string(),
  declared: z.unknown(),
  value: z.unknown(),
});
export type SettingsChange = z.infer<typeof settingsChangeSchema>;

/** The same maps with every key optional and removable, at each depth. Lists stay whole. */
function overrideOf(schema: z.ZodObject): z.ZodObject {
  const keys = Object.entries(schema.shape).map(([key, value]): [string, z.ZodType] => {
    const declared = withoutDefault(value);
    const inner = declared instanceof z.ZodObject ? overrideOf(declared) : declared;
    return [key, z.nullable(inner).optional()];
  });
  return z.strictObject(Object.fromEntries(keys));
}

function withoutDefault(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodOptional
    ? withoutDefault(schema.unwrap())
    : schema;
}
