import { bigint, index, jsonb, pgTable, text } from 'drizzle-orm/pg-core';
import type { Snapshot, ValidationReport } from '../../contracts/data.ts';
import type { PipelineName } from '../../contracts/ids.ts';
import { at, runId, sha256 } from './columns.ts';
import { runs } from './runs.ts';

export const snapshots = pgTable(
  'snapshots',
  {
    id: sha256('id').primaryKey(),
    /** Whose tables the files were given to; null for files as they are. */
    pipeline: text('pipeline').$type<PipelineName>(),
    /** Records of all files; null where they were not counted when the snapshot was taken, as in a run. */
    rows: bigint('rows', { mode: 'number' }),
    manifest: jsonb('manifest').$type<Snapshot>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [index('snapshots_by_time').on(table.createdAt, table.id)],
);

/** A name moves to the snapshot that was given it last. */
export const snapshotNames = pgTable(
  'snapshot_names',
  {
    name: text('name').primaryKey(),
    snapshotId: sha256('snapshot_id')
      .notNull()
      .references(() => snapshots.id),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [index('snapshot_names_by_snapshot').on(table.snapshotId)],
);

export const validationReports = pgTable(
  'validation_reports',
  {
    runId: runId()
      .primaryKey()
      .references(() => runs.id),
    snapshotId: sha256('snapshot_id').notNull(),
    verdict: text('verdict').$type<ValidationReport['verdict']>().notNull(),
    report: jsonb('report').$type<ValidationReport>().notNull(),
  },
  (table) => [index('validation_reports_by_snapshot').on(table.snapshotId)],
);
