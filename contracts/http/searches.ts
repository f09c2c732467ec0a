import { z } from '@hono/zod-openapi';
import { runIdSchema, sha256Schema } from '../ids.ts';
import { foldsSchema } from '../pipeline.ts';
import {
  featurePlanSchema,
  generatedSchema,
  generateSchema,
  parameterPlanSchema,
  searchedSchema,
  searchLimits,
  searchStrategySchema,
  trialStatuses,
  triedFeatureSchema,
} from '../search.ts';
import { runSchema } from './runs.ts';
import { freeForm, metrics, reasonSchema, seedSchema } from './shared.ts';

export const createSearchSchema = z
  .strictObject({
    candidates: z
      .array(z.string().max(128))
      .min(1)
      .optional()
      .openapi({ description: 'Candidates that declare a `search` space; absent: all of them' }),
    strategy: searchStrategySchema.default('random'),
    trials: z.int().min(1).max(searchLimits.trials).optional().openapi({
      description:
        'At most so many, the candidates as declared among them. Absent: 20; of a grid all; with `minutes` as many as fit into them',
    }),
    minutes: z.number().positive().max(searchLimits.minutes).optional().openapi({
      description: 'From the first trial on. What is under way then is given up',
    }),
    folds: foldsSchema.optional().openapi({
      description:
        "Of the cross-validation. Absent: the candidate's `searchFolds`, else the pipeline's `selection.folds`; of several candidates the most that any of them has",
    }),
    generate: generateSchema.optional().openapi({
      description:
        'Generates features for the one candidate named, in place of searching parameters: tries `proposals` of those that could be made of its columns, by forward selection, and keeps at most `keep`',
    }),
    parallel: z.int().min(1).max(searchLimits.parallel).default(4),
    earlyStop: z.boolean().default(false).openapi({
      description:
        'Stop a trial that after some folds is clearly worse, by a paired test, than the best of those well before it. Not with `halving`, which stops trials by itself',
    }),
    source: z.string().max(2000).optional(),
    parameters: z.record(z.string(), z.unknown()).default({}).openapi({ type: 'object' }),
    seed: seedSchema.default(7),
    reason: reasonSchema.optional(),
    cache: z.boolean().default(true).openapi({
      description: 'What comes before the trials may be taken from an earlier run. `false`: it is executed',
    }),
  })
  .openapi('CreateSearch');
export type CreateSearch = z.input<typeof createSearchSchema>;

const links = z.object({ search: z.string(), run: z.string(), events: z.string(), temporal: z.string() });

export const searchStartedSchema = z
  .object({ searchId: runIdSchema, workflowId: z.string(), links })
  .openapi('SearchStarted');

const trialSchema = z
  .object({
    number: z.int(),
    candidate: z.string(),
    params: freeForm,
    seed: z.int(),
    status: z.enum(trialStatuses),
    rung: z.int().nullable(),
    /** It has been measured on; its score and metrics are over these. */
    folds: z.int(),
    selectionScore: z.number().nullable(),
    /** Of the score's mean over the folds; null of fewer than two. */
    standardError: z.number().nullable(),
    metrics: metrics.nullable(),
    predictionsSha256: sha256Schema.nullable(),
    features: triedFeatureSchema.nullable(),
    message: z.string().nullable(),
    seconds: z.number(),
  })
  .openapi('SearchTrial');

export const searchSchema = z
  .object({
    searchId: runIdSchema,
    run: runSchema,
    plan: z.discriminatedUnion('strategy', [
      parameterPlanSchema.extend({
        candidates: z.array(z.object({ candidate: z.string(), params: freeForm, space: freeForm })),
      }),
      featurePlanSchema.extend({
        candidates: z.array(z.object({ candidate: z.string(), params: freeForm })),
      }),
    ]),
    trials: z.array(trialSchema),
    /** Null until it has succeeded. */
    result: z
      .object({
        winner: searchedSchema,
        best: z.array(searchedSchema),
        scored: z.int(),
        stopped: z.int(),
        refused: z.int(),
        sha256: sha256Schema,
        /** Of a search for features. */
        generated: generatedSchema.optional(),
      })
      .nullable(),
    /** The winner as a settings file; null of a search for features. */
    settings: z.string().nullable(),
    /** Lines for the declaration; null of a search over parameters. */
    features: z.string().nullable(),
    links,
  })
  .openapi('Search');
export type Search = z.infer<typeof searchSchema>;
