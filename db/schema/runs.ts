import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import type { GateVerdict, MetricValues, RunOutcome, SearchOutcome } from '../../contracts/activities.ts';
import type { RowsReport } from '../../contracts/data.ts';
import type { RunId } from '../../contracts/ids.ts';
import type { RunKind, RunParameters, RunStatus } from '../../contracts/runs.ts';
import type { SearchPlan, Tuned } from '../../contracts/search.ts';
import type { StepStatus } from '../../contracts/steps.ts';
import { at, pipeline, runId, sha256 } from './columns.ts';

/** One row a run, written before its workflow is started: this is the acknowledgement. */
export const runs = pgTable(
  'runs',
  {
    id: uuid('id').$type<RunId>().primaryKey(),
    pipeline: pipeline(),
    kind: text('kind').$type<RunKind>().notNull(),
    status: text('status').$type<RunStatus>().notNull().default('queued'),
    source: text('source').notNull(),
    parameters: jsonb('parameters').$type<RunParameters>().notNull(),
    seed: bigint('seed', { mode: 'number' }).notNull(),
    /** Of what the settings file says of the pipeline's runs; null where it says nothing. */
    settingsSha256: sha256('settings_sha256'),
    /** Steps may be taken from earlier runs; with `from_step`, only those before it. */
    cache: boolean('cache').notNull().default(true),
    fromStep: text('from_step'),
    reason: text('reason'),
    requestedBy: text('requested_by').notNull(),
    /** Of a search: what its trials follow from. */
    search: jsonb('search').$type<SearchPlan>(),
    /** Parameters that a search found and this run's candidates have; null for those declared. */
    tuned: jsonb('tuned').$type<Tuned>(),
    idempotencyKey: text('idempotency_key').unique(),
    workflowId: text('workflow_id').notNull(),
    scheduleId: text('schedule_id'),
    snapshotId: sha256('snapshot_id'),
    rowsReport: jsonb('rows_report').$type<RowsReport>(),
    champion: text('champion'),
    modelVersion: integer('model_version'),
    verdict: jsonb('verdict').$type<GateVerdict>(),
    outcome: jsonb('outcome').$type<RunOutcome | SearchOutcome>(),
    /** Rises with each change of the run or of its steps; what server-sent events are numbered by. */
    revision: bigint('revision', { mode: 'number' }).notNull().default(0),
    createdAt: at('created_at').notNull().defaultNow(),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
  },
  (table) => [
    // Ascending and read backwards: `DESC` indexes put nulls last, and `ORDER BY … DESC` cannot use those.
    index('runs_by_time').on(table.createdAt, table.id),
    index('runs_by_pipeline').on(table.pipeline, table.createdAt, table.id),
    // What a snapshot was used by: as the tables that were read, or as the source that was named.
    index('runs_by_snapshot').on(table.snapshotId),
    index('runs_by_source').using('hash', table.source),
    index('runs_open').on(table.createdAt).where(sql`status in ('queued', 'running', 'waiting-approval')`),
  ],
);

/** A step is an activity of a run; a retry raises `attempt` in place. */
export const runSteps = pgTable(
  'run_steps',
  {
    runId: runId()
      .notNull()
      .references(() => runs.id),
    /** `loadData`, `trainCandidate:gradient-boosting`, … */
    step: text('step').notNull(),
    position: integer('position').notNull(),
    attempt: integer('attempt').notNull(),
    status: text('status').$type<StepStatus>().notNull(),
    /** The run that the step was taken from; of the status `cached`. */
    cachedFrom: uuid('cached_from').$type<RunId>(),
    /** 0 to 1. */
    progress: doublePrecision('progress').notNull().default(0),
    message: text('message'),
    startedAt: at('started_at').notNull().defaultNow(),
    endedAt: at('ended_at'),
  },
  (table) => [primaryKey({ columns: [table.runId, table.step] })],
);

export const runCandidates = pgTable(
  'run_candidates',
  {
    runId: runId()
      .notNull()
      .references(() => runs.id),
    candidate: text('candidate').notNull(),
    /** Empty for a candidate proper, else the name of the variant. */
    variant: text('variant').notNull().default(''),
    learner: text('learner').notNull(),
    selectionScore: doublePrecision('selection_score').notNull(),
    metrics: jsonb('metrics').$type<MetricValues>().notNull(),
    artifactSha256: sha256('artifact_sha256').notNull(),
    seconds: doublePrecision('seconds').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.candidate, table.variant] })],
);

export const runArtifacts = pgTable(
  'run_artifacts',
  {
    runId: runId()
      .notNull()
      .references(() => runs.id),
    name: text('name').notNull(),
    mediaType: text('media_type').notNull(),
    sha256: sha256('sha256').notNull(),
    bytes: bigint('bytes', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.name] })],
);
