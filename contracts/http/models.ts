import { z } from '@hono/zod-openapi';
import { topicMethodSchema } from '../../ml/topics/method.ts';
import { pipelineNameSchema, runIdSchema, sha256Schema } from '../ids.ts';
import { runParametersSchema } from '../runs.ts';
import {
  freeForm,
  metrics,
  page,
  pageQuerySchema,
  reasonSchema,
  time,
  timeFilter,
  versionSchema,
} from './shared.ts';
import { gateVerdictSchema, metricIntervalsSchema } from './verdict.ts';

const aliasSchema = z.enum(['production', 'challenger', 'shadow']);

export const modelSummarySchema = z
  .object({
    pipeline: pipelineNameSchema,
    title: z.string(),
    versions: z.int(),
    latest: z.int().nullable(),
    production: z.int().nullable(),
  })
  .openapi('Model');
export const modelListSchema = z.object({ items: z.array(modelSummarySchema) });
export type ModelList = z.infer<typeof modelListSchema>;

export const lineageSchema = z
  .object({
    runId: runIdSchema,
    snapshotId: sha256Schema,
    source: z.string(),
    rowsSha256: sha256Schema,
    lookupsSha256: sha256Schema.nullable(),
    /** How the hold-out was made. */
    split: freeForm,
    /** The column that names the entities. */
    rowsKey: z.string().optional(),
    pipelineSha256: z.string(),
    /** As in the run. */
    settingsSha256: sha256Schema.nullable(),
    /** Of the topics in the version's artifact. */
    topics: z
      .object({
        method: topicMethodSchema,
        topics: z.int(),
        sha256: sha256Schema,
        continuesVersion: z.int().nullable(),
      })
      .optional(),
    codeVersion: z.string(),
    nodeVersion: z.string(),
    seed: z.int(),
    parameters: runParametersSchema,
  })
  .openapi('Lineage');

export const modelVersionSchema = z
  .object({
    pipeline: pipelineNameSchema,
    version: z.int(),
    aliases: z.array(aliasSchema),
    candidate: z.string(),
    learner: z.string(),
    /** On the hold-out, read once. */
    metrics,
    baseline: metrics,
    intervals: metricIntervalsSchema,
    variants: z.array(z.object({ variant: z.string(), moment: z.string(), metrics })),
    lineage: lineageSchema,
    /** Of the run's gate; null for a version that went through none. */
    verdict: gateVerdictSchema.nullable(),
    artifact: z.object({ sha256: sha256Schema, bytes: z.int(), href: z.string() }),
    createdAt: time,
  })
  .openapi('ModelVersion');
export type ModelVersion = z.infer<typeof modelVersionSchema>;
export const modelVersionListSchema = page(modelVersionSchema);
export type ModelVersionList = z.infer<typeof modelVersionListSchema>;

export const promoteSchema = z.strictObject({ reason: reasonSchema.optional() }).openapi('Promote');
export const rollbackSchema = z
  .strictObject({
    /** Default: the version that was in production before the present one. */
    version: versionSchema.optional(),
    reason: reasonSchema.optional(),
  })
  .openapi('Rollback');

export const ledgerEntrySchema = z
  .object({
    id: z.int(),
    action: z.enum(['promote', 'rollback']),
    fromVersion: z.int().nullable(),
    toVersion: z.int(),
    actor: z.string(),
    reason: z.string(),
    runId: runIdSchema.nullable(),
    requestId: z.string(),
    at: time,
  })
  .openapi('LedgerEntry');
export const ledgerQuerySchema = pageQuerySchema.extend({
  at: timeFilter.optional().openapi({ description: 'Entries up to this moment; `production` is as of it.' }),
  requestId: z.string().max(200).optional(),
});
export const ledgerSchema = page(ledgerEntrySchema)
  .extend({
    /** The entry that put the version in production at `at` (default: now) there. */
    production: ledgerEntrySchema.nullable(),
  })
  .openapi('Ledger');
export type Ledger = z.infer<typeof ledgerSchema>;

export const deploymentStartedSchema = z
  .object({
    pipeline: pipelineNameSchema,
    version: z.int(),
    /** Found again in the ledger once the deployment is done. */
    requestId: z.string(),
    workflowId: z.string(),
    links: z.object({ deployment: z.string(), ledger: z.string(), temporal: z.string() }),
  })
  .openapi('DeploymentStarted');
export type DeploymentStarted = z.infer<typeof deploymentStartedSchema>;

export const deploymentSchema = z
  .object({
    pipeline: pipelineNameSchema,
    requestId: z.string(),
    status: z.enum(['running', 'done', 'failed']),
    /** What it has written in the ledger once it is done. */
    entry: ledgerEntrySchema.nullable(),
    /** Why it changed nothing. */
    failure: z.object({ type: z.string(), message: z.string() }).nullable(),
  })
  .openapi('Deployment');
