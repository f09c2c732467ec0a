import { bigint, foreignKey, integer, jsonb, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import type { MetricIntervals, MetricValues } from '../../contracts/activities.ts';
import type { RunId, Sha256 } from '../../contracts/ids.ts';
import type { Pipeline } from '../../contracts/pipeline.ts';
import type { RunParameters } from '../../contracts/runs.ts';
import type { Tuned } from '../../contracts/search.ts';
import type { TopicMethod } from '../../ml/topics/method.ts';
import { at, bytea, pipeline, runId, sha256 } from './columns.ts';
import { runs } from './runs.ts';

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
  /** Topics in the version's artifact: their model by itself, and the version whose ids and names go on in it. */
  topics?: { method: TopicMethod; topics: number; sha256: Sha256; continuesVersion: number | null };
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
