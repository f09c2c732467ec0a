import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { z } from 'zod';
import type { Explainer } from '../explain/explainer.ts';
import type { FittedModel, Predictor, Progress, TrainingSet } from '../learner.ts';
import { softmaxInPlace } from '../probabilities.ts';
import { mean } from '../sample.ts';
import type { Layered } from '../tensor-form.ts';
import { minimiseQuadratic } from './coordinate-descent.ts';
import { designNames, designSchema, fitDesign } from './design-matrix.ts';
import { createDesignScores } from './design-scores.ts';
import { explainLinearModel, linearScores, oneLayer } from './linear-model.ts';
import { descend } from './newton.ts';
import { addProduct, gatherNormalEquations } from './normal-equations.ts';
import { rowWeights } from './training-rows.ts';

/** A Newton step solves for all coefficients of all classes together. */
const sizeLimit = 2000;
/** Weights of rows whose class is certain vanish; this keeps the equations solvable. */
const curvatureLimit = 1e-12;

const headSchema = z
  .strictObject({
    design: designSchema,
    /** A row a class: of the standardised columns, so that their sizes compare. */
    coefficients: z.array(z.array(z.number())).min(2),
    intercepts: z.array(z.number()),
  })
  .refine(
    ({ design, coefficients, intercepts }) => {
      const width = designNames(design).length;
      const lists = [...coefficients, design.means, design.spreads];
      return intercepts.length === coefficients.length && lists.every((list) => list.length === width);
    },
    { error: 'a softmax model needs an intercept for each class, and a coefficient for each of its columns' },
  );

type Penalties = { l1: number; l2: number; maxIterations: number };

/**
 * Softmax regression: one row of coefficients a class, all penalised alike, the intercepts not at all. What is added
 * to the intercepts of all classes changes nothing; of all these solutions the one whose intercepts sum to 0 is taken.
 * @throws RangeError for more coefficients than a Newton step can solve for
 */
export function* fitSoftmax(
  training: TrainingSet,
  penalties: Penalties,
): Generator<Progress, FittedModel, void> {
  const { classes } = training;
  const { design, x, recentre } = fitDesign(training.blocks);
  const width = design.means.length;
  if ((width + 1) * classes > sizeLimit) {
    throw new RangeError(
      `logistic takes at most ${sizeLimit} coefficients; ${classes} classes of ${width} columns and an intercept have ${(width + 1) * classes}`,
    );
  }
  const solution = yield* descend(createProblem({ training, x, width }, penalties));
  const byClass = Array.from({ length: classes }, (_, k) =>
    recentre(classPart(solution, { k, width, classes })),
  );
  const head = {
    design,
    coefficients: byClass.map((part) => [...part.subarray(0, width)]),
    intercepts: byClass.map((part) => part[width] as number),
  };
  return { head, sections: {} };
}

/** The coefficients of a class, then its intercept; a solution has all coefficients first. */
function classPart(
  solution: Float64Array,
  { k, width, classes }: { k: number; width: number; classes: number },
): Float64Array {
  const part = new Float64Array(width + 1);
  part.set(solution.subarray(k * width, (k + 1) * width));
  part[width] = solution[classes * width + k] as number;
  return part;
}

type SoftmaxRows = { training: TrainingSet; x: Float64Array; width: number };
type Scored = { probabilities: Float64Array; loss: number };

