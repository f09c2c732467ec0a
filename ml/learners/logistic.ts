import { z } from 'zod';
import type { Learner, TrainingSet } from '../learner.ts';
import { minimiseQuadratic } from './coordinate-descent.ts';
import { fitDesign } from './design-matrix.ts';
import { sigmoid } from './forest-model.ts';
import {
  createLinearModel,
  explainLinearModel,
  linearImportances,
  linearScores,
  linearTensorForm,
  loadLinearModel,
} from './linear-model.ts';
import { descend } from './newton.ts';
import { addProduct, gatherNormalEquations, solveLeastSquares } from './normal-equations.ts';
import {
  explainSoftmaxModel,
  fitSoftmax,
  isSoftmaxModel,
  loadSoftmaxModel,
  softmaxImportances,
  softmaxTensorForm,
} from './softmax.ts';
import { fitSparseLogistic } from './sparse-logistic.ts';
import { explainSparseModel, isSparseModel, loadSparseModel, sparseImportances } from './sparse-model.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z
  .strictObject({
    /**
     * Penalty on the absolute coefficients of the standardised columns, against the summed loss: it makes
     * coefficients exactly 0. With scikit-learn's names `l1_ratio / C`.
     */
    l1: z.number().nonnegative().default(0),
    /** Penalty on half the squared coefficients, likewise: `(1 − l1_ratio) / C`. */
    l2: z.number().nonnegative().default(1),
    maxIterations: z.int().min(1).max(1000).default(100),
  })
  .refine(({ l1, l2 }) => l1 + l2 > 0, {
    path: ['l2'],
    error: 'l1 or l2 must be above 0: without a penalty separable classes have no solution',
  });
type Params = z.infer<typeof paramsSchema>;

/** Weights of rows whose class is certain vanish; this keeps the normal equations solvable. */
const curvatureLimit = 1e-12;

/**
 * Logistic regression, penalised by L2, L1 or both (elastic net), by Newton's method; with L1 by the proximal Newton
 * method (Friedman, Hastie and Tibshirani, 2010; Lee, Sun and Saunders, 2014). More than two classes: softmax.
 */
export const logistic: Learner<Params> = {
  name: 'logistic',
  tasks: ['binary', 'multiclass'],
  reads: ['dense', 'codes', 'sparse'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    if (training.blocks.sparse.names.length > 0) return yield* fitSparseLogistic(training, params);
    if (training.task === 'multiclass') return yield* fitSoftmax(training, params);
    const { design, x, recentre } = fitDesign(training.blocks);
    const problem = createBinaryProblem({ training, x, width: design.means.length }, params);
    return createLinearModel(design, recentre(yield* descend(problem)));
  },

  load: (model) => {
    if (isSparseModel(model)) return loadSparseModel(model);
    if (isSoftmaxModel(model)) return loadSoftmaxModel(model);
    const { predict, predictColumns } = loadLinearModel(model);
    return {
      predict: (blocks) => predict(blocks).map(sigmoid),
      predictColumns: (columns) => predictColumns(columns).map(sigmoid),
    };
  },
  explainer: (model, _, output = 0) => {
    if (isSparseModel(model)) return explainSparseModel(model, output);
    return isSoftmaxModel(model) ? explainSoftmaxModel(model, output) : explainLinearModel(model, 'logOdds');
  },
  tensorForm: (model) =>
    isSoftmaxModel(model) ? softmaxTensorForm(model) : linearTensorForm(model, 'sigmoid'),
  importances: (model) => {
    if (isSparseModel(model)) return sparseImportances(model);
    return isSoftmaxModel(model) ? softmaxImportances(model) : linearImportances(model);
  },
};

type BinaryRows = { training: TrainingSet; x: Float64Array; width: number };
type Scored = { scores: Float64Array; loss: number };

function createBinaryProblem({ training, x, width }: BinaryRows, { l1, l2, maxIterations }: Params) {
  const { target } = training;
  const weights = rowWeights(training);
  const rows = target.length;
  return {
    start: new Float64Array(width + 1),
    maxIterations,
    at(solution: Float64Array): Scored {
      const scores = linearScores({ x, width, rows }, solution);
      return { scores, loss: penalisedLoss({ scores, target, weights }, { solution, l1, l2 }) };
    },
    *step(solution: Float64Array, { scores }: Scored): Generator<void, Float64Array, void> {
      const curvature = new Float64Array(rows);
      const pull = new Float64Array(rows);
      scores.forEach((score, row) => {
        const probability = sigmoid(score);
        const weight = weights[row] as number;
        curvature[row] = weight * Math.max(curvatureLimit, probability * (1 - probability));
        pull[row] = weight * ((target[row] as number) - probability);
      });
      if (l1 === 0) {
        const drift = solution.map((coefficient, i) => (i < width ? -l2 * coefficient : 0));
        return yield* solveLeastSquares({ x, width, curvature, pull, l2, drift });
      }
      const { size, gram, right } = yield* gatherNormalEquations({ x, width, curvature, pull });
      addProduct(gram, solution, right);
      const quadratic = { size, free: 1, matrix: gram, right, l1, l2 };
      const minimum = yield* minimiseQuadratic(quadratic, solution);
      return minimum.map((coefficient, i) => coefficient - (solution[i] as number));
    },
  };
}

function penalisedLoss(
  { scores, target, weights }: { scores: Float64Array; target: Float64Array; weights: Float64Array },
  { solution, l1, l2 }: { solution: Float64Array; l1: number; l2: number },
): number {
  let loss = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    const softplus = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
    loss += (weights[row] as number) * (softplus - (target[row] as number) * score);
  }
  for (let i = 0; i + 1 < solution.length; i++) loss += (l2 / 2) * (solution[i] as number) ** 2;
  if (l1 > 0) for (let i = 0; i + 1 < solution.length; i++) loss += l1 * Math.abs(solution[i] as number);
  return loss;
}
