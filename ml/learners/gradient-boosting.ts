import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { createRandom, deriveSeed, sampleIndices } from '../random.ts';
import { holdOutRows } from '../splits/hold-out.ts';
import type { GrownTree } from '../trees/grower.ts';
import { type BoostingLoss, logLoss, squaredLoss } from './boosting-loss.ts';
import { beginForest, type TreeGrower } from './forest-growth.ts';
import { createForestModel, forestLearner } from './forest-model.ts';
import { rowWeights } from './training-rows.ts';
import { fitsForest, growthShape, shareOf, tooLargeForest } from './tree-params.ts';

const paramsSchema = z
  .strictObject({
    ...growthShape,
    /** At most, with early stopping; otherwise exactly. */
    rounds: z.int().min(1).max(5000).default(500),
    learningRate: z.number().gt(0).max(1).default(0.04),
    maxLeaves: growthShape.maxLeaves.default(6),
    minSamplesLeaf: growthShape.minSamplesLeaf.default(20),
    l2: growthShape.l2.default(10),
    nodeColumnShare: growthShape.nodeColumnShare.default(0.4),
    /** Share of the rows drawn for each tree, without replacement. */
    rowShare: z.number().gt(0).max(1).default(0.6),
    /**
     * Stops when the loss on `share` of the rows, held out by seed, has not fallen for `patience` rounds, then fits
     * as many rounds as were best on all rows. Null: a fixed number of rounds.
     */
    earlyStopping: z
      .strictObject({
        share: z.number().min(0.05).max(0.5).default(0.15),
        patience: z.int().min(1).default(30),
      })
      .nullable()
      .default({ share: 0.15, patience: 30 }),
    /** Models of different seeds, averaged before the link: steadier under row and column sampling. */
    bags: z.int().min(1).max(20).default(1),
  })
  .refine(
    ({ rounds, bags, maxLeaves }) => fitsForest({ trees: rounds * bags, leaves: maxLeaves }),
    tooLargeForest('rounds × bags × maxLeaves'),
  );
type Params = z.infer<typeof paramsSchema>;

/**
 * Friedman (2001) with Newton steps (Chen and Guestrin, 2016): squared loss for numbers, log loss for two classes.
 * The defaults are small, strongly sampled trees: over ten splits of some thousand rows they beat larger ones.
 */
export const gradientBoosting: Learner<Params> = {
  name: 'gradient-boosting',
  ...forestLearner,
  params: paramsSchema,

  *fit(training, params) {
    const { blocks, target, task, seed } = training;
    const searchRounds = params.earlyStopping === null ? 0 : params.rounds;
    const total = searchRounds + params.bags * params.rounds;
    const { grower, forest } = yield* beginForest({ training, params, steps: total });
    const data: BoostingData = {
      grower,
      target,
      weights: rowWeights(training),
      loss: task === 'binary' ? logLoss : squaredLoss,
    };
    const allRows = Int32Array.from({ length: blocks.rows }, (_, row) => row);

    let { rounds } = params;
    if (params.earlyStopping !== null) {
      const { share, patience } = params.earlyStopping;
      const strata = task === 'binary' ? target : undefined;
      const heldOut = holdOutRows({
        rows: blocks.rows,
        share,
        seed: deriveSeed(seed, 'early stopping'),
        ...(strata === undefined ? {} : { strata }),
      });
      const boosting = createBoosting(data, params, {
        rows: allRows.filter((row) => heldOut[row] === 0),
        seed: deriveSeed(seed, 'search'),
      });
      const validation = allRows.filter((row) => heldOut[row] === 1);
      let best = { rounds: 0, loss: boosting.lossOn(validation) };
      for (let round = 1; round <= params.rounds && round - best.rounds <= patience; round++) {
        boosting.step();
        const loss = boosting.lossOn(validation);
        if (loss < best.loss) best = { rounds: round, loss };
        yield { done: round, total };
      }
      rounds = Math.max(1, best.rounds);
    }

    let base = 0;
    for (let bag = 0; bag < params.bags; bag++) {
      const boosting = createBoosting(data, params, { rows: allRows, seed: deriveSeed(seed, `bag ${bag}`) });
      base = boosting.base;
      for (let round = 0; round < rounds; round++) {
        forest.add(boosting.step(), params.learningRate / params.bags);
        const done = searchRounds + bag * rounds + round + 1;
        yield { done, total: searchRounds + params.bags * rounds };
      }
    }
    const output = task === 'binary' ? 'sigmoid' : 'identity';
    return createForestModel({ ...forest.build(), blocks, base, output });
  },
};

type BoostingData = {
  grower: TreeGrower;
  target: Float64Array;
  weights: Float64Array;
  loss: BoostingLoss;
};

/** One run of boosting over `rows`; the raw scores of all rows, inside `rows` or not, follow each step. */
function createBoosting(
  { grower, target, weights, loss }: BoostingData,
  params: Params,
  { rows, seed }: { rows: Int32Array; seed: number },
): { base: number; step(): GrownTree; lossOn(rows: Int32Array): number } {
  const random = createRandom(seed);
  const base = loss.base({ target, weights, rows });
  const scores = new Float64Array(target.length).fill(base);
  const isDrawn = new Uint8Array(target.length);
  const count = shareOf(params.rowShare, rows.length);

  /** Rows drawn for a tree first, then all others, which have scores too. */
  const drawRows = (): void => {
    grower.rows.set(rows);
    if (count < rows.length) {
      const drawn = sampleIndices({ from: rows.length, count }, random);
      for (let i = 0; i < count; i++) grower.rows[i] = rows[drawn[i] as number] as number;
    }
    if (count === target.length) return;
    isDrawn.fill(0);
    for (let i = 0; i < count; i++) isDrawn[grower.rows[i] as number] = 1;
    let place = count;
    for (let row = 0; place < target.length; row++) if (isDrawn[row] === 0) grower.rows[place++] = row;
  };
  const addToScores = (listed: Int32Array, from: number, to: number, step: number): void => {
    for (let i = from; i < to; i++) {
      const row = listed[i] as number;
      scores[row] = (scores[row] as number) + step;
    }
  };

  return {
    base,
    lossOn: (some) => loss.mean({ target, weights, rows: some, scores }),
    step: () => {
      drawRows();
      loss.derive({ target, weights, rows: grower.rows.subarray(0, count), scores }, grower);
      const tree = grower.grow({ count, until: target.length, random });
      for (const { node, start, end, beside } of tree.leaves) {
        const step = params.learningRate * (tree.value[node] as number);
        addToScores(grower.rows, start, end, step);
        addToScores(grower.rows, beside.start, beside.end, step);
      }
      return tree;
    },
  };
}
