import { z } from 'zod';
import type { GateVerdict } from './activities.ts';
import type { PipelineName, RunId, Sha256 } from './ids.ts';
import type { Tuned } from './search.ts';

/** Runs that make a version. */
export const trainingKinds = ['train', 'deploy', 'retrain'] as const;
export const trainingKindSchema = z.enum(trainingKinds);
export type TrainingKind = z.infer<typeof trainingKindSchema>;
export const runKinds = [...trainingKinds, 'search'] as const;
export const runKindSchema = z.enum(runKinds);
export type RunKind = z.infer<typeof runKindSchema>;

export const openRunStatuses = ['queued', 'running', 'waiting-approval'] as const;
export type OpenRunStatus = (typeof openRunStatuses)[number];
export const runStatuses = [
  ...openRunStatuses,
  'succeeded',
  'rejected',
  'skipped',
  'failed',
  'cancelled',
] as const;
export const runStatusSchema = z.enum(runStatuses);
export type RunStatus = z.infer<typeof runStatusSchema>;
export const isTerminal = (status: RunStatus): boolean => !openRunStatuses.some((open) => open === status);

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
  /** Of the settings the run was accepted with; null without any, absent in requests from before there were some. */
  settingsSha256?: Sha256 | null;
  reason: string | null;
  requestedBy: string;
  /** Parameters of candidates that a search found; absent where they are those declared. */
  tuned?: Tuned;
  /** Whether steps may be taken from earlier runs; with `from`, only those before it. Absent: they may. */
  cache?: boolean;
  from?: string | null;
  /** Candidates and variants to train, resolved from the declaration when the run was asked for. */
  candidates: string[];
  variants: { variant: string; candidate: string }[];
  /** The declaration asks for topics; absent where it does not. */
  topics?: boolean;
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
  /** The version that production must still be at when the alias moves; absent: whatever is there then. */
  expected?: number;
};

/** What `deployModel` answers. A rejected gate is an answer, not an error. */
export type DeploymentResult =
  | { outcome: 'promoted'; verdict: GateVerdict | null; previous: number | null }
  | { outcome: 'rejected'; verdict: GateVerdict };

/** Workflow types by the names they are started by. */
export const workflowTypes = {
  continuousDeployment: 'continuousDeployment',
  trainModel: 'trainModel',
  deployModel: 'deployModel',
  retrainModel: 'retrainModel',
  searchParameters: 'searchParameters',
  generateFeatures: 'generateFeatures',
  takeSnapshot: 'takeSnapshot',
  compareSnapshots: 'compareSnapshots',
  ingestReviews: 'ingestReviews',
  collectReviews: 'collectReviews',
  monitorReviews: 'monitorReviews',
  refreshReviews: 'refreshReviews',
} as const;

/**
 * Messages of `continuousDeployment`, `retrainModel`, `searchParameters` and `generateFeatures`.
 * `cancel` is an update with one argument, the reason; refused when the run has gone too far to be stopped. Where no
 * worker is there to answer, it is sent as a signal of the same name.
 * `status` is a query answering `RunProgress`.
 */
export const runMessages = { cancel: 'cancel', status: 'status' } as const;
export type RunProgress = { stage: RunStage; modelVersion: number | null };

export const runStages = ['deciding', 'training', 'searching', 'waiting', 'deploying', 'done'] as const;
export type RunStage = (typeof runStages)[number];
