import { z } from 'zod';
import type { Blocks } from '../blocks.ts';

/** The normal equations hold width² doubles, and solving them takes width³ steps. */
const widthLimit = 2000;

/** What a linear model reads: dense columns, then one column for each level of each codes column. */
export const designSchema = z.strictObject({
  dense: z.array(z.string()),
  codes: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
  /** Of each column in training; a constant column has spread 1, so that it is 0 everywhere. */
  means: z.array(z.number()),
  spreads: z.array(z.number().positive()),
});
export type Design = z.infer<typeof designSchema>;

/** Column names in order; a level's column is named `<column>=<level>`. */
export function designNames({ dense, codes }: Pick<Design, 'dense' | 'codes'>): string[] {
  return [...dense, ...codes.flatMap(({ name, levels }) => levels.map((level) => `${name}=${level}`))];
}

/** Learns means and standard deviations (of the population, as scikit-learn's scaler). */
export function fitDesign(blocks: Blocks): Design {
  const layout = {
    dense: [...blocks.dense.names],
    codes: blocks.codes.names.map((name, i) => ({ name, levels: [...(blocks.codes.levels[i] ?? [])] })),
  };
  const width = designNames(layout).length;
  if (width > widthLimit) {
    throw new RangeError(`linear models take at most ${widthLimit} columns; the recipe made ${width}`);
  }
  const means = new Array<number>(width).fill(0);
  const spreads = new Array<number>(width).fill(0);
  const raw = rawDesign(layout, blocks);
  for (let column = 0; column < width; column++) {
    let sum = 0;
    for (let i = column; i < raw.length; i += width) sum += raw[i] as number;
    const mean = sum / blocks.rows;
    let squares = 0;
    for (let i = column; i < raw.length; i += width) squares += ((raw[i] as number) - mean) ** 2;
    const spread = Math.sqrt(squares / blocks.rows);
    if (!Number.isFinite(spread)) {
      throw new RangeError(
        `the spread of column ${designNames(layout)[column]} passes what a double can hold; scale or clip it in the recipe`,
      );
    }
    means[column] = mean;
    // Rounding leaves a constant column a spread of some units in the last place.
    spreads[column] = spread > 1e-13 * Math.max(1, Math.abs(mean)) ? spread : 1;
  }
  return { ...layout, means, spreads };
}

/**
 * The design for solving: columns that are mostly zeros are scaled and not centred, so that their zeros stay zeros.
 * No penalty touches the intercept, so the coefficients are the same; `recentre` gives the intercept of `standardise`.
 */
export function sparseDesign(
  design: Design,
  blocks: Blocks,
): { x: Float64Array; recentre: (solution: Float64Array) => Float64Array } {
  const { spreads } = design;
  const width = spreads.length;
  const raw = rawDesign(design, blocks);
  const means = design.means.map((mean, column) => {
    let zeros = 0;
    for (let i = column; i < raw.length; i += width) if (raw[i] === 0) zeros += 1;
    return zeros > blocks.rows / 2 ? 0 : mean;
  });
  return {
    x: scaleInPlace(raw, means, spreads),
    recentre: (solution) => {
      const centred = solution.slice();
      design.means.forEach((mean, column) => {
        const shift = (mean - (means[column] as number)) / (spreads[column] as number);
        centred[width] = (centred[width] as number) + (solution[column] as number) * shift;
      });
      return centred;
    },
  };
}

/** Rows × columns, row-major, every column with mean 0 and spread 1 over the training rows. */
export function standardise(design: Design, blocks: Blocks): Float64Array {
  return scaleInPlace(rawDesign(design, blocks), design.means, design.spreads);
}

function scaleInPlace(
  values: Float64Array,
  means: readonly number[],
  spreads: readonly number[],
): Float64Array {
  const width = means.length;
  for (let i = 0; i < values.length; i++) {
    const column = i % width;
    values[i] = ((values[i] as number) - (means[column] as number)) / (spreads[column] as number);
  }
  return values;
}

/** @throws RangeError for sparse columns, a value that is not finite, or columns other than those of training */
function rawDesign({ dense, codes }: Pick<Design, 'dense' | 'codes'>, blocks: Blocks): Float64Array {
  if (blocks.sparse.names.length > 0) {
    throw new RangeError(
      `this learner reads dense and codes columns; the recipe made ${blocks.sparse.names.length} sparse ones (first: ${blocks.sparse.names[0]})`,
    );
  }
  checkNames('dense', dense, blocks.dense.names);
  checkNames(
    'codes',
    codes.map(({ name }) => name),
    blocks.codes.names,
  );
  const width = dense.length + codes.reduce((sum, { levels }) => sum + levels.length, 0);
  const values = new Float64Array(blocks.rows * width);
  for (let row = 0; row < blocks.rows; row++) {
    let at = row * width;
    for (let column = 0; column < dense.length; column++) {
      const value = blocks.dense.values[row * dense.length + column] as number;
      if (!Number.isFinite(value)) {
        throw new RangeError(
          `column ${dense[column]} is ${Number.isNaN(value) ? 'missing' : value} in row ${row}; linear models need an impute step in the recipe`,
        );
      }
      values[at++] = value;
    }
    codes.forEach(({ levels }, column) => {
      const code = blocks.codes.values[row * codes.length + column] as number;
      if (code >= 0 && code < levels.length) values[at + code] = 1;
      at += levels.length;
    });
  }
  return values;
}

function checkNames(kind: string, expected: readonly string[], found: readonly string[]): void {
  for (let i = 0; i < Math.max(expected.length, found.length); i++) {
    if (expected[i] !== found[i]) {
      throw new RangeError(
        `${kind} column ${i} is ${found[i] ?? 'absent'}; the model was trained with ${expected[i] ?? 'no such column'}`,
      );
    }
  }
}
