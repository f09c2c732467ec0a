import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { createRandom, deriveSeed, type Random } from '../random.ts';
import type { GrownTree } from '../trees/grower.ts';
import { beginForest, type TreeGrower } from './forest-growth.ts';
import { createForestModel, forestLearner } from './forest-model.ts';
import { rowWeights, weightedMean } from './training-rows.ts';
import { fitsForest, growthShape, mostLeaves, tooLargeForest } from './tree-params.ts';

const paramsSchema = z
  .strictObject({
    ...growthShape,
    /** At most: it stops at a tree without error, and at one that is no better than a guess. */
    trees: z.int().min(1).max(5000).default(100),
    /** Of what a tree's error tells: below 1 more trees are needed, and each counts for less. */
    learningRate: z.number().gt(0).max(2).default(0.5),
    maxDepth: growthShape.maxDepth.default(2),
    maxLeaves: growthShape.maxLeaves.default(64),
    minSamplesLeaf: growthShape.minSamplesLeaf.default(1),
    l2: growthShape.l2.default(0),
  })
  .refine(
    (params) => fitsForest({ trees: params.trees, leaves: mostLeaves(params) }),
    tooLargeForest('trees × the leaves that maxDepth and maxLeaves allow'),
  );

/**
 * Shallow trees one after the other, each on rows that weigh more the worse the earlier ones did on them.
 * Two classes: SAMME (Zhu, Zou, Rosset and Hastie, 2009), whose trees vote; log odds are twice the mean vote, as in
 * scikit-learn. Numbers: AdaBoost.R2 (Drucker, 1997) with its linear loss; the answer is the weighted mean of the trees
 * and not their weighted median, so that it is a sum of trees, which explanations and exports need.
 */
export const adaBoost: Learner<z.infer<typeof paramsSchema>> = {
  name: 'ada-boost',
  ...forestLearner,
  params: paramsSchema,

  *fit(training, params) {
    const { blocks, target, task, seed } = training;
    const { grower, forest } = yield* beginForest({ training, params, steps: params.trees });
    const kind = task === 'binary' ? votes : numbers;
    const weights = Float64Array.from(rowWeights(training));
    const answers = new Float64Array(blocks.rows);
    const losses = new Float64Array(blocks.rows);
    const rounds: { tree: GrownTree; say: number }[] = [];
    for (let round = 0; round < params.trees; round++) {
      const random = createRandom(deriveSeed(seed, `tree ${round}`));
      scaleTo(weights, blocks.rows);
      const count = kind.prepare({ target, weights, random }, grower);
      const tree = grower.grow({ count, until: blocks.rows, random });
      kind.settle(tree);
      readAnswers(tree, grower.rows, answers);
      kind.compare({ target, answers, weights }, losses);
      const error = weightedMean(losses, weights);
      yield { done: round + 1, total: params.trees };
      if (error >= guess && rounds.length > 0) break;
      // There is nothing to learn from a tree without error, and nothing to build on where the first is a guess.
      const isLast = error <= 0 || error >= guess;
      const say = isLast ? 1 : params.learningRate * Math.log((1 - error) / error);
      rounds.push({ tree, say });
      if (isLast) break;
      losses.forEach((loss, row) => {
        weights[row] = (weights[row] as number) * Math.exp(say * loss);
      });
    }
    const total = rounds.reduce((sum, { say }) => sum + say, 0);
    for (const { tree, say } of rounds) forest.add(tree, (kind.scale * say) / total);
    const output = task === 'binary' ? 'sigmoid' : 'identity';
    return createForestModel({ ...forest.build(), blocks, base: 0, output });
  },
};

/** The weighted mean loss of answers that know nothing. */
const guess = 0.5;

