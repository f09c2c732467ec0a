import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { fitDesign } from './design-matrix.ts';
import { sigmoid } from './forest-model.ts';
import { withProgress } from './linear.ts';
import {
  createLinearModel,
  explainLinearModel,
  linearImportances,
  linearScores,
  loadLinearModel,
} from './linear-model.ts';
import { solveLeastSquares } from './normal-equations.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /** Penalty on half the squared coefficients of the standardised columns, against the summed loss: 1 / scikit-learn's `C`. */
  l2: z.number().positive().default(1),
  maxIterations: z.int().min(1).max(1000).default(100),
});

/** A Newton step that moves no coefficient by more than this has arrived; steps shrink quadratically. */
const tolerance = 1e-10;
/** Weights of rows whose class is certain vanish; this keeps the normal equations solvable. */
const curvatureLimit = 1e-12;

/** L2-penalised logistic regression by Newton's method with step halving. */
export const logistic: Learner<z.infer<typeof paramsSchema>> = {
  name: 'logistic',
  tasks: ['binary'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, { l2, maxIterations }) {
    checkTrainingSet(training);
    const { blocks, target } = training;
    const { design, x, recentre } = fitDesign(blocks);
    const weights = rowWeights(training);
    const width = design.means.length;
    const rows = { x, width, rows: blocks.rows };
    const total = maxIterations;

    let solution = new Float64Array(width + 1);
    let scores = linearScores(rows, solution);
    let loss = penalisedLoss({ scores, target, weights }, { solution, l2 });
    for (let iteration = 1; iteration <= maxIterations; iteration++) {
      const curvature = new Float64Array(blocks.rows);
      const pull = new Float64Array(blocks.rows);
      scores.forEach((score, row) => {
        const probability = sigmoid(score);
        const weight = weights[row] as number;
        curvature[row] = weight * Math.max(curvatureLimit, probability * (1 - probability));
        pull[row] = weight * ((target[row] as number) - probability);
      });
      const drift = solution.map((coefficient, i) => (i < width ? -l2 * coefficient : 0));
      const solving = solveLeastSquares({ x: rows.x, width, curvature, pull, l2, drift });
      const step = yield* withProgress(solving, { done: iteration - 1, total });

      let length = 1;
      let accepted = false;
      while (!accepted && length > tolerance) {
        const next = solution.map((coefficient, i) => coefficient + length * (step[i] as number));
        const nextScores = linearScores(rows, next);
        const nextLoss = penalisedLoss({ scores: nextScores, target, weights }, { solution: next, l2 });
        accepted = nextLoss <= loss;
        if (accepted) {
          solution = next;
          scores = nextScores;
          loss = nextLoss;
        } else {
          length /= 2;
        }
      }
      yield { done: iteration, total };
      // Without any fall left the loss is flat to the last bit, which is as far as doubles go.
      if (!accepted || step.every((change) => Math.abs(change) * length < tolerance)) break;
    }
    return createLinearModel(design, recentre(solution));
  },

  load: (model) => {
    const { predict, predictColumns } = loadLinearModel(model);
    return {
      predict: (blocks) => predict(blocks).map(sigmoid),
      predictColumns: (columns) => predictColumns(columns).map(sigmoid),
    };
  },
  explainer: (model) => explainLinearModel(model, 'logOdds'),
  importances: linearImportances,
};

function penalisedLoss(
  { scores, target, weights }: { scores: Float64Array; target: Float64Array; weights: Float64Array },
  { solution, l2 }: { solution: Float64Array; l2: number },
): number {
  let loss = 0;
  for (let row = 0; row < scores.length; row++) {
    const score = scores[row] as number;
    const softplus = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
    loss += (weights[row] as number) * (softplus - (target[row] as number) * score);
  }
  for (let i = 0; i + 1 < solution.length; i++) loss += (l2 / 2) * (solution[i] as number) ** 2;
  return loss;
}
