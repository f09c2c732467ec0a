import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../contracts/activities.ts';
import { activityProfiles } from '../contracts/activity-profiles.ts';

/**
 * A cancelled run has ended only when its activities have let go: `cancelled` then means that the processor
 * is free. A dead worker delays this by no more than a heartbeat timeout.
 */
const cancellationType = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED;

export const {
  startRun,
  updateRunStatus,
  finishRun,
  beginCollection,
  endCollection,
  beginRefresh,
  recordStage,
  planRetraining,
  registerModel,
  judgeTrials,
  concludeSearch,
  concludeFeatures,
  preloadModel,
  promoteModel,
} = proxyActivities<Activities>({ ...activityProfiles.record, cancellationType });

export const { ingestBatches, rescoreReviews } = proxyActivities<Activities>({
  ...activityProfiles.ingest,
  cancellationType,
});

export const { measureReviewDrift } = proxyActivities<Activities>({
  ...activityProfiles.measure,
  cancellationType,
});

export const { collectPart } = proxyActivities<Activities>({
  ...activityProfiles.collect,
  cancellationType,
});

/** They read the whole source. */
export const { loadData, decideRetraining, addSnapshot } = proxyActivities<Activities>({
  ...activityProfiles.load,
  cancellationType,
});

export const {
  validateData,
  buildRows,
  evaluateCandidate,
  evaluateGate,
  proposeFeatures,
  judgeFeatures,
  diffSnapshots,
} = proxyActivities<Activities>({
  ...activityProfiles.compute,
  cancellationType,
});

export const { explainModel } = proxyActivities<Activities>({
  ...activityProfiles.explain,
  cancellationType,
});

export const { trainCandidate, trainTopics, runTrial, tryFeatures } = proxyActivities<Activities>({
  ...activityProfiles.train,
  cancellationType,
});
