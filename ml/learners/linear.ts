import { z } from 'zod';
import type { Learner } from '../learner.ts';
import { minimiseQuadratic } from './coordinate-descent.ts';
import { fitDesign } from './design-matrix.ts';
import {
  createLinearModel,
  explainLinearModel,
  linearImportances,
  linearTensorForm,
  loadLinearModel,
} from './linear-model.ts';
import { withProgress } from './newton.ts';
import { gatherNormalEquations, solveLeastSquares, type WeightedRows } from './normal-equations.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /**
   * Penalty on the absolute coefficients of the standardised columns, against half the summed squared errors: it makes
   * coefficients exactly 0. With the names of scikit-learn's `ElasticNet` rows × `alpha` × `l1_ratio`.
   */
  l1: z.number().nonnegative().default(0),
  /** Penalty on half their squares, likewise: `alpha` of `Ridge`, rows × `alpha` × (1 − `l1_ratio`) of `ElasticNet`. */
  l2: z.number().nonnegative().default(1),
});
type Params = z.infer<typeof paramsSchema>;

/** Least squares: ridge regression solved exactly, lasso and elastic net by coordinate descent on the normal equations. */
export const linear: Learner<Params> = {
  name: 'linear',
  tasks: ['regression'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    const { blocks, target } = training;
    const { design, x, recentre } = fitDesign(blocks);
    const weights = rowWeights(training);
    const rows = {
      x,
      width: design.means.length,
      curvature: weights,
      pull: target.map((value, row) => value * (weights[row] as number)),
    };
    const solution = yield* withProgress(solve(rows, params), { done: 0, total: 1 });
    yield { done: 1, total: 1 };
    return createLinearModel(design, recentre(solution));
  },

  load: loadLinearModel,
  explainer: (model) => explainLinearModel(model, 'value'),
  tensorForm: (model) => linearTensorForm(model, 'identity'),
  importances: linearImportances,
};

function* solve(rows: WeightedRows, { l1, l2 }: Params): Generator<void, Float64Array, void> {
  if (l1 === 0) return yield* solveLeastSquares({ ...rows, l2 });
  const { size, gram, right } = yield* gatherNormalEquations(rows);
  return yield* minimiseQuadratic({ size, free: 1, matrix: gram, right, l1, l2 }, new Float64Array(size));
}
