import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  customType,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core';
import type {
  GateVerdict,
  MetricIntervals,
  MetricValues,
  RunOutcome,
  SearchOutcome,
} from '../contracts/activities.ts';
import type { RowsReport, Snapshot, ValidationReport } from '../contracts/data.ts';
import type { PipelineName, RunId, Sha256 } from '../contracts/ids.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunKind, RunParameters, RunStatus } from '../contracts/runs.ts';
import type { SearchPlan, TrialStatus, Tuned } from '../contracts/search.ts';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'string' });
const pipeline = () => text('pipeline').$type<PipelineName>().notNull();
const sha256 = (name: string) => text(name).$type<Sha256>();
const runId = () => uuid('run_id').$type<RunId>();

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
    status: text('status').$type<'running' | 'succeeded' | 'failed' | 'cancelled'>().notNull(),
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
    /** Why its learner refused it. */
    message: text('message'),
    /** Of all its folds. */
    seconds: doublePrecision('seconds').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.runId, table.number] })],
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

export const uploads = pgTable('uploads', {
  id: uuid('id').primaryKey(),
  files: jsonb('files').$type<{ name: string; sha256: Sha256; bytes: number }[]>().notNull(),
  createdAt: at('created_at').notNull().defaultNow(),
});

/** The model itself, compressed; `sha256` is of the uncompressed bytes. */
export const modelArtifacts = pgTable('model_artifacts', {
  sha256: sha256('sha256').primaryKey(),
  content: bytea('content').notNull(),
  bytes: bigint('bytes', { mode: 'number' }).notNull(),
});

export type ModelLineage = {
  runId: RunId;
  snapshotId: Sha256;
  source: string;
  rowsSha256: Sha256;
  lookupsSha256: Sha256 | null;
  /** How the hold-out was made, the run's parameters applied: versions are compared only where it agrees. */
  split: Pipeline['split'];
  /** The column that named the entities, and with `split` by key the rows held out; absent before it was recorded. */
  rowsKey?: string;
  pipelineSha256: string;
  /** As in the run; absent in versions from before there were settings. */
  settingsSha256?: Sha256 | null;
  /** As in the run; absent where the parameters are those declared. */
  tuned?: Tuned;
  codeVersion: string;
  nodeVersion: string;
  seed: number;
  parameters: RunParameters;
};

export const modelVersions = pgTable(
  'model_versions',
  {
    pipeline: pipeline(),
    version: integer('version').notNull(),
    runId: runId()
      .notNull()
      .references(() => runs.id)
      .unique(),
    candidate: text('candidate').notNull(),
    learner: text('learner').notNull(),
    artifactSha256: sha256('artifact_sha256')
      .notNull()
      .references(() => modelArtifacts.sha256),
    metrics: jsonb('metrics').$type<MetricValues>().notNull(),
    baseline: jsonb('baseline').$type<MetricValues>().notNull(),
    /** Metric → where its true value lies with the level stated; empty for versions of before there were any. */
    intervals: jsonb('intervals').$type<MetricIntervals>().notNull().default({}),
    variants: jsonb('variants')
      .$type<{ variant: string; moment: string; metrics: MetricValues }[]>()
      .notNull(),
    lineage: jsonb('lineage').$type<ModelLineage>().notNull(),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.pipeline, table.version] })],
);

export type Alias = 'production' | 'challenger' | 'shadow';

export const modelAliases = pgTable(
  'model_aliases',
  {
    pipeline: pipeline(),
    alias: text('alias').$type<Alias>().notNull(),
    version: integer('version').notNull(),
    updatedAt: at('updated_at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.pipeline, table.alias] }),
    foreignKey({
      columns: [table.pipeline, table.version],
      foreignColumns: [modelVersions.pipeline, modelVersions.version],
    }),
  ],
);

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
