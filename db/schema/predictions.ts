import { doublePrecision, index, integer, jsonb, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at, pipeline } from './columns.ts';

/**
 * Partitioned by day of `at` (the migration makes the partitions); ids are UUIDv7, so the day follows from the id.
 * Drizzle cannot declare partitions: the generated migration is edited, and says so.
 */
export const predictions = pgTable(
  'predictions',
  {
    id: uuid('id').notNull(),
    at: at('at').notNull(),
    pipeline: pipeline(),
    version: integer('version').notNull(),
    label: text('label'),
    tier: text('tier'),
    /** Probability of the positive class, or the predicted value. */
    score: doublePrecision('score').notNull(),
    instance: jsonb('instance').notNull(),
    output: jsonb('output').notNull(),
    requestId: text('request_id').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.at, table.id] }),
    index('predictions_by_tier').on(table.pipeline, table.tier, table.at, table.id),
  ],
);
