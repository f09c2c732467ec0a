import type {
  CollectedPart,
  CollectionEnd,
  CollectionId,
  CollectionRequest,
  CollectionStatus,
  RefreshStage,
} from './collections.ts';
import type { Collector } from './collector.ts';
import type { PipelineName, RunId } from './ids.ts';
import type { IngestResult } from './ingest.ts';
import type { RescoredPart, RetrainingPlan } from './refresh.ts';

/** What workflows have done about reviews: the part of `activities.ts` that belongs to no run. */

export interface ReviewActivities {
  /** Scores what is left to score of the batches, and stores it; without a model in production they are left to wait. */
  ingestBatches(input: { runId: null; source: string; batchIds: string[] }): Promise<IngestResult>;
}

/** What has come of a measurement; `skipped` says why there was none. */
export type DriftMeasurement =
  | { skipped: string }
  | { skipped: null; pipeline: PipelineName; version: number; days: number; reviews: number };

export interface DriftActivities {
  /**
   * Holds reviews against what the version in production was trained on: the days of which it has scored more, or
   * fewer, than when they were measured.
   */
  measureReviewDrift(input: { runId: null }): Promise<DriftMeasurement>;
}

export interface CollectionActivities {
  /** Records the round; `skipped` says which is under way in its place. */
  beginCollection(
    input: { runId: null; id: CollectionId; workflowId: string } & Pick<
      CollectionRequest,
      'collector' | 'requestedBy'
    >,
  ): Promise<{ collector: Collector; skipped: null } | { collector: null; skipped: string }>;
  /** Reads the next page or file. A step that was taken is answered as it was. */
  collectPart(input: {
    runId: null;
    id: CollectionId;
    collector: Collector;
    step: number;
  }): Promise<CollectedPart>;
  /** Ends the part that collects, and with it the claim to be the collector's one round; and the part that scores. */
  endCollection(input: {
    runId: null;
    id: CollectionId;
    end: CollectionEnd;
    /** Absent in rounds from before it was recorded. */
    score?: CollectionEnd;
  }): Promise<void>;
}

export interface RefreshActivities {
  /** Ends the stages that a refresh of another round left behind: of two, one alone can be under way. */
  beginRefresh(input: { runId: null; collection: CollectionId | null }): Promise<void>;
  /** Writes how a stage of a round stands. */
  recordStage(input: {
    runId: null;
    collection: CollectionId;
    stage: RefreshStage;
    status: CollectionStatus;
    message: string | null;
    /** The run that the stage begins. */
    run?: RunId | null | undefined;
  }): Promise<void>;
  /** Whether a pipeline that scores reviews is due for a retraining on new ratings. */
  planRetraining(input: { runId: null }): Promise<RetrainingPlan>;
  /**
   * Has the version in production score some of what others scored: `end` is null where more may be left, and
   * else says why there is nothing.
   */
  rescoreReviews(input: {
    runId: null;
    scoreAgain?: true | undefined;
  }): Promise<RescoredPart & { end: string | null }>;
}
