import { v5 as uuidV5 } from 'uuid';
import { z } from 'zod';
import type { Collector, CollectorName } from './collector.ts';
import type { RunId } from './ids.ts';
import type { ReviewBatch } from './reviews.ts';

export type { CollectorName } from './collector.ts';

/** A round of a collector. */
export const collectionIdSchema = z.uuid().brand<'CollectionId'>();
export type CollectionId = z.infer<typeof collectionIdSchema>;

/** `skipped`: another round of the collector was under way. */
export const collectionStatuses = ['running', 'succeeded', 'failed', 'cancelled', 'skipped'] as const;
export type CollectionStatus = (typeof collectionStatuses)[number];

/**
 * What a round comes to, part by part: reviews are collected and scored; then the model is retrained where enough new
 * ratings have come, what earlier versions scored is scored again, and drift is measured. The last three are the
 * refresh, which all collectors share.
 */
export const refreshStages = ['retrain', 'rescore', 'drift'] as const;
export type RefreshStage = (typeof refreshStages)[number];
export const collectionStages = ['collect', 'score', ...refreshStages] as const;
export type CollectionStage = (typeof collectionStages)[number];

/** What `collectReviews` is started with. Its id follows from the workflow's, as that of a scheduled run does. */
export type CollectionRequest = {
  collector: CollectorName;
  requestedBy: string;
  /** Absent at the start: what the workflow has come to before it was continued as new. */
  progress?: CollectionProgress & { collector: Collector; steps: number; scoring?: ScoringProgress };
  /** Of a history, from which on a new run is begun. */
  maxEvents?: number;
};

/** Messages of `collectReviews`: `progress` is a query answering `CollectionProgress`. */
export const collectionMessages = { progress: 'progress' } as const;
export type CollectionProgress = CollectionCounts & { parts: number };

/** Of what the round has taken in. */
export type ScoringProgress = {
  scored: number;
  quarantined: number;
  /** No model was in production for some. */
  waits: boolean;
  /** Why some are left to the workflow of their source. */
  failure: string | null;
};

export type CollectionCounts = { accepted: number; duplicates: number; rejected: number };

/** What reading a page, or some of a file, has come to. */
export type CollectedPart = CollectionCounts & {
  /** Whether a page or file has been read to its end. */
  isPart: boolean;
  /** New reviews, by source. */
  batches: (ReviewBatch & { source: string })[];
  /** Before the next is asked for. */
  pauseMs: number;
  /** Set where there is nothing more to read in this round: why. */
  end: string | null;
};

export type CollectionEnd = { status: Exclude<CollectionStatus, 'running'>; message: string };
export type StageEnd = CollectionEnd & { run?: RunId | null };

/** Schedules of collectors are known by it. */
export const collectSchedulePrefix = 'collect:';
export const collectScheduleId = (collector: CollectorName): string => `${collectSchedulePrefix}${collector}`;
export const collectWorkflowId = (collector: CollectorName, requestId: string): string =>
  `collect:${collector}:${requestId}`;

const collectionNamespace = '0c1c7a52-6a43-5e0e-9d3b-58d4f1a9b6e4';
/** However often the workflow is replayed or reset, it is the same round. */
export const collectionIdOf = (workflowId: string): CollectionId =>
  collectionIdSchema.parse(uuidV5(workflowId, collectionNamespace));
