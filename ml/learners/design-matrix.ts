import { z } from 'zod';
import type { Blocks } from '../blocks.ts';
import { UnreadableValue } from '../unreadable-value.ts';

/** The normal equations hold width² doubles, and solving them takes width³ steps. */
const widthLimit = 2000;

/** What linear models, networks and neighbours read: dense columns, then one column for each level of each codes column. */
export const designSchema = z.strictObject({
  dense: z.array(z.string()),
  codes: z.array(z.strictObject({ name: z.string(), levels: z.array(z.string()) })),
  /** Of each column in training; a constant column has spread 1, so that it is 0 everywhere. */
  means: z.array(z.number()),
  spreads: z.array(z.number().positive()),
});
export type Design = z.infer<typeof designSchema>;
type Columns = Pick<Design, 'dense' | 'codes'>;

/** Column names in order; a level's column is named `<column>=<level>`. */
export function designNames({ dense, codes }: Columns): string[] {
  return [...dense, ...codes.flatMap(({ name, levels }) => levels.map((level) => `${name}=${level}`))];
}

/**
 * Learns means and standard deviations (of the population, as scikit-learn's scaler), and gives the matrix to solve
 * with. Its columns that are mostly zeros are scaled and not centred, so that their zeros stay zeros: no penalty
 * touches the intercept, so the coefficients are the same. `recentre` gives the solution for `standardise`.
 */
export function fitDesign(blocks: Blocks): {
  design: Design;
  x: Float64Array;
  recentre: (solution: Float64Array) => Float64Array;
} {
  const { design, raw, zeros } = learnDesign(blocks);
  const { means, spreads } = design;
  const width = means.length;
  const centres = means.map((mean, column) => ((zeros[column] as number) > blocks.rows / 2 ? 0 : mean));
  return {
    design,
    x: scaleInPlace(raw, centres, spreads),
    recentre: (solution) => {
      const centred = solution.slice();
      means.forEach((mean, column) => {
        const shift = (mean - (centres[column] as number)) / (spreads[column] as number);
        centred[width] = (centred[width] as number) + (solution[column] as number) * shift;
      });
      return centred;
    },
  };
}

/** The same with the matrix that `standardise` makes of these rows. */
export function fitStandardDesign(blocks: Blocks): { design: Design; x: Float64Array } {
  const { design, raw } = learnDesign(blocks);
  return { design, x: scaleInPlace(raw, design.means, design.spreads) };
}

function learnDesign(blocks: Blocks): { design: Design; raw: Float64Array; zeros: Int32Array } {
  const layout = {
    dense: [...blocks.dense.names],
    codes: blocks.codes.names.map((name, i) => ({ name, levels: [...(blocks.codes.levels[i] ?? [])] })),
  };
  const names = designNames(layout);
  const width = names.length;
  if (width > widthLimit) {
    throw new RangeError(`this learner takes at most ${widthLimit} columns; the recipe made ${width}`);
  }
  const raw = rawDesign(layout, blocks);
  const { means, squares, zeros } = columnMoments(raw, width);
  const spreads = means.map((mean, column) => {
    const spread = Math.sqrt((squares[column] as number) / blocks.rows);
    if (!Number.isFinite(spread)) {
      throw new RangeError(
        `the spread of column ${names[column]} passes what a double can hold; scale or clip it in the recipe`,
      );
    }
    // Rounding leaves a constant column a spread of some units in the last place.
    return spread > 1e-13 * Math.max(1, Math.abs(mean)) ? spread : 1;
  });
  return { design: { ...layout, means, spreads }, raw, zeros };
}

/** Of each column: its mean, the sum of its squared distances from it, and how many of its values are zero. */
function columnMoments(raw: Float64Array, width: number) {
  const rows = raw.length / width;
  const means = new Array<number>(width).fill(0);
  const squares = new Float64Array(width);
  const zeros = new Int32Array(width);
  for (let base = 0; base < raw.length; base += width) {
    for (let column = 0; column < width; column++) {
      const value = raw[base + column] as number;
      if (value === 0) zeros[column] = (zeros[column] as number) + 1;
      else means[column] = (means[column] as number) + value;
    }
  }
  for (let column = 0; column < width; column++) means[column] = (means[column] as number) / rows;
  for (let base = 0; base < raw.length; base += width) {
    for (let column = 0; column < width; column++) {
      const distance = (raw[base + column] as number) - (means[column] as number);
      squares[column] = (squares[column] as number) + distance * distance;
    }
  }
  return { means, squares, zeros };
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
  for (let base = 0; base < values.length; base += width) {
    for (let column = 0; column < width; column++) {
      const at = base + column;
      values[at] = ((values[at] as number) - (means[column] as number)) / (spreads[column] as number);
    }
  }
  return values;
}

/** @throws UnreadableValue for a value that is not finite */
function rawDesign({ dense, codes }: Columns, blocks: Blocks): Float64Array {
  checkBlocks({ dense, codes }, blocks);
  const width = dense.length + codes.reduce((sum, { levels }) => sum + levels.length, 0);
  const values = new Float64Array(blocks.rows * width);
  for (let row = 0; row < blocks.rows; row++) {
    let at = row * width;
    for (let column = 0; column < dense.length; column++) {
      const value = blocks.dense.values[row * dense.length + column] as number;
      if (!Number.isFinite(value)) {
        refuseNotFinite(
          dense,
          blocks.dense.values.subarray(row * dense.length, (row + 1) * dense.length),
          row,
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

export function checkBlocks(columns: Columns, { dense, codes, sparse }: Blocks): void {
  checkColumns(columns, { dense: dense.names, codes: codes.names, sparse: sparse.names });
}

/** @throws RangeError for sparse columns, or columns other than those of training */
export function checkColumns(
  { dense, codes }: Columns,
  found: Readonly<Record<'dense' | 'codes' | 'sparse', readonly string[]>>,
): void {
  if (found.sparse.length > 0) {
    throw new RangeError(
      `this learner reads dense and codes columns; the recipe made ${found.sparse.length} sparse ones (first: ${found.sparse[0]})`,
    );
  }
  checkNames('dense', dense, found.dense);
  checkNames(
    'codes',
    codes.map(({ name }) => name),
    found.codes,
  );
}

/**
 * @param values the dense columns of this row
 * @throws UnreadableValue
 */
export function refuseNotFinite(names: readonly string[], values: Float64Array, row: number): void {
  const column = values.findIndex((value) => !Number.isFinite(value));
  if (column < 0) return;
  throw new UnreadableValue({
    column: names[column] as string,
    value: values[column] as number,
    row,
    needs: 'this learner needs an impute step in the recipe',
  });
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
