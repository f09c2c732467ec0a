import { z } from 'zod';
import type { Blocks, SparseBlock } from '../blocks.ts';
import type { Explainer } from '../explain/explainer.ts';
import type { FittedModel, Predictor } from '../learner.ts';
import { softmaxInPlace } from '../probabilities.ts';
import { type Design, designNames, designSchema, standardise } from './design-matrix.ts';
import { sigmoid } from './forest-model.ts';
import { explainLinearModel } from './linear-model.ts';
import { addRowScores } from './sparse-kernels.ts';

const headSchema = z.strictObject({
  design: designSchema,
  /** Sparse columns, which stand behind those of the design. */
  sparseColumns: z.int().min(0),
  intercepts: z.array(z.number()).min(1),
});

type SparseModel = {
  design: Design;
  sparseColumns: number;
  intercepts: readonly number[];
  /** Columns × outputs. */
  coefficients: Float64Array;
};

/**
 * A vocabulary of a hundred thousand terms is no business of the JSON head: the coefficients are one section, the
 * names, which only importances ask for, another.
 */
export function createSparseModel(fitted: {
  design: Design;
  sparse: readonly string[];
  /** Columns × outputs, then the intercepts. */
  solution: Float64Array;
  outputs: number;
}): FittedModel {
  const { design, sparse, solution, outputs } = fitted;
  const size = solution.length - outputs;
  return {
    head: { design, sparseColumns: sparse.length, intercepts: [...solution.subarray(size)] },
    sections: {
      coefficients: solution.slice(0, size),
      names: new TextEncoder().encode(JSON.stringify(sparse)),
    },
  };
}

export const isSparseModel = ({ head }: FittedModel): boolean =>
  typeof head === 'object' && head !== null && 'sparseColumns' in head;

/** @throws RangeError where the coefficients are not those of the columns */
function readSparseModel({ head, sections }: FittedModel): SparseModel {
  const { design, sparseColumns, intercepts } = headSchema.parse(head);
  const { coefficients } = sections;
  const size = (design.means.length + sparseColumns) * intercepts.length;
  if (coefficients instanceof Float64Array && coefficients.length === size)
    return { design, sparseColumns, intercepts, coefficients };
  throw new RangeError(
    `the model has ${coefficients?.length ?? 'no'} coefficients, its columns need ${size}`,
  );
}

const noSparse: SparseBlock = {
  names: [],
  offsets: new Int32Array(1),
  indices: new Int32Array(),
  values: new Float64Array(),
};
export const withoutSparse = (blocks: Blocks): Blocks => ({ ...blocks, sparse: noSparse });

export function loadSparseModel(model: FittedModel): Predictor {
  const { design, sparseColumns, intercepts, coefficients } = readSparseModel(model);
  const outputs = intercepts.length;
  return {
    predict: (blocks) => {
      checkSparse(sparseColumns, blocks.sparse);
      const rows = {
        rows: blocks.rows,
        dense: standardise(design, withoutSparse(blocks)),
        sparse: blocks.sparse,
      };
      const predicted = new Float64Array(blocks.rows * outputs);
      for (let row = 0; row < blocks.rows; row++) {
        const scores = predicted.subarray(row * outputs, (row + 1) * outputs);
        scores.set(intercepts);
        addRowScores(rows, { row, coefficients, scores });
        if (outputs === 1) scores[0] = sigmoid(scores[0] as number);
        else softmaxInPlace(scores, 0, outputs);
      }
      return predicted;
    },
  };
}

/** Names are not compared: a recipe's vocabulary and its model are of one artifact, and there are a hundred thousand. */
function checkSparse(expected: number, { names }: SparseBlock): void {
  if (names.length === expected) return;
  throw new RangeError(
    `the recipe made ${names.length} sparse columns; the model was trained with ${expected}`,
  );
}

/** Of two classes the log odds; of more, the score of one less the mean of all. */
export function explainSparseModel(model: FittedModel, output: number): Explainer {
  const { design, intercepts, coefficients } = readSparseModel(model);
  const outputs = intercepts.length;
  const width = design.means.length;
  const above = (values: ArrayLike<number>, from: number): number => {
    if (outputs === 1) return values[from] as number;
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += values[from + k] as number;
    return (values[from + output] as number) - sum / outputs;
  };
  const dense = {
    design,
    coefficients: Array.from({ length: width }, (_, column) => above(coefficients, column * outputs)),
    intercept: above(intercepts, 0),
  };
  const ofDense = explainLinearModel({ head: dense, sections: {} }, outputs === 1 ? 'logOdds' : 'score');
  return {
    ...ofDense,
    contributions: (blocks) => ofDense.contributions(withoutSparse(blocks)),
    sparseContributions: ({ sparse: { indices, values } }) =>
      values.map(
        (value, entry) => value * above(coefficients, (width + (indices[entry] as number)) * outputs),
      ),
  };
}

/** Mean size over the outputs. */
export function sparseImportances(model: FittedModel): { feature: string; importance: number }[] {
  const { design, intercepts, coefficients } = readSparseModel(model);
  const outputs = intercepts.length;
  const sparse = z.array(z.string()).parse(JSON.parse(new TextDecoder().decode(namesOf(model))));
  return [...designNames(design), ...sparse].map((feature, column) => {
    let sum = 0;
    for (let k = 0; k < outputs; k++) sum += Math.abs(coefficients[column * outputs + k] as number);
    return { feature, importance: sum / outputs };
  });
}

function namesOf({ sections: { names } }: FittedModel): Uint8Array {
  if (names instanceof Uint8Array) return names;
  throw new RangeError('the model was stored without the names of its columns');
}
