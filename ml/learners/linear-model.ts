import { z } from 'zod';
import type { Explainer, ExplanationSpace } from '../explain/explainer.ts';
import type { FittedModel, Predictor } from '../learner.ts';
import type { Link } from '../network/link.ts';
import type { Layered } from '../tensor-form.ts';
import { type Design, designNames, designSchema, standardise } from './design-matrix.ts';
import { createDesignScores } from './design-scores.ts';

export const linearHeadSchema = z
  .strictObject({
    design: designSchema,
    /** Of the standardised columns, so that their sizes compare. */
    coefficients: z.array(z.number()),
    intercept: z.number(),
  })
  .refine(
    ({ design, coefficients }) => {
      const width = designNames(design).length;
      return [coefficients, design.means, design.spreads].every((list) => list.length === width);
    },
    { error: 'a linear model needs one coefficient, mean and spread for each column' },
  );

/** `solution`: the columns' coefficients, then the intercept. */
export function createLinearModel(design: Design, solution: Float64Array): FittedModel {
  const width = solution.length - 1;
  const head = {
    design,
    coefficients: [...solution.subarray(0, width)],
    intercept: solution[width] as number,
  };
  return { head, sections: {} };
}

export function loadLinearModel(model: FittedModel): Required<Predictor> {
  const { design, coefficients, intercept } = linearHeadSchema.parse(model.head);
  return createDesignScores(design, { coefficients: Float64Array.from(coefficients), intercept });
}

export function linearTensorForm(model: FittedModel, link: Link): Layered {
  const { design, coefficients, intercept } = linearHeadSchema.parse(model.head);
  return oneLayer(design, { coefficients: [coefficients], intercepts: [intercept], link });
}

/** @param weights a list of coefficients and an intercept for each output */
export function oneLayer(
  design: Design,
  {
    coefficients,
    intercepts,
    link,
  }: { coefficients: readonly (readonly number[])[]; intercepts: readonly number[]; link: Link },
): Layered {
  const inputs = design.means.length;
  const outputs = intercepts.length;
  const weights = new Float64Array(inputs * outputs);
  for (let i = 0; i < weights.length; i++)
    weights[i] = coefficients[i % outputs]?.[Math.floor(i / outputs)] as number;
  const layer = { inputs, outputs, weights, biases: Float64Array.from(intercepts) };
  return {
    kind: 'layers',
    design,
    layers: [layer],
    activation: 'relu',
    link,
    target: { mean: 0, spread: 1 },
  };
}

export function linearScores(
  { x, width, rows }: { x: Float64Array; width: number; rows: number },
  solution: Float64Array,
): Float64Array {
  const scores = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = solution[width] as number;
    for (let i = 0; i < width; i++) sum += (x[row * width + i] as number) * (solution[i] as number);
    scores[row] = sum;
  }
  return scores;
}

/**
 * Coefficient × (value − its training mean), which is the Shapley value of a linear model whose columns are taken as
 * independent (Štrumbelj and Kononenko, 2014); the levels of a codes column are summed.
 */
export function explainLinearModel(model: FittedModel, space: ExplanationSpace): Explainer {
  const { design, coefficients, intercept } = linearHeadSchema.parse(model.head);
  const columnOf = Int32Array.from([
    ...design.dense.map((_, column) => column),
    ...design.codes.flatMap(({ levels }, i) => levels.map(() => design.dense.length + i)),
  ]);
  const columns = design.dense.length + design.codes.length;
  return {
    space,
    // Standardised columns are 0 at their means.
    baseValue: intercept,
    contributions: (blocks) => {
      const x = standardise(design, blocks);
      const contributions = new Float64Array(blocks.rows * columns);
      for (let row = 0; row < blocks.rows; row++) {
        coefficients.forEach((coefficient, i) => {
          const at = row * columns + (columnOf[i] as number);
          const value = x[row * coefficients.length + i] as number;
          contributions[at] = (contributions[at] as number) + coefficient * value;
        });
      }
      return contributions;
    },
  };
}

export function linearImportances(model: FittedModel): { feature: string; importance: number }[] {
  const { design, coefficients } = linearHeadSchema.parse(model.head);
  return designNames(design).map((feature, i) => ({ feature, importance: Math.abs(coefficients[i] ?? 0) }));
}
