import type { SparseBlock } from '../blocks.ts';

/** `dense`: rows × the standardised columns. */
export type SparseRows = { rows: number; dense: Float64Array; sparse: SparseBlock };

/**
 * Adds what the columns of a row are worth to the scores of its outputs: three outputs at a time, whose sums stay in
 * registers while an entry is read once, which takes half the time of one after the other; what is left by itself. Each
 * sum runs in the order of the columns either way.
 * @param of.coefficients columns × outputs, the sparse columns last
 */
export function addRowScores(
  rows: SparseRows,
  { row, coefficients, scores }: { row: number; coefficients: Float64Array; scores: Float64Array },
): void {
  let k = 0;
  for (; k + 3 <= scores.length; k += 3) addThreeScores(rows, { row, coefficients, scores, k });
  for (; k < scores.length; k++) addScore(rows, { row, coefficients, scores, k });
}

/** The other way round: adds each output's pull, times the row's values, to the gradient of the coefficients. */
export function addRowGradient(
  rows: SparseRows,
  { row, pulls, gradient }: { row: number; pulls: Float64Array; gradient: Float64Array },
): void {
  let k = 0;
  for (; k + 3 <= pulls.length; k += 3) addThreePulls(rows, { row, pulls, gradient, k });
  for (; k < pulls.length; k++) addPull(rows, { row, pulls, gradient, k });
}

type Scores = { row: number; coefficients: Float64Array; scores: Float64Array; k: number };

function addThreeScores({ rows, dense, sparse }: SparseRows, { row, coefficients, scores, k }: Scores): void {
  const outputs = scores.length;
  const width = dense.length / rows;
  const { offsets, indices, values } = sparse;
  let first = scores[k] as number;
  let second = scores[k + 1] as number;
  let third = scores[k + 2] as number;
  for (let column = 0; column < width; column++) {
    const value = dense[row * width + column] as number;
    const at = column * outputs + k;
    first += value * (coefficients[at] as number);
    second += value * (coefficients[at + 1] as number);
    third += value * (coefficients[at + 2] as number);
  }
  const from = width * outputs + k;
  const end = offsets[row + 1] as number;
  for (let entry = offsets[row] as number; entry < end; entry++) {
    const value = values[entry] as number;
    const at = from + (indices[entry] as number) * outputs;
    first += value * (coefficients[at] as number);
    second += value * (coefficients[at + 1] as number);
    third += value * (coefficients[at + 2] as number);
  }
  scores[k] = first;
  scores[k + 1] = second;
  scores[k + 2] = third;
}

function addScore({ rows, dense, sparse }: SparseRows, { row, coefficients, scores, k }: Scores): void {
  const outputs = scores.length;
  const width = dense.length / rows;
  const { offsets, indices, values } = sparse;
  let score = scores[k] as number;
  for (let column = 0; column < width; column++)
    score += (dense[row * width + column] as number) * (coefficients[column * outputs + k] as number);
  const from = width * outputs + k;
  const end = offsets[row + 1] as number;
  for (let entry = offsets[row] as number; entry < end; entry++)
    score +=
      (values[entry] as number) * (coefficients[from + (indices[entry] as number) * outputs] as number);
  scores[k] = score;
}

type Pulls = { row: number; pulls: Float64Array; gradient: Float64Array; k: number };

function addThreePulls({ rows, dense, sparse }: SparseRows, { row, pulls, gradient, k }: Pulls): void {
  const outputs = pulls.length;
  const width = dense.length / rows;
  const { offsets, indices, values } = sparse;
  const first = pulls[k] as number;
  const second = pulls[k + 1] as number;
  const third = pulls[k + 2] as number;
  for (let column = 0; column < width; column++) {
    const value = dense[row * width + column] as number;
    const at = column * outputs + k;
    gradient[at] = (gradient[at] as number) + value * first;
    gradient[at + 1] = (gradient[at + 1] as number) + value * second;
    gradient[at + 2] = (gradient[at + 2] as number) + value * third;
  }
  const from = width * outputs + k;
  const end = offsets[row + 1] as number;
  for (let entry = offsets[row] as number; entry < end; entry++) {
    const value = values[entry] as number;
    const at = from + (indices[entry] as number) * outputs;
    gradient[at] = (gradient[at] as number) + value * first;
    gradient[at + 1] = (gradient[at + 1] as number) + value * second;
    gradient[at + 2] = (gradient[at + 2] as number) + value * third;
  }
}

function addPull({ rows, dense, sparse }: SparseRows, { row, pulls, gradient, k }: Pulls): void {
  const outputs = pulls.length;
  const width = dense.length / rows;
  const { offsets, indices, values } = sparse;
  const pull = pulls[k] as number;
  for (let column = 0; column < width; column++) {
    const at = column * outputs + k;
    gradient[at] = (gradient[at] as number) + (dense[row * width + column] as number) * pull;
  }
  const from = width * outputs + k;
  const end = offsets[row + 1] as number;
  for (let entry = offsets[row] as number; entry < end; entry++) {
    const at = from + (indices[entry] as number) * outputs;
    gradient[at] = (gradient[at] as number) + (values[entry] as number) * pull;
  }
}
