import { sql } from 'drizzle-orm';
import { boolean, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { PipelineName } from '../../contracts/ids.ts';
import type { RunParameters } from '../../contracts/runs.ts';
import { at } from './columns.ts';

/** The wanted schedules; Temporal's are made to agree with them. */
export const schedules = pgTable('schedules', {
  pipeline: text('pipeline').$type<PipelineName>().primaryKey(),
  cron: text('cron').notNull(),
  timezone: text('timezone').notNull(),
  source: text('source').notNull(),
  parameters: jsonb('parameters').$type<RunParameters>().notNull().default({}),
  jitter: text('jitter'),
  paused: boolean('paused').notNull(),
  /** A schedule changed through the API is no longer overwritten by the declaration. */
  origin: text('origin').$type<'declaration' | 'api'>().notNull(),
  deleted: boolean('deleted').notNull().default(false),
  updatedAt: at('updated_at').notNull().default(sql`now()`),
});
