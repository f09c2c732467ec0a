import type { Activities } from '../contracts/activities.ts';
import { createCollectionActivities } from './collections.ts';
import type { CollectionDependencies } from './dependencies.ts';
import { createDeploymentActivities } from './deployment.ts';
import { createExplanationActivities } from './explanation.ts';
import { createFeatureSearchActivities } from './feature-search.ts';
import { createRefreshActivities } from './refresh.ts';
import { createDriftActivities } from './review-drift.ts';
import { createReviewActivities } from './reviews.ts';
import { createRunActivities } from './runs.ts';
import { createSearchActivities } from './search.ts';
import { createSnapshotActivities } from './snapshots.ts';
import { createTopicActivities } from './topics.ts';
import { createTrainingActivities } from './training.ts';

/** All activities, under the names that workflows call them by. */
export function createActivities(deps: CollectionDependencies): Activities {
  return {
    ...createTrainingActivities(deps),
    ...createTopicActivities(deps),
    ...createSearchActivities(deps),
    ...createFeatureSearchActivities(deps),
    ...createDeploymentActivities(deps),
    ...createExplanationActivities(deps),
    ...createSnapshotActivities(deps),
    ...createReviewActivities(deps),
    ...createDriftActivities(deps),
    ...createCollectionActivities(deps),
    ...createRefreshActivities(deps),
    ...createRunActivities(deps),
  };
}
