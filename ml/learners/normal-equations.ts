import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/** Rows added between two yields: some tens of milliseconds at the widest design. */
const rowsAStep = 256;

/** Weighted rows over the columns of `x` and an intercept. */
export type WeightedRows = {
  /** Rows × width, row-major. */
  x: Float64Array;
  width: number;
  /** One per row. */
  curvature: Float64Array;
  /** One per row: what the right-hand side gathers along each column. */
  pull: Float64Array;
};

/** A weighted least-squares problem over the columns of `x` and an intercept, which no penalty touches. */
export type LeastSquares = WeightedRows & {
  /** Added to the diagonal of every column but the intercept. */
  l2: number;
  /** Added to the right-hand side, one per column and 0 for the intercept; the penalty's own gradient. */
  drift?: Float64Array;
};

export type NormalEquations = {
  /** Columns and, last, the intercept. */
  size: number;
  /** XᵀCX, size × size, of which the lower triangle is filled. */
  gram: Float64Array;
  /** Xᵀp. */
  right: Float64Array;
};

export function* gatherNormalEquations(rowsOf: WeightedRows): Generator<void, NormalEquations, void> {
  const { x, width, curvature, pull } = rowsOf;
  const size = width + 1;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  const rows = curvature.length;
  const present = new Int32Array(width);
  const values = new Float64Array(width);
  for (let row = 0; row < rows; row++) {
    const base = row * width;
    const weight = curvature[row] as number;
    const strength = pull[row] as number;
    // One-hot columns are zero in most rows: products of the others only.
    let count = 0;
    for (let i = 0; i < width; i++) {
      const value = x[base + i] as number;
      if (value === 0) continue;
      present[count] = i;
      values[count++] = value;
    }
    for (let a = 0; a < count; a++) {
      const i = present[a] as number;
      const value = values[a] as number;
      const weighted = weight * value;
      const line = i * size;
      for (let b = 0; b <= a; b++) {
        const at = line + (present[b] as number);
        gram[at] = (gram[at] as number) + weighted * (values[b] as number);
      }
      gram[width * size + i] = (gram[width * size + i] as number) + weighted;
      right[i] = (right[i] as number) + strength * value;
    }
    gram[size * size - 1] = (gram[size * size - 1] as number) + weight;
    right[width] = (right[width] as number) + strength;
    if (row % rowsAStep === rowsAStep - 1) yield;
  }
  return { size, gram, right };
}

/**
 * Solves (XᵀCX + l2·I) β = Xᵀp + drift for the columns and, last, the intercept.
 * @throws RangeError when columns depend on each other and no penalty settles which of them counts
 */
export function* solveLeastSquares(problem: LeastSquares): Generator<void, Float64Array, void> {
  const { width, l2, drift } = problem;
  const { size, gram, right } = yield* gatherNormalEquations(problem);
  const matrix = Matrix.zeros(size, size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (gram[i * size + j] as number) + (i === j && i < width ? l2 : 0);
      matrix.set(i, j, value);
      matrix.set(j, i, value);
    }
    if (drift !== undefined) right[i] = (right[i] as number) + (drift[i] as number);
  }
  const cholesky = new CholeskyDecomposition(matrix);
  if (!cholesky.isPositiveDefinite()) {
    throw new RangeError(`columns depend on each other and l2 is ${l2}; raise l2 above 0`);
  }
  return Float64Array.from(cholesky.solve(Matrix.columnVector(right)).to1DArray());
}

/** Adds the product of a symmetric matrix, of which the lower triangle is filled, with a vector. */
export function addProduct(matrix: Float64Array, vector: Float64Array, to: Float64Array): void {
  const size = vector.length;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * size + j] as number;
      to[i] = (to[i] as number) + value * (vector[j] as number);
      if (j < i) to[j] = (to[j] as number) + value * (vector[i] as number);
    }
  }
}
