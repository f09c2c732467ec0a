import { z } from 'zod';
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

/** All that the trials follow from, besides the seed. Resolved when the search is asked for, and kept with it. */
export const searchPlanSchema = z.object({
  strategy: searchStrategySchema,
  /** At most; the candidates as declared are the first of them. */
  trials: z.int(),
  /** Counted from the first trial on; null for no bound. */
  minutes: z.number().nullable(),
  parallel: z.int(),
  /** How many folds a trial has been measured on after each rung; the last is all of them. */
  rungs: z.array(z.int()).min(1),
  candidates: z.array(z.object({ candidate: z.string(), params: paramsSchema, space: searchSpaceSchema })),
});
export type SearchPlan = z.infer<typeof searchPlanSchema>;

/** What `searchParameters` is started with. */
export type SearchRequest = Omit<RunRequest, 'candidates' | 'variants' | 'tuned'> & { search: SearchPlan };

export const trialStatuses = ['running', 'scored', 'stopped', 'refused', 'cancelled'] as const;
/** `stopped`: too far behind to be measured further. `refused`: by its learner, for good. */
export type TrialStatus = (typeof trialStatuses)[number];

const foundParamsSchema = z.object({
  trial: z.int(),
  params: paramsSchema,
  /** Out of fold, of the selection metric; higher is better. */
  selectionScore: z.number(),
});

/** Parameters that a search found, and a run trains its candidates with. */
export const tunedSchema = z.object({
  searchId: runIdSchema,
  candidates: z.record(z.string(), foundParamsSchema),
});
export type Tuned = z.infer<typeof tunedSchema>;

export const searchedSchema = foundParamsSchema.extend({
  candidate: z.string(),
  learner: z.string(),
  metrics: z.record(z.string(), z.number()),
});
export type Searched = z.infer<typeof searchedSchema> & { metrics: MetricValues };

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
};
