import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';
import { fitBinning } from '../trees/binning.ts';
import { createGrower } from '../trees/grower.ts';
import { createForestBuilder, forestBytes, forestBytesLimit } from '../trees/predictor.ts';
import { logLoss, squaredLoss } from './boosting-loss.ts';
import {
  createForestModel,
  explainForestModel,
  forestImportances,
  loadForestModel,
  weighedForestOf,
} from './forest-model.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';
import { growthShape, mostLeaves, shareOf, splitRules } from './tree-params.ts';

const paramsSchema = z
  .strictObject({
    ...growthShape,
    /** XGBoost's `num_parallel_tree`. */
    trees: z.int().min(1).max(2000).default(100),
    /** Of the step that the trees' mean takes from the constant: below 1 it holds probabilities to the middle. */
    learningRate: z.number().gt(0).max(1).default(1),
    maxDepth: growthShape.maxDepth.default(6),
    maxLeaves: growthShape.maxLeaves.default(1024),
    minSamplesLeaf: growthShape.minSamplesLeaf.default(1),
    minHessianLeaf: growthShape.minHessianLeaf.default(1),
    l2: growthShape.l2.default(1e-5),
    nodeColumnShare: growthShape.nodeColumnShare.default(0.8),
    /** Share of the rows drawn for each tree, without replacement. */
    rowShare: z.number().gt(0).max(1).default(0.8),
  })
  .refine(
    (params) =>
      forestBytes({ trees: params.trees, leaves: mostLeaves(params), categorical: true }) <= forestBytesLimit,
    {
      error: `trees × maxLeaves would pass the ${forestBytesLimit} bytes that a forest may take; lower maxDepth or maxLeaves`,
    },
  );

/**
 * XGBoost's random forest (`XGBRFClassifier`, whose defaults these are): one round of boosting of many trees, each
 * grown from the same constant on a share of the rows, with a share of the columns at each node. Their Newton steps
 * are averaged: for two classes the mean is one of log odds, where a random forest's is one of shares.
 */
export const boostedForest: Learner<z.infer<typeof paramsSchema>> = {
  name: 'boosted-forest',
  tasks: ['regression', 'binary'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    const { blocks, target, task, seed, cores } = training;
    const binning = fitBinning(blocks, params.maxBins);
    yield { done: 0, total: params.trees };
    const columns = binning.features.length;
    const treeColumns = shareOf(params.columnShare, columns);
    const rules = {
      ...splitRules(params),
      maxLeaves: mostLeaves(params),
      maxDepth: params.maxDepth,
      featuresPerNode: shareOf(params.nodeColumnShare, treeColumns),
    };
    const grower = createGrower({ blocks, binning, rules, cores });
    const loss = task === 'binary' ? logLoss : squaredLoss;
    const weights = rowWeights(training);
    const allRows = Int32Array.from({ length: blocks.rows }, (_, row) => row);
    const base = loss.base({ target, weights, rows: allRows });
    const scores = new Float64Array(blocks.rows).fill(base);
    const count = shareOf(params.rowShare, blocks.rows);

    const forest = createForestBuilder(binning);
    for (let tree = 0; tree < params.trees; tree++) {
      const random = createRandom(deriveSeed(seed, `tree ${tree}`));
      const rows = sampleIndices({ from: blocks.rows, count }, random);
      grower.rows.set(rows);
      // Anew for each tree, because the grower rounds them to the rows it grows on.
      loss.derive({ target, weights, rows, scores }, grower);
      const features = sampleIndices({ from: columns, count: treeColumns }, random);
      forest.add(grower.grow({ count, until: count, features, random }), params.learningRate / params.trees);
      yield { done: tree + 1, total: params.trees };
    }
    const output = task === 'binary' ? 'sigmoid' : 'identity';
    return createForestModel({ ...forest.build(), blocks, base, output });
  },

  load: loadForestModel,
  explainer: explainForestModel,
  sumOfTrees: weighedForestOf,
  importances: forestImportances,
};
