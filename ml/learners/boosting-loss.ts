import { sigmoid } from './forest-model.ts';

type LossRows = { target: Float64Array; weights: Float64Array; rows: Int32Array };

/** A loss of raw scores, summed over `rows` by weight. */
export type BoostingLoss = {
  /** The constant score of least loss. */
  base(data: LossRows): number;
  /** First and second derivatives of the loss in each row's score. */
  derive(
    data: LossRows & { scores: Float64Array },
    into: { gradients: Float64Array; hessians: Float64Array },
  ): void;
  mean(data: LossRows & { scores: Float64Array }): number;
};

/** Half the squared error, so that the hessian is the weight itself. */
export const squaredLoss: BoostingLoss = {
  base: meanOfRows,
  derive: ({ target, weights, rows, scores }, { gradients, hessians }) => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const weight = weights[row] as number;
      gradients[row] = weight * ((scores[row] as number) - (target[row] as number));
      hessians[row] = weight;
    }
  },
  mean: ({ target, weights, rows, scores }) => {
    let sum = 0;
    let total = 0;
    for (const row of rows) {
      const weight = weights[row] as number;
      sum += weight * ((scores[row] as number) - (target[row] as number)) ** 2;
      total += weight;
    }
    return sum / (2 * total);
  },
};

/** A class that never occurs would begin at infinite log odds. */
const shareLimit = 1e-6;
/** LightGBM's floor: a hessian of 0 would let one certain row take an infinite step. */
const hessianLimit = 1e-16;

export const logLoss: BoostingLoss = {
  base: (data) => {
    const share = Math.min(1 - shareLimit, Math.max(shareLimit, meanOfRows(data)));
    return Math.log(share / (1 - share));
  },
  derive: ({ target, weights, rows, scores }, { gradients, hessians }) => {
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const weight = weights[row] as number;
      const probability = sigmoid(scores[row] as number);
      gradients[row] = weight * (probability - (target[row] as number));
      hessians[row] = weight * Math.max(hessianLimit, probability * (1 - probability));
    }
  },
  mean: ({ target, weights, rows, scores }) => {
    let sum = 0;
    let total = 0;
    for (const row of rows) {
      const weight = weights[row] as number;
      const score = scores[row] as number;
      // ln(1 + eˢ) − y·s, without overflow.
      const softplus = Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score)));
      sum += weight * (softplus - (target[row] as number) * score);
      total += weight;
    }
    return sum / total;
  },
};

function meanOfRows({ target, weights, rows }: LossRows): number {
  let sum = 0;
  let total = 0;
  for (const row of rows) {
    sum += (weights[row] as number) * (target[row] as number);
    total += weights[row] as number;
  }
  return total > 0 ? sum / total : 0;
}
