import type { FittedModel, Progress, TrainingSet } from '../learner.ts';
import { softmaxInPlace } from '../probabilities.ts';
import { fitStandardDesign } from './design-matrix.ts';
import { sigmoid } from './forest-model.ts';
import { descendInMemory } from './limited-memory.ts';
import { addRowGradient, addRowScores, type SparseRows } from './sparse-kernels.ts';
import { createSparseModel, withoutSparse } from './sparse-model.ts';
import { rowWeights } from './training-rows.ts';

/**
 * The largest derivative of the mean loss that is left, scikit-learn's `tol`. A tenth of it moves no prediction of
 * reviews, and takes half as long again.
 */
const tolerance = 1e-4;
/** Entries between two pauses: a fraction of a second. */
const entriesAtOnce = 2_000_000;

type Settings = { l1: number; l2: number; maxIterations: number };
type Rows = SparseRows & { target: Float64Array; weights: Float64Array; outputs: number };

/**
 * Logistic regression on many sparse columns beside few dense ones: softmax, or one output for two classes. The sparse
 * columns are taken as they are, the dense ones standardised; the L2 penalty is on all of them, on intercepts not.
 * @throws RangeError for an L1 penalty
 */
export function* fitSparseLogistic(
  training: TrainingSet,
  { l1, l2, maxIterations }: Settings,
): Generator<Progress, FittedModel, void> {
  if (l1 > 0) throw new RangeError(`l1 is ${l1}: with sparse columns, as tfidf makes them, there is l2 only`);
  const { task, blocks, target, classes } = training;
  const { design, x: dense } = fitStandardDesign(withoutSparse(blocks));
  const outputs = task === 'binary' ? 1 : classes;
  const rows: Rows = {
    rows: blocks.rows,
    dense,
    sparse: blocks.sparse,
    target,
    weights: rowWeights(training),
    outputs,
  };
  const columns = design.means.length + blocks.sparse.names.length;
  const solution = yield* descendInMemory({
    start: new Float64Array((columns + 1) * outputs),
    maxIterations,
    tolerance: tolerance * rows.weights.reduce((sum, weight) => sum + weight, 0),
    at: (at, gradient) => penalisedLoss(rows, { solution: at, gradient, l2 }),
  });
  return createSparseModel({ design, sparse: blocks.sparse.names, solution, outputs });
}

/**
 * The penalised loss, and its gradient, which is written over.
 * @param at.solution the coefficients of all outputs for each column, the sparse ones last; then the intercepts
 */
export function* penalisedLoss(
  rows: Rows,
  { solution, gradient, l2 }: { solution: Float64Array; gradient: Float64Array; l2: number },
): Generator<void, number, void> {
  const penalised = solution.length - rows.outputs;
  let loss = 0;
  for (let i = 0; i < penalised; i++) {
    const value = solution[i] as number;
    loss += (l2 / 2) * value * value;
    gradient[i] = l2 * value;
  }
  gradient.fill(0, penalised);
  for (let from = 0; from < rows.rows; ) {
    const to = endOfBlock(rows, from);
    loss += lossOfRows(rows, { solution, gradient, from, to });
    from = to;
    yield;
  }
  return loss;
}

/** The row before which to pause: at least one row on. */
function endOfBlock({ rows, dense, sparse: { offsets } }: SparseRows, from: number): number {
  const width = dense.length / rows;
  let to = from + 1;
  while (
    to < rows &&
    (offsets[to] as number) - (offsets[from] as number) + (to - from) * width < entriesAtOnce
  )
    to += 1;
  return to;
}

/** No generator: its loops would run at a third of the speed. Adds to the gradient. */
function lossOfRows(
  rows: Rows,
  {
    solution,
    gradient,
    from,
    to,
  }: { solution: Float64Array; gradient: Float64Array; from: number; to: number },
): number {
  const { outputs, target, weights } = rows;
  const intercepts = solution.length - outputs;
  const scores = new Float64Array(outputs);
  let loss = 0;
  for (let row = from; row < to; row++) {
    for (let k = 0; k < outputs; k++) scores[k] = solution[intercepts + k] as number;
    addRowScores(rows, { row, coefficients: solution, scores });
    const weight = weights[row] as number;
    loss += weight * toPulls(scores, target[row] as number);
    for (let k = 0; k < outputs; k++) {
      const pull = weight * (scores[k] as number);
      scores[k] = pull;
      gradient[intercepts + k] = (gradient[intercepts + k] as number) + pull;
    }
    addRowGradient(rows, { row, pulls: scores, gradient });
  }
  return loss;
}

/** Makes of the scores of a row the derivatives of its loss, which it returns. */
function toPulls(scores: Float64Array, target: number): number {
  if (scores.length === 1) {
    const score = scores[0] as number;
    scores[0] = sigmoid(score) - target;
    return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - target * score;
  }
  const own = scores[target] as number;
  const logSum = softmaxInPlace(scores, 0, scores.length);
  scores[target] = (scores[target] as number) - 1;
  return logSum - own;
}
