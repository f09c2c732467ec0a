import { v5 as uuidV5 } from 'uuid';
import { z } from 'zod';

/** Ids are branded and made by one parser each, so that a run id is never passed where a pipeline is meant. */
export const runIdSchema = z.uuid().brand<'RunId'>();
export type RunId = z.infer<typeof runIdSchema>;

export const pipelineNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'a pipeline is named by lower-case letters, digits and hyphens')
  .brand<'PipelineName'>();
export type PipelineName = z.infer<typeof pipelineNameSchema>;

/** Whatever a declaration names: tables, columns, candidates, parameters, rules. */
export const declaredNameSchema = z.string().min(1).max(128);

export const sha256Schema = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hexadecimal digits')
  .brand<'Sha256'>();
export type Sha256 = z.infer<typeof sha256Schema>;

/** What people call a snapshot. A name that could be the beginning of an id would hide that one. */
export const snapshotNameSchema = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,62}$/, 'a snapshot is named by letters, digits, ".", "_" and "-"')
  .refine(
    (name) => !snapshotPrefix.test(name),
    'could be the beginning of an id: it has hexadecimal digits only',
  );
export type SnapshotName = z.infer<typeof snapshotNameSchema>;
const snapshotPrefix = /^[0-9a-f]{7,64}$/;

/** How a snapshot is referred to: by its id, a beginning of it, or its name. */
export const snapshotRefSchema = z.union([z.string().regex(snapshotPrefix), snapshotNameSchema], {
  error: 'a snapshot is named by 64 hexadecimal digits, at least 7 of their first, or its own name',
});

/** Workflow ids are locks: one running execution each. */
export const runWorkflowId = (runId: RunId): string => `run:${runId}`;
export const trainWorkflowId = (runId: RunId): string => `train:${runId}`;
export const retrainWorkflowId = (runId: RunId): string => `retrain:${runId}`;
export const searchWorkflowId = (runId: RunId): string => `search:${runId}`;
export const deployWorkflowId = (pipeline: PipelineName): string => `deploy:${pipeline}`;
export const addSnapshotWorkflowId = (requestId: string): string => `snapshot:${requestId}`;
export const diffWorkflowId = (diffId: Sha256): string => `snapshot-diff:${diffId}`;
export const reviewsWorkflowId = (source: string): string => `reviews:${source}`;
/** Of the schedule, and of a measurement that was asked for: one at a time. */
export const monitorReviewsId = 'monitor:reviews';
export const retrainScheduleId = (pipeline: PipelineName): string => `retrain:${pipeline}`;

const keyedRunNamespace = '5f0a9c52-7a53-5c0e-8a63-5c3c6f7f1c11';
/** The run that an idempotency key stands for. */
export const keyedRunId = (key: string): RunId => runIdSchema.parse(uuidV5(key, keyedRunNamespace));

const scheduledRunNamespace = 'e5a1d6f0-4c0b-5b5e-9f6d-0d6a3f1c7b21';
/**
 * Temporal ends the id of a scheduled workflow in the time it was due, so the id of its run follows from it:
 * however often the workflow is replayed or reset, it is the same run.
 */
export const scheduledRunId = (workflowId: string): RunId =>
  runIdSchema.parse(uuidV5(workflowId, scheduledRunNamespace));
