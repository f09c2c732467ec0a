import { createSharedMemory, plainArrays, roomFor } from '../trees/memory.ts';
import { answerRow, type Link } from './link.ts';
import { createMultiply, multiply as multiplyPlainly, transpose } from './multiply.ts';
import { forward, layersOf, type Network } from './network.ts';

export type TrainingRows = {
  /** Rows × inputs. */
  x: Float64Array;
  /** The value, or the index of the class. */
  target: Float64Array;
  /** With mean 1, so that a step is as long as without. */
  weights: Float64Array;
};

export type AdamParams = {
  learningRate: number;
  /** Penalty on half the squared weights (not biases), against the summed loss of a batch: scikit-learn's `alpha`. */
  l2: number;
  batchRows: number;
};

export type NetworkTrainer = {
  /** Change with each step. */
  parameters: Float64Array;
  /** One step of Adam on some rows, `batchRows` at most. */
  step(rows: Int32Array): void;
  /** Mean loss of some rows, without the penalty: half the squared error, or the log loss. */
  meanLoss(rows: Int32Array): number;
};

/** Of Adam (Kingma and Ba, 2015), as they recommend. */
const firstDecay = 0.9;
const secondDecay = 0.999;
const epsilon = 1e-8;

/** Trains a network from its parameters on, which stay as they are, by backpropagation. All arrays are made here, once. */
export function createTrainer(
  { network, link }: { network: Network; link: Link },
  { x, target, weights }: TrainingRows,
  { learningRate, l2, batchRows }: AdamParams,
): NetworkTrainer {
  const { sizes, activation } = network;
  const width = sizes[0] as number;
  const outputs = sizes.at(-1) as number;
  const count = network.parameters.length;
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const arrays = (2 * units * batchRows + 3 * count) * 8 + roomFor(1) * 4 * sizes.length;
  const { memory, doubles } = createSharedMemory(arrays) ?? { memory: null, ...plainArrays };
  const multiply = (memory && createMultiply(memory)) ?? multiplyPlainly;
  const parameters = doubles(count);
  parameters.set(network.parameters);
  const layers = layersOf(sizes, parameters);
  const gradient = doubles(count);
  const gradients = layersOf(sizes, gradient);
  const forEachSize = () => sizes.map((size) => doubles(batchRows * size));
  const [levels, errors] = [forEachSize(), forEachSize()];
  const turned = layers.map(({ weights: of }) => doubles(of.length));

  const run = (rows: Int32Array): Float64Array => {
    const input = levels[0] as Float64Array;
    for (let i = 0; i < rows.length; i++) {
      const base = (rows[i] as number) * width;
      for (let column = 0; column < width; column++) input[i * width + column] = x[base + column] as number;
    }
    forward({ layers, activation, multiply }, levels, rows.length);
    return levels.at(-1) as Float64Array;
  };

  /** Turns a batch's sums into answers; returns the summed loss. */
  const answer = (sums: Float64Array, rows: Int32Array): number => {
    let loss = 0;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      loss +=
        (weights[row] as number) *
        answerRow(link, { values: sums, start: i * outputs, outputs }, target[row] as number);
    }
    return loss;
  };

  /** The loss's slope in each sum of the last layer: answer − target, whichever the link. */
  const deriveOutputs = (rows: Int32Array): void => {
    const answers = levels.at(-1) as Float64Array;
    const to = errors.at(-1) as Float64Array;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const weight = weights[row] as number;
      const wanted = target[row] as number;
      for (let output = 0; output < outputs; output++) {
        const at = i * outputs + output;
        const truth = link === 'softmax' ? (output === wanted ? 1 : 0) : wanted;
        to[at] = weight * ((answers[at] as number) - truth);
      }
    }
  };

  const backpropagate = (rows: number): void => {
    for (let i = layers.length - 1; i >= 0; i--) {
      const { inputs: m, outputs: n, weights: of } = layers[i] as (typeof layers)[number];
      const into = gradients[i] as (typeof layers)[number];
      const error = errors[i + 1] as Float64Array;
      const level = levels[i] as Float64Array;
      multiply({ left: level, isTurned: true, right: error, to: into.weights, m, n, k: rows });
      into.biases.fill(0);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let output = 0; output < n; output++, at++) {
          into.biases[output] = (into.biases[output] as number) + (error[at] as number) / rows;
        }
      }
      for (let at = 0; at < of.length; at++) {
        into.weights[at] = ((into.weights[at] as number) + l2 * (of[at] as number)) / rows;
      }
      if (i === 0) continue;
      const below = errors[i] as Float64Array;
      const turnedWeights = turned[i] as Float64Array;
      transpose(of, turnedWeights, { rows: m, columns: n });
      multiply({ left: error, right: turnedWeights, to: below, m: rows, n: m, k: n });
      for (let at = 0; at < rows * m; at++) {
        const value = level[at] as number;
        if (activation === 'tanh') below[at] = (below[at] as number) * (1 - value * value);
        else if (value === 0) below[at] = 0;
      }
    }
  };

  const first = new Float64Array(parameters.length);
  const second = new Float64Array(parameters.length);
  let [firstLeft, secondLeft] = [1, 1];
  const adam = (): void => {
    firstLeft *= firstDecay;
    secondLeft *= secondDecay;
    const rate = (learningRate * Math.sqrt(1 - secondLeft)) / (1 - firstLeft);
    for (let i = 0; i < parameters.length; i++) {
      const slope = gradient[i] as number;
      const mean = firstDecay * (first[i] as number) + (1 - firstDecay) * slope;
      const square = secondDecay * (second[i] as number) + (1 - secondDecay) * slope * slope;
      first[i] = mean;
      second[i] = square;
      parameters[i] = (parameters[i] as number) - (rate * mean) / (Math.sqrt(square) + epsilon);
    }
  };

  return {
    parameters,
    step(rows) {
      answer(run(rows), rows);
      deriveOutputs(rows);
      backpropagate(rows.length);
      adam();
    },
    meanLoss(rows) {
      let loss = 0;
      let total = 0;
      for (let start = 0; start < rows.length; start += batchRows) {
        const part = rows.subarray(start, start + batchRows);
        loss += answer(run(part), part);
        for (let i = 0; i < part.length; i++) total += weights[part[i] as number] as number;
      }
      return loss / total;
    },
  };
}
