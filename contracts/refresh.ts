import type { CollectionId, RefreshStage, StageEnd } from './collections.ts';
import type { RunRequest } from './runs.ts';

/** One refresh at a time, whoever begins it: a round of a collector, or the API where reviews or versions came otherwise. */
export const refreshWorkflowId = 'refresh-reviews';

/** What `refreshReviews` is started with. */
export type RefreshRequest = {
  /** The round that began it, in whose row its stages are written; null where the API did. */
  collection: CollectionId | null;
  /** Somebody asked for the reviews of other versions to be scored again, whatever `retrain.rescore` says. */
  scoreAgain?: true;
  /** Absent at the start: what a run has come to before it was continued as new. */
  progress?: { ended: RefreshReport; rescored: RescoredPart };
  /** Of a history, from which on a new run is begun. */
  maxEvents?: number;
};

export type RefreshReport = Partial<Record<RefreshStage, StageEnd>>;

/** A retraining that there is reason for; without one, why not. */
export type RetrainingPlan = { request: RunRequest; reason: string } | { request: null; reason: string };

/** Reviews that an earlier version had scored, and that have been scored by the one in production. */
export type RescoredPart = { rescored: number; quarantined: number };
