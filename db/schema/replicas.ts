import { integer, pgTable, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { at, pipeline } from './columns.ts';

/** Serving replicas and what they have loaded; a row that is not renewed is a replica that is gone. */
export const replicas = pgTable(
  'replicas',
  {
    replicaId: uuid('replica_id').notNull(),
    pipeline: pipeline(),
    version: integer('version').notNull(),
    state: text('state').$type<'loaded' | 'failed'>().notNull(),
    message: text('message'),
    at: at('at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.replicaId, table.pipeline, table.version] })],
);

export const replicaHeartbeats = pgTable('replica_heartbeats', {
  replicaId: uuid('replica_id').primaryKey(),
  seenAt: at('seen_at').notNull().defaultNow(),
});
