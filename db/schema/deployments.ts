import { bigint, index, integer, pgTable, text, unique } from 'drizzle-orm/pg-core';
import { at, pipeline, runId } from './columns.ts';

/** The ledger: one row a change of the production alias, in the transaction that changed it. */
export const deployments = pgTable(
  'deployments',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    pipeline: pipeline(),
    action: text('action').$type<'promote' | 'rollback'>().notNull(),
    fromVersion: integer('from_version'),
    toVersion: integer('to_version').notNull(),
    actor: text('actor').notNull(),
    reason: text('reason').notNull(),
    runId: runId(),
    requestId: text('request_id').notNull(),
    at: at('at').notNull().defaultNow(),
  },
  (table) => [
    unique('deployments_request').on(table.pipeline, table.requestId),
    index('deployments_by_time').on(table.pipeline, table.at),
  ],
);
