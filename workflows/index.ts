/** Entry of the workflow bundle: what is exported here can be started by its name. */
export { collectReviews } from './collect-reviews.ts';
export { compareSnapshots } from './compare-snapshots.ts';
export { continuousDeployment } from './continuous-deployment.ts';
export { deployModel } from './deploy-model.ts';
export { generateFeatures } from './generate-features.ts';
export { ingestReviews } from './ingest-reviews.ts';
export { monitorReviews } from './monitor-reviews.ts';
export { refreshReviews } from './refresh-reviews.ts';
export { retrainModel } from './retrain-model.ts';
export { searchParameters } from './search-parameters.ts';
export { takeSnapshot } from './take-snapshot.ts';
export { trainModel } from './train-model.ts';
