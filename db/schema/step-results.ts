import { bigint, pgTable, text } from 'drizzle-orm/pg-core';
import { at, runId, sha256 } from './columns.ts';
import { runs } from './runs.ts';

/** What steps came to, for later runs that would do the same work: a row of each work that was done. */
export const stepResults = pgTable('step_results', {
  /** Of the work, its input and the code. */
  key: sha256('key').primaryKey(),
  work: text('work').notNull(),
  /** That did it last. */
  runId: runId()
    .notNull()
    .references(() => runs.id),
  /** What it gave, in the store. */
  outputSha256: sha256('output_sha256').notNull(),
  outputBytes: bigint('output_bytes', { mode: 'number' }).notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});
