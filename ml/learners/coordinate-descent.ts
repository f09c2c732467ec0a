import { CholeskyDecomposition, Matrix } from 'ml-matrix';

/**
 * ½ βᵀAβ − bᵀβ + l1·Σ|βⱼ| + ½·l2·Σβⱼ², of which the last `free` coordinates, the intercepts, are not penalised.
 */
export type PenalisedQuadratic = {
  size: number;
  free: number;
  /** A, size × size and symmetric, of which the lower triangle is read; positive definite over the free ones. */
  matrix: Float64Array;
  right: Float64Array;
  l1: number;
  l2: number;
};

/** Sweeps after which the best found is taken: only columns that nearly depend on each other need so many. */
const maxSweeps = 20_000;
/** Of the penalties and of the largest slope at 0: what rounding leaves of a slope that should be 0. */
const slack = 1e-11;
/** Sweeps over the coordinates that are not 0, between two looks at all of them. */
const innerSweeps = 10;

/**
 * The minimum, by coordinate descent (Friedman, Hastie and Tibshirani, 2010) from `start`. Once the sweeps agree on
 * which coefficients are 0, the others are solved for exactly, and the answer is taken where no slope contradicts it.
 */
export function* minimiseQuadratic(
  problem: PenalisedQuadratic,
  start: Float64Array,
): Generator<void, Float64Array, void> {
  const { reduced, complete } = withoutFree(problem);
  const width = reduced.size;
  const solution = start.slice(0, width);
  const slopes = new Float64Array(width);
  resetSlopes(reduced, solution, slopes);
  const steepest = reduced.right.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const tolerance = slack * Math.max(reduced.l1, steepest);

  let signs = new Float64Array(width);
  for (let sweep = 0; sweep < maxSweeps; sweep++) {
    const isFull = sweep % (innerSweeps + 1) === 0;
    sweepCoordinates(reduced, { solution, slopes }, isFull);
    yield;
    if (!isFull) continue;
    if (largestViolation(reduced, { solution, slopes }) <= tolerance) break;
    const before = signs;
    signs = solution.map(Math.sign);
    if (before.some((sign, j) => sign !== signs[j])) continue;
    const exact = solveSupport(reduced, signs);
    if (exact === null) continue;
    const exactSlopes = new Float64Array(width);
    resetSlopes(reduced, exact, exactSlopes);
    if (largestViolation(reduced, { solution: exact, slopes: exactSlopes }) <= tolerance) {
      return complete(exact);
    }
  }
  return complete(solution);
}

/** Without intercepts, full matrix. */
type Reduced = { size: number; matrix: Float64Array; right: Float64Array; l1: number; l2: number };
type Point = { solution: Float64Array; slopes: Float64Array };

/** The free coordinates are linear in the others at every minimum: they leave by the Schur complement. */
function withoutFree({ size, free, matrix, right, l1, l2 }: PenalisedQuadratic): {
  reduced: Reduced;
  complete: (solution: Float64Array) => Float64Array;
} {
  const width = size - free;
  const at = (i: number, j: number) => matrix[Math.max(i, j) * size + Math.min(i, j)] as number;
  const block = new CholeskyDecomposition(
    new Matrix(
      Array.from({ length: free }, (_, i) =>
        Array.from({ length: free }, (_, j) => at(width + i, width + j)),
      ),
    ),
  );
  // Free rows: what each column, and last the right-hand side, moves the free coordinates by.
  const moves = block.solve(
    new Matrix(
      Array.from({ length: free }, (_, i) => [
        ...Array.from({ length: width }, (_, j) => at(width + i, j)),
        right[width + i] as number,
      ]),
    ),
  );
  const reduced = {
    size: width,
    matrix: new Float64Array(width * width),
    right: right.slice(0, width),
    l1,
    l2,
  };
  for (let j = 0; j < width; j++) {
    for (let k = 0; k <= j; k++) {
      let value = at(j, k);
      for (let i = 0; i < free; i++) value -= at(width + i, j) * moves.get(i, k);
      reduced.matrix[j * width + k] = value;
      reduced.matrix[k * width + j] = value;
    }
    for (let i = 0; i < free; i++) {
      reduced.right[j] = (reduced.right[j] as number) - at(width + i, j) * moves.get(i, width);
    }
  }
  const complete = (solution: Float64Array): Float64Array => {
    const all = new Float64Array(size);
    all.set(solution);
    for (let i = 0; i < free; i++) {
      let value = moves.get(i, width);
      for (let j = 0; j < width; j++) value -= moves.get(i, j) * (solution[j] as number);
      all[width + i] = value;
    }
    return all;
  };
  return { reduced, complete };
}

/** Aβ − b. */
function resetSlopes({ size, matrix, right }: Reduced, solution: Float64Array, slopes: Float64Array): void {
  for (let i = 0; i < size; i++) slopes[i] = -(right[i] as number);
  for (let j = 0; j < size; j++) {
    const value = solution[j] as number;
    if (value !== 0) addColumn(slopes, matrix, { column: j, times: value });
  }
}

function addColumn(
  slopes: Float64Array,
  matrix: Float64Array,
  { column, times }: { column: number; times: number },
): void {
  const base = column * slopes.length;
  for (let i = 0; i < slopes.length; i++) {
    slopes[i] = (slopes[i] as number) + times * (matrix[base + i] as number);
  }
}

function sweepCoordinates(problem: Reduced, { solution, slopes }: Point, isFull: boolean): void {
  const { size, matrix, l1, l2 } = problem;
  for (let j = 0; j < size; j++) {
    const before = solution[j] as number;
    if (!isFull && before === 0) continue;
    const curvature = (matrix[j * size + j] as number) + l2;
    // A constant column moves nothing.
    if (!(curvature > 0)) continue;
    const target = (matrix[j * size + j] as number) * before - (slopes[j] as number);
    const after = Math.sign(target) * (Math.max(0, Math.abs(target) - l1) / curvature);
    if (after === before) continue;
    solution[j] = after;
    addColumn(slopes, matrix, { column: j, times: after - before });
  }
}

/** How far the point is from the conditions of a minimum (Karush, Kuhn and Tucker). */
function largestViolation({ size, l1, l2 }: Reduced, { solution, slopes }: Point): number {
  let largest = 0;
  for (let j = 0; j < size; j++) {
    const value = solution[j] as number;
    const slope = (slopes[j] as number) + l2 * value;
    const violation =
      value === 0 ? Math.max(0, Math.abs(slope) - l1) : Math.abs(slope + l1 * Math.sign(value));
    largest = Math.max(largest, violation);
  }
  return largest;
}

/** The minimum among the points whose coordinates have these signs; null where there is no such one. */
function solveSupport({ size, matrix, right, l1, l2 }: Reduced, signs: Float64Array): Float64Array | null {
  const support: number[] = [];
  signs.forEach((sign, j) => {
    if (sign !== 0) support.push(j);
  });
  if (support.length === 0) return null;
  const rows = support.map((j) => support.map((k) => (matrix[j * size + k] as number) + (j === k ? l2 : 0)));
  const cholesky = new CholeskyDecomposition(new Matrix(rows));
  if (!cholesky.isPositiveDefinite()) return null;
  const target = support.map((j) => (right[j] as number) - l1 * (signs[j] as number));
  const solved = cholesky.solve(Matrix.columnVector(target)).to1DArray();
  const exact = new Float64Array(size);
  for (const [i, j] of support.entries()) {
    const value = solved[i] as number;
    if (Math.sign(value) !== signs[j]) return null;
    exact[j] = value;
  }
  return exact;
}
