import { bigint, doublePrecision, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { MetricValues } from '../../contracts/activities.ts';
import type { TrialStatus, TriedFeature } from '../../contracts/search.ts';
import { runId, sha256 } from './columns.ts';
import { runs } from './runs.ts';

/** A trial of a search; each rung of successive halving measures it on more folds. */
export const searchTrials = pgTable(
  'search_trials',
  {
    runId: runId()
      .notNull()
      .references(() => runs.id),
    number: integer('number').notNull(),
    candidate: text('candidate').notNull(),
    params: jsonb('params').$type<Record<string, unknown>>().notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    status: text('status').$type<TrialStatus>().notNull(),
    /** The last that it was recorded for; null before the first. */
    rung: integer('rung'),
    /** It has been measured on. */
    folds: integer('folds').notNull().default(0),
    selectionScore: doublePrecision('selection_score'),
    metrics: jsonb('metrics').$type<MetricValues>(),
    /** Out of fold, in the store. */
    predictionsSha256: sha256('predictions_sha256'),
    /** Of a search for features. */
    features: jsonb('features').$type<TriedFeature>(),
    /** Why its learner refused it. */
    message: text('message'),
    /** Of all its folds. */
    seconds: doublePrecision('seconds').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] })],
);
