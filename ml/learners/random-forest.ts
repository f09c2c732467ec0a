import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { beginForest } from './forest-growth.ts';
import { createForestModel, forestLearner } from './forest-model.ts';
import { rowWeights } from './training-rows.ts';
import { fitsForest, growthShape, shareOf, tooLargeForest } from './tree-params.ts';

const paramsSchema = z
  .strictObject({
    ...growthShape,
    trees: z.int().min(1).max(2000).default(100),
    maxLeaves: growthShape.maxLeaves.default(4096),
    minSamplesLeaf: growthShape.minSamplesLeaf.default(10),
    l2: growthShape.l2.default(0),
    /** Default: the square root of the columns for classes, a third of them for numbers. */
    nodeColumnShare: z.number().gt(0).max(1).optional(),
    /** Draws for each tree, with replacement, as a share of the rows. */
    bootstrapShare: z.number().gt(0).max(1).default(1),
  })
  .refine(
    ({ trees, maxLeaves }) => fitsForest({ trees, leaves: maxLeaves }),
    tooLargeForest('trees × maxLeaves'),
  );

/** Breiman (2001): the mean of trees on bootstrap samples, each node seeing some of the columns. */
export const randomForest: Learner<z.infer<typeof paramsSchema>> = {
  name: 'random-forest',
  ...forestLearner,
  params: paramsSchema,

  *fit(training, params) {
    const { blocks, target, task, seed } = training;
    const columns = blocks.dense.names.length + blocks.codes.names.length;
    const nodeColumnShare =
      params.nodeColumnShare ?? (task === 'binary' ? Math.sqrt(columns) / columns : 1 / 3);
    const { grower, forest } = yield* beginForest({
      training,
      params: { ...params, nodeColumnShare },
      steps: params.trees,
    });
    const { rows, gradients, hessians, grow } = grower;

    const weights = rowWeights(training);
    const draws = shareOf(params.bootstrapShare, blocks.rows);
    const counts = new Int32Array(blocks.rows);
    for (let tree = 0; tree < params.trees; tree++) {
      const random = createRandom(deriveSeed(seed, `tree ${tree}`));
      counts.fill(0);
      for (let draw = 0; draw < draws; draw++) {
        const row = random.below(blocks.rows);
        counts[row] = (counts[row] as number) + 1;
      }
      // The squared loss at 0: a leaf's Newton step is then the weighted mean of the target.
      for (let row = 0; row < blocks.rows; row++) {
        const weight = (weights[row] as number) * (counts[row] as number);
        hessians[row] = weight;
        gradients[row] = -weight * (target[row] as number);
      }
      const count = listDrawnRows(counts, hessians, rows);
      forest.add(grow({ count, until: count, random }), 1 / params.trees);
      yield { done: tree + 1, total: params.trees };
    }
    const output = task === 'binary' ? 'probability' : 'identity';
    return createForestModel({ ...forest.build(), blocks, base: 0, output });
  },
};

/** Rows drawn at least once; rows without weight would count towards a leaf's size and nothing else. Returns how many. */
function listDrawnRows(counts: Int32Array, weights: Float64Array, into: Int32Array): number {
  let drawn = 0;
  for (let row = 0; row < counts.length; row++) {
    if ((counts[row] as number) > 0 && (weights[row] as number) > 0) into[drawn++] = row;
  }
  return drawn;
}
