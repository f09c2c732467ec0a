/** Entry of the workflow bundle: what is exported here can be started by its name. */
export { continuousDeployment } from './continuous-deployment.ts';
export { deployModel } from './deploy-model.ts';
export { retrainModel } from './retrain-model.ts';
export { searchParameters } from './search-parameters.ts';
export { trainModel } from './train-model.ts';
