import { z } from 'zod';
import type { Learner, Progress } from '../learner.ts';
import { fitDesign } from './design-matrix.ts';
import { createLinearModel, explainLinearModel, linearImportances, loadLinearModel } from './linear-model.ts';
import { solveLeastSquares } from './normal-equations.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /** Penalty on the squared coefficients of the standardised columns: scikit-learn's `alpha`. */
  l2: z.number().nonnegative().default(1),
});

/** Ridge regression, solved exactly. */
export const linear: Learner<z.infer<typeof paramsSchema>> = {
  name: 'linear',
  tasks: ['regression'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, { l2 }) {
    checkTrainingSet(training);
    const { blocks, target } = training;
    const { design, x, recentre } = fitDesign(blocks);
    const weights = rowWeights(training);
    const solving = solveLeastSquares({
      x,
      width: design.means.length,
      curvature: weights,
      pull: target.map((value, row) => value * (weights[row] as number)),
      l2,
    });
    const solution = yield* withProgress(solving, { done: 0, total: 1 });
    yield { done: 1, total: 1 };
    return createLinearModel(design, recentre(solution));
  },

  load: loadLinearModel,
  explainer: (model) => explainLinearModel(model, 'value'),
  importances: linearImportances,
};

/** Lets the driver stop at each pause of a job that counts as one unit of work. */
export function* withProgress<Result>(
  job: Generator<void, Result, void>,
  at: Progress,
): Generator<Progress, Result, void> {
  for (;;) {
    const step = job.next();
    if (step.done === true) return step.value;
    yield at;
  }
}
