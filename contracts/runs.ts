import { z } from 'zod';
import type { PipelineName, RunId } from './ids.ts';

export const runKinds = ['train', 'deploy', 'retrain'] as const;
export const runKindSchema = z.enum(runKinds);
export type RunKind = z.infer<typeof runKindSchema>;

export const runStatuses = [
  'queued',
  'running',
  'waiting-approval',
  'succeeded',
  'rejected',
  'skipped',
  'failed',
  'cancelled',
] as const;
export const runStatusSchema = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatusSchema>;
export const isTerminal = (status: RunStatus): boolean =>
  !['queued', 'running', 'waiting-approval'].includes(status);

/** A pipeline's own parameters, complete with defaults by the time a workflow sees them. */
export const runParametersSchema = z.record(
  z.string(),
  z.union([z.number(), z.string(), z.boolean(), z.array(z.string())]),
);
export type RunParameters = z.infer<typeof runParametersSchema>;

/** What `continuousDeployment` and `retrainModel` are started with. */
export type RunRequest = {
  runId: RunId;
  pipeline: PipelineName;
  kind: RunKind;
  source: string;
  parameters: RunParameters;
  seed: number;
  reason: string | null;
  requestedBy: string;
  /** Candidates and variants to train, resolved from the declaration when the run was asked for. */
  candidates: string[];
  variants: { variant: string; candidate: string }[];
};

/** What a schedule starts `retrainModel` with: the run id follows from the schedule and the time. */
export type ScheduledRetraining = Omit<RunRequest, 'runId' | 'kind' | 'reason'>;

/** What a manual promotion or rollback starts `deployModel` with. */
export type DeploymentRequest = {
  pipeline: PipelineName;
  version: number;
  /** `gate`: a run's own deployment. The other two are asked for by a person and pass no gate. */
  mode: 'gate' | 'promote' | 'rollback';
  runId: RunId | null;
  actor: string;
  reason: string;
  requestId: string;
  parameters: RunParameters;
};
