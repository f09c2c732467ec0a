import type { Random } from '../random.ts';
import type { Multiply } from './multiply.ts';

export type Activation = 'relu' | 'tanh';

/** Views into the parameters of a network. */
export type Layer = {
  inputs: number;
  outputs: number;
  /** inputs × outputs. */
  weights: Float64Array;
  biases: Float64Array;
};

/** Layers that are fully connected; the last one has no activation. */
export type Network = { sizes: readonly number[]; activation: Activation; parameters: Float64Array };

/** @param sizes the inputs, the hidden layers, the outputs */
export function parameterCount(sizes: readonly number[]): number {
  return sizes.slice(1).reduce((sum, outputs, i) => sum + outputs * ((sizes[i] as number) + 1), 0);
}

/** Parameters are stored layer by layer: weights, then biases. */
export function layersOf(sizes: readonly number[], parameters: Float64Array): Layer[] {
  let at = 0;
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] as number;
    const biasesAt = at + outputs * inputs;
    const layer = {
      inputs,
      outputs,
      weights: parameters.subarray(at, biasesAt),
      biases: parameters.subarray(biasesAt, biasesAt + outputs),
    };
    at = biasesAt + outputs;
    return layer;
  });
}

/** Normal weights of variance 2 / inputs under ReLU (He et al., 2015), 1 / inputs under tanh (LeCun et al., 1998). */
export function initialParameters(
  { sizes, activation }: Pick<Network, 'sizes' | 'activation'>,
  random: Random,
): Float64Array {
  const parameters = new Float64Array(parameterCount(sizes));
  for (const { inputs, weights } of layersOf(sizes, parameters)) {
    const spread = Math.sqrt((activation === 'relu' ? 2 : 1) / inputs);
    for (let i = 0; i < weights.length; i++) weights[i] = spread * normal(random);
  }
  return parameters;
}

/** Marsaglia's polar method, one number a pair. */
function normal(random: Random): number {
  for (;;) {
    const u = 2 * random.uniform() - 1;
    const v = 2 * random.uniform() - 1;
    const square = u * u + v * v;
    if (square > 0 && square < 1) return u * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** @param levels one array a layer, inputs first, each with room for `rows` × its size; the first is filled */
export function forward(
  { layers, activation, multiply }: { layers: readonly Layer[]; activation: Activation; multiply: Multiply },
  levels: readonly Float64Array[],
  rows: number,
): void {
  layers.forEach(({ inputs, outputs, weights, biases }, i) => {
    const to = levels[i + 1] as Float64Array;
    multiply({ left: levels[i] as Float64Array, right: weights, to, m: rows, n: outputs, k: inputs });
    const isLast = i + 1 === layers.length;
    for (let row = 0, at = 0; row < rows; row++) {
      for (let output = 0; output < outputs; output++, at++) {
        const sum = (to[at] as number) + (biases[output] as number);
        to[at] = isLast ? sum : activation === 'relu' ? Math.max(0, sum) : Math.tanh(sum);
      }
    }
  });
}