function createProblem({ training, x, width }: SoftmaxRows, { l1, l2, maxIterations }: Penalties) {
  const { target, classes } = training;
  const weights = rowWeights(training);
  const rows = target.length;
  const penalised = width * classes;
  const size = penalised + classes;

  const at = (solution: Float64Array): Scored => {
    const probabilities = new Float64Array(rows * classes);
    for (let k = 0; k < classes; k++) {
      const scores = linearScores({ x, width, rows }, classPart(solution, { k, width, classes }));
      for (let row = 0; row < rows; row++) probabilities[row * classes + k] = scores[row] as number;
    }
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const score = probabilities[row * classes + (target[row] as number)] as number;
      const logSum = softmaxInPlace(probabilities, row * classes, classes);
      loss += (weights[row] as number) * (logSum - score);
    }
    for (let i = 0; i < penalised; i++) {
      const value = solution[i] as number;
      loss += l1 * Math.abs(value) + (l2 / 2) * value ** 2;
    }
    return { probabilities, loss };
  };

  function* step(solution: Float64Array, { probabilities }: Scored): Generator<void, Float64Array, void> {
    const matrix = new Float64Array(size * size);
    const right = new Float64Array(size);
    const placeOf = (k: number, i: number) => (i < width ? k * width + i : penalised + k);
    const curvature = new Float64Array(rows);
    const pull = new Float64Array(rows);
    for (let k = 0; k < classes; k++) {
      for (let other = 0; other <= k; other++) {
        for (let row = 0; row < rows; row++) {
          const weight = weights[row] as number;
          const mine = probabilities[row * classes + k] as number;
          const theirs = probabilities[row * classes + other] as number;
          const product = k === other ? Math.max(curvatureLimit, mine * (1 - mine)) : -mine * theirs;
          curvature[row] = weight * product;
          pull[row] = weight * ((target[row] === k ? 1 : 0) - mine);
        }
        const block = yield* gatherNormalEquations({ x, width, curvature, pull });
        for (let i = 0; i < block.size; i++) {
          const line = placeOf(k, i);
          if (k === other) right[line] = block.right[i] as number;
          for (let j = 0; j < block.size; j++) {
            const column = placeOf(other, j);
            const value = block.gram[Math.max(i, j) * block.size + Math.min(i, j)] as number;
            if (column <= line) matrix[line * size + column] = value;
            else matrix[column * size + line] = value;
          }
        }
      }
    }
    // Without this no curvature would hold the intercepts in their common direction.
    for (let k = penalised; k < size; k++) {
      for (let other = penalised; other <= k; other++) {
        matrix[k * size + other] = (matrix[k * size + other] as number) + 1;
      }
    }
    if (l1 === 0) return solveRidge({ matrix, right, l2, penalised }, solution);
    addProduct(matrix, solution, right);
    const quadratic = { size, free: classes, matrix, right, l1, l2 };
    const minimum = yield* minimiseQuadratic(quadratic, solution);
    return minimum.map((coefficient, i) => coefficient - (solution[i] as number));
  }
  return { start: new Float64Array(size), maxIterations, at, step };
}

/** The Newton step of a loss with these second derivatives (lower triangle) and this fall, under an L2 penalty. */
function solveRidge(
  problem: { matrix: Float64Array; right: Float64Array; l2: number; penalised: number },
  solution: Float64Array,
): Float64Array {
  const { matrix, right, l2, penalised } = problem;
  const size = right.length;
  const full = Matrix.zeros(size, size);
  const target = right.map((value, i) => (i < penalised ? value - l2 * (solution[i] as number) : value));
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (matrix[i * size + j] as number) + (i === j && i < penalised ? l2 : 0);
      full.set(i, j, value);
      full.set(j, i, value);
    }
  }
  return Float64Array.from(new CholeskyDecomposition(full).solve(Matrix.columnVector(target)).to1DArray());
}

export function isSoftmaxModel({ head }: FittedModel): boolean {
  return typeof head === 'object' && head !== null && 'intercepts' in head;
}

export function loadSoftmaxModel(model: FittedModel): Required<Predictor> {
  const { design, coefficients, intercepts } = headSchema.parse(model.head);
  const ofClasses = coefficients.map((list, k) =>
    createDesignScores(design, {
      coefficients: Float64Array.from(list),
      intercept: intercepts[k] as number,
    }),
  );
  const classes = ofClasses.length;
  const join = (rows: number, scoresOf: (of: Required<Predictor>) => Float64Array): Float64Array => {
    const probabilities = new Float64Array(rows * classes);
    ofClasses.forEach((of, k) => {
      const scores = scoresOf(of);
      for (let row = 0; row < rows; row++) probabilities[row * classes + k] = scores[row] as number;
    });
    for (let row = 0; row < rows; row++) softmaxInPlace(probabilities, row * classes, classes);
    return probabilities;
  };
  return {
    predict: (blocks) => join(blocks.rows, ({ predict }) => predict(blocks)),
    predictColumns: (columns) => join(columns.rows, ({ predictColumns }) => predictColumns(columns)),
  };
}

export function softmaxTensorForm(model: FittedModel): Layered {
  const { design, ...weights } = headSchema.parse(model.head);
  return oneLayer(design, { ...weights, link: 'softmax' });
}

/** Of one class: its score less the mean score of all. */
export function explainSoftmaxModel(model: FittedModel, output: number): Explainer {
  const { design, coefficients, intercepts } = headSchema.parse(model.head);
  const aboveMean = (values: readonly number[]) => (values[output] as number) - mean(values);
  const head = {
    design,
    coefficients: designNames(design).map((_, i) => aboveMean(coefficients.map((list) => list[i] as number))),
    intercept: aboveMean(intercepts),
  };
  return explainLinearModel({ head, sections: {} }, 'score');
}

/** Mean size over the classes. */
export function softmaxImportances(model: FittedModel): { feature: string; importance: number }[] {
  const { design, coefficients } = headSchema.parse(model.head);
  return designNames(design).map((feature, i) => ({
    feature,
    importance: coefficients.reduce((sum, list) => sum + Math.abs(list[i] ?? 0), 0) / coefficients.length,
  }));
}
