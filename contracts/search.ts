import { z } from 'zod';
import { type GeneratedStep, generatedStepSchema } from '../ml/recipe/spec.ts';
import { searchSpaceSchema } from '../ml/search/space.ts';
import { searchStrategies } from '../ml/search/trials.ts';
import type { MetricValues } from './activities.ts';
import { runIdSchema, type Sha256 } from './ids.ts';
import type { RunRequest } from './runs.ts';

/** A search over the parameters of a pipeline's candidates. It is a run, of the kind `search`, and its id is a run's. */

export const searchLimits = {
  /** Each trial is a few events of one workflow's history, and a row of a table that is read live. */
  trials: 300,
  minutes: 24 * 60,
  /** Trials under way at a time. How many of them are worked on follows from the workers' slots. */
  parallel: 64,
} as const;

const paramsSchema = z.record(z.string(), z.unknown());

export const searchStrategySchema = z.enum(searchStrategies);

const planShape = {
  /** At most, where the number is known beforehand. */
  trials: z.int(),
  /** Counted from the first trial on; null for no bound. */
  minutes: z.number().nullable(),
  parallel: z.int(),
  /** How many folds a trial has been measured on after each rung; the last is all of them. */
  rungs: z.array(z.int()).min(1),
};

/** Of a search over parameters: the candidates as declared are the first of its trials. */
export const parameterPlanSchema = z.object({
  strategy: searchStrategySchema,
  ...planShape,
  /** A trial that falls clearly behind the best of those before it is stopped: see `rivalsOf`. */
  earlyStop: z.boolean().optional(),
  candidates: z.array(z.object({ candidate: z.string(), params: paramsSchema, space: searchSpaceSchema })),
});
export type ParameterPlan = z.infer<typeof parameterPlanSchema>;

/** Bounds of a search for features. */
export const generateSchema = z.strictObject({
  /** Of all that could be made, so many that promise most have trials. */
  proposals: z.int().min(1).max(100).default(20),
  /** The search ends with so many kept. */
  keep: z.int().min(1).max(10).default(5),
});

/** Of a search that generates features for one candidate, by forward selection. */
export const featurePlanSchema = z.object({
  strategy: z.literal('forward'),
  ...planShape,
  candidates: z.array(z.object({ candidate: z.string(), params: paramsSchema })).length(1),
  generate: generateSchema,
});
export type FeaturePlan = z.infer<typeof featurePlanSchema>;

/** All that the trials follow from, besides the seed. Resolved when the search is asked for, and kept with it. */
export type SearchPlan = ParameterPlan | FeaturePlan;

type RequestOf<Plan> = Omit<RunRequest, 'candidates' | 'variants' | 'tuned'> & { search: Plan };
/** What `searchParameters` is started with. */
export type SearchRequest = RequestOf<ParameterPlan>;
/** What `generateFeatures` is started with. */
export type FeatureSearchRequest = RequestOf<FeaturePlan>;

/** Under this name a trial's metrics hold the standard error of its score over the folds. */
export const standardErrorMetric = 'selectionStandardError';

export const trialStatuses = ['running', 'scored', 'stopped', 'refused', 'cancelled'] as const;
/** `stopped`: too far behind to be measured further. `refused`: by its learner, for good. */
export type TrialStatus = (typeof trialStatuses)[number];

const foundParamsSchema = z.object({
  trial: z.int(),
  params: paramsSchema,
  /** Out of fold, of the selection metric; higher is better. */
  selectionScore: z.number(),
});

/** Parameters that a search found, and a run trains its candidates with; and features that a search kept. */
export const tunedSchema = z.object({
  searchId: runIdSchema,
  candidates: z.record(z.string(), foundParamsSchema),
  /** Beside those declared: features for the whole run, aggregates for the encodings of these candidates. */
  generated: z.array(generatedStepSchema).optional(),
});
export type Tuned = z.infer<typeof tunedSchema>;

export const searchedSchema = foundParamsSchema.extend({
  candidate: z.string(),
  learner: z.string(),
  metrics: z.record(z.string(), z.number()),
});
export type Searched = z.infer<typeof searchedSchema> & { metrics: MetricValues };

export type { GeneratedStep };

const gainSchema = z.object({ gain: z.number(), standardError: z.number() });

/** What a trial of a search for features has beside its candidate. */
export const triedFeatureSchema = z.object({
  /** The candidate as declared is of round 0; each later round has one more feature kept. */
  round: z.int(),
  /** All generated features that it was measured with. */
  features: z.array(z.string()),
  /** The one of them on trial; null where others are compared with it. */
  tried: z.string().nullable(),
  /** Measured on other folds, by which a gain is confirmed. */
  confirms: z.boolean(),
  /** Over the same without the feature; null until its round is judged. */
  gain: gainSchema.nullable(),
});
export type TriedFeature = z.infer<typeof triedFeatureSchema>;

/** What became of a feature that had trials. */
export const generatedFeatureSchema = z.object({
  step: generatedStepSchema,
  /** The last round in which it was tried, and its trial there. */
  round: z.int(),
  trial: z.int(),
  /** Null where it was not measured, or its learner refused it. */
  gain: gainSchema.nullable(),
  /** On other folds; null where its gain was not enough to be tried there. */
  confirmation: gainSchema.nullable(),
  kept: z.boolean(),
});

export const generatedSchema = z.object({
  /** How many features could be made, and how many of these had trials. */
  made: z.int(),
  tried: z.int(),
  /** Standard errors that a gain had to exceed, and again on other folds. */
  needed: z.number(),
  confirmed: z.number(),
  features: z.array(generatedFeatureSchema),
});
export type Generated = z.infer<typeof generatedSchema>;

export type SearchResult = {
  /** Of all candidates. */
  winner: Searched;
  /** The best trial of each candidate. */
  best: Searched[];
  /** Trials that were measured on all folds, and of those the others that were not. */
  scored: number;
  stopped: number;
  refused: number;
  /** Of all trials with their parameters, seeds, scores and predictions: equal for searches that went the same way. */
  sha256: Sha256;
  /** Of a search for features. */
  generated?: Generated;
};
