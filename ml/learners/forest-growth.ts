import type { Progress, TrainingSet } from '../learner.ts';
import { sampleIndices } from '../random.ts';
import { fitBinning } from '../trees/binning.ts';
import { createGrower, type Grower, type GrowJob, type GrownTree } from '../trees/grower.ts';
import { createForestBuilder, type ForestBuilder } from '../trees/predictor.ts';
import { checkTrainingSet } from './training-rows.ts';
import { type GrowthParams, mostLeaves, shareOf } from './tree-params.ts';

/** A grower that draws the columns of each tree itself. */
export type TreeGrower = Omit<Grower, 'grow'> & { grow(job: Omit<GrowJob, 'features'>): GrownTree };

/** What a fit of trees works with. `steps` is the total of its progress. */
export function* beginForest(job: {
  training: TrainingSet;
  params: GrowthParams;
  steps: number;
}): Generator<Progress, { grower: TreeGrower; forest: ForestBuilder }, void> {
  const { training, params, steps } = job;
  checkTrainingSet(training);
  const { blocks, cores } = training;
  const binning = fitBinning(blocks, params.maxBins);
  yield { done: 0, total: steps };
  const columns = binning.features.length;
  const treeColumns = shareOf(params.columnShare, columns);
  const rules = {
    ...params,
    maxLeaves: mostLeaves(params),
    featuresPerNode: shareOf(params.nodeColumnShare, treeColumns),
  };
  const { grow, ...arrays } = createGrower({ blocks, binning, rules, cores });
  return {
    grower: {
      ...arrays,
      grow: (tree) =>
        grow({ ...tree, features: sampleIndices({ from: columns, count: treeColumns }, tree.random) }),
    },
    forest: createForestBuilder(binning),
  };
}
