import { z } from 'zod';
import type { Blocks } from '../blocks.ts';
import type { FittedModel } from '../learner.ts';
import { type Design, designNames, designSchema, standardise } from './design-matrix.ts';

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

export function loadLinearModel(model: FittedModel): (blocks: Blocks) => Float64Array {
  const { design, coefficients, intercept } = linearHeadSchema.parse(model.head);
  const weights = Float64Array.from([...coefficients, intercept]);
  return (blocks) =>
    linearScores({ x: standardise(design, blocks), width: coefficients.length, rows: blocks.rows }, weights);
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

export function linearImportances(model: FittedModel): { feature: string; importance: number }[] {
  const { design, coefficients } = linearHeadSchema.parse(model.head);
  return designNames(design).map((feature, i) => ({ feature, importance: Math.abs(coefficients[i] ?? 0) }));
}
