import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';
import { logLoss, squaredLoss } from './boosting-loss.ts';
import { beginForest } from './forest-growth.ts';
import { createForestModel, forestLearner } from './forest-model.ts';
import { rowWeights } from './training-rows.ts';
import { fitsForest, growthShape, mostLeaves, shareOf, tooLargeForest } from './tree-params.ts';

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
    (params) => fitsForest({ trees: params.trees, leaves: mostLeaves(params) }),
    tooLargeForest('trees × the leaves that maxDepth and maxLeaves allow'),
  );

/**
 * XGBoost's random forest (`XGBRFClassifier`, whose defaults these are): one round of boosting of many trees, each
 * grown from the same constant on a share of the rows, with a share of the columns at each node. Their Newton steps
 * are averaged: for two classes the mean is one of log odds, where a random forest's is one of shares.
 */
export const boostedForest: Learner<z.infer<typeof paramsSchema>> = {
  name: 'boosted-forest',
  ...forestLearner,
  params: paramsSchema,

  *fit(training, params) {
    const { blocks, target, task, seed } = training;
    const { grower, forest } = yield* beginForest({ training, params, steps: params.trees });
    const loss = task === 'binary' ? logLoss : squaredLoss;
    const weights = rowWeights(training);
    const allRows = Int32Array.from({ length: blocks.rows }, (_, row) => row);
    const base = loss.base({ target, weights, rows: allRows });
    const scores = new Float64Array(blocks.rows).fill(base);
    const count = shareOf(params.rowShare, blocks.rows);

    for (let tree = 0; tree < params.trees; tree++) {
      const random = createRandom(deriveSeed(seed, `tree ${tree}`));
      const rows = sampleIndices({ from: blocks.rows, count }, random);
      grower.rows.set(rows);
      // Anew for each tree, because the grower rounds them to the rows it grows on.
      loss.derive({ target, weights, rows, scores }, grower);
      forest.add(grower.grow({ count, until: count, random }), params.learningRate / params.trees);
      yield { done: tree + 1, total: params.trees };
    }
    const output = task === 'binary' ? 'sigmoid' : 'identity';
    return createForestModel({ ...forest.build(), blocks, base, output });
  },
};