type Boosted = {
  /** Of the weighted mean of the trees' answers. */
  scale: number;
  /** Lists the rows to grow on, the others behind them, and sets their derivatives; returns how many to grow on. */
  prepare(data: { target: Float64Array; weights: Float64Array; random: Random }, grower: TreeGrower): number;
  /** Turns the values of leaves into answers. */
  settle(tree: GrownTree): void;
  /** The loss of each row, 0 to 1. */
  compare(
    data: { target: Float64Array; answers: Float64Array; weights: Float64Array },
    losses: Float64Array,
  ): void;
};

/** A leaf votes 1 or −1 by the greater weight, which is where a regression on 1 and −1 has its sign. */
const votes: Boosted = {
  scale: 2,
  prepare: ({ target, weights }, grower) => {
    weights.forEach((weight, row) => {
      grower.hessians[row] = weight;
      grower.gradients[row] = target[row] === 1 ? -weight : weight;
    });
    return listRows(grower.rows, (row) => (weights[row] as number) > 0);
  },
  settle: ({ value, leaves }) => {
    for (const { node } of leaves) value[node] = Math.sign(value[node] as number);
  },
  compare: ({ target, answers }, losses) => {
    for (let row = 0; row < losses.length; row++) {
      losses[row] = (1 - (answers[row] as number) * (target[row] === 1 ? 1 : -1)) / 2;
    }
  },
};

/** Trees on rows drawn by weight, as many as there are: the draw is what makes trees of one depth differ. */
const numbers: Boosted = {
  scale: 1,
  prepare: ({ target, weights, random }, grower) => {
    const counts = drawByWeight(weights, random);
    counts.forEach((count, row) => {
      grower.hessians[row] = count;
      grower.gradients[row] = -count * (target[row] as number);
    });
    return listRows(grower.rows, (row) => (counts[row] as number) > 0);
  },
  settle: () => {},
  compare: ({ target, answers, weights }, losses) => {
    let largest = 0;
    for (let row = 0; row < losses.length; row++) {
      // Rows without weight are not drawn, and may be far off.
      const isDrawn = (weights[row] as number) > 0;
      losses[row] = isDrawn ? Math.abs((answers[row] as number) - (target[row] as number)) : 0;
      largest = Math.max(largest, losses[row] as number);
    }
    if (largest === 0) return;
    for (let row = 0; row < losses.length; row++) losses[row] = (losses[row] as number) / largest;
  },
};

/** Those that are chosen, then the others; both ascending. Returns how many are chosen. */
function listRows(into: Int32Array, isChosen: (row: number) => boolean): number {
  let count = 0;
  for (let row = 0; row < into.length; row++) if (isChosen(row)) into[count++] = row;
  let place = count;
  for (let row = 0; row < into.length; row++) if (!isChosen(row)) into[place++] = row;
  return count;
}

/** How often each row is drawn in as many draws as there are rows, with replacement. */
function drawByWeight(weights: Float64Array, random: Random): Int32Array {
  const cumulative = new Float64Array(weights.length);
  let total = 0;
  let last = 0;
  weights.forEach((weight, row) => {
    total += weight;
    cumulative[row] = total;
    if (weight > 0) last = row;
  });
  const counts = new Int32Array(weights.length);
  for (let draw = 0; draw < weights.length; draw++) {
    const point = random.uniform() * total;
    // The first row whose sum is above the point, which is never one without weight.
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] as number) > point) high = middle;
      else low = middle + 1;
    }
    counts[low] = (counts[low] as number) + 1;
  }
  return counts;
}

function readAnswers({ leaves, value }: GrownTree, rows: Int32Array, into: Float64Array): void {
  for (const { node, start, end, beside } of leaves) {
    const answer = value[node] as number;
    for (let i = start; i < end; i++) into[rows[i] as number] = answer;
    for (let i = beside.start; i < beside.end; i++) into[rows[i] as number] = answer;
  }
}

function scaleTo(weights: Float64Array, total: number): void {
  const factor = total / weights.reduce((sum, weight) => sum + weight, 0);
  weights.forEach((weight, row) => {
    weights[row] = weight * factor;
  });
}
