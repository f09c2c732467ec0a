import { jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Snapshot, ValidationReport } from '../../contracts/data.ts';
import { at, pipeline, runId, sha256 } from './columns.ts';
import { runs } from './runs.ts';

export const snapshots = pgTable('snapshots', {
  id: sha256('id').primaryKey(),
  pipeline: pipeline(),
  manifest: jsonb('manifest').$type<Snapshot>().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});

export const validationReports = pgTable('validation_reports', {
  runId: runId()
    .primaryKey()
    .references(() => runs.id),
  snapshotId: sha256('snapshot_id').notNull(),
  verdict: text('verdict').$type<ValidationReport['verdict']>().notNull(),
  report: jsonb('report').$type<ValidationReport>().notNull(),
});
