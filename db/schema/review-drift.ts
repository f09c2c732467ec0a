import { date, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { DayDrift } from '../../ml/drift/differences.ts';
import type { ReviewReference } from '../../ml/drift/reference.ts';
import { at, pipeline } from './columns.ts';

/** What a version was trained on: the reviews that it scores are held against it, day by day. */
export const reviewReferences = pgTable(
  'review_references',
  {
    pipeline: pipeline(),
    version: integer('version').notNull(),
    reference: jsonb('reference').$type<ReviewReference>(),
    /** Why there is none. */
    reason: text('reason'),
    /** When the reviews were last looked through, whether or not a day had changed. */
    measuredAt: at('measured_at'),
  },
  (table) => [primaryKey({ columns: [table.pipeline, table.version] })],
);

/** How far the reviews of a day, of those that the version scored, are from its reference. */
export const reviewDrift = pgTable(
  'review_drift',
  {
    pipeline: pipeline(),
    version: integer('version').notNull(),
    /** In UTC. */
    day: date('day').notNull(),
    /** That the version had scored when the day was measured: with another number it is measured again. */
    reviews: integer('reviews').notNull(),
    drift: jsonb('drift').$type<DayDrift>().notNull(),
    measuredAt: at('measured_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.pipeline, table.version, table.day] })],
);
