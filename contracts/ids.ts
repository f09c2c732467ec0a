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

/** Workflow ids are locks: one running execution each. */
export const runWorkflowId = (runId: RunId): string => `run:${runId}`;
export const trainWorkflowId = (runId: RunId): string => `train:${runId}`;
export const retrainWorkflowId = (runId: RunId): string => `retrain:${runId}`;
export const searchWorkflowId = (runId: RunId): string => `search:${runId}`;
export const deployWorkflowId = (pipeline: PipelineName): string => `deploy:${pipeline}`;
export const retrainScheduleId = (pipeline: PipelineName): string => `retrain:${pipeline}`;

const scheduledRunNamespace = 'e5a1d6f0-4c0b-5b5e-9f6d-0d6a3f1c7b21';
/**
 * Temporal ends the id of a scheduled workflow in the time it was due, so the id of its run follows from it:
 * however often the workflow is replayed or reset, it is the same run.
 */
export const scheduledRunId = (workflowId: string): RunId =>
  runIdSchema.parse(uuidV5(workflowId, scheduledRunNamespace));
