import { z } from 'zod';
import { NotExplainable } from '../explain/explainer.ts';
import type { FittedModel, Learner, Predictor, Progress, Task, TrainingSet } from '../learner.ts';
import { applyLink, type Link } from '../network/link.ts';
import { multiply } from '../network/multiply.ts';
import { forward, initialParameters, layersOf, type Network, parameterCount } from '../network/network.ts';
import { createTrainer, type NetworkTrainer } from '../network/training.ts';
import { createRandom, deriveSeed, shuffle } from '../random.ts';
import { holdOutRows } from '../splits/hold-out.ts';
import type { Layered } from '../tensor-form.ts';
import { designSchema, fitStandardDesign, standardise } from './design-matrix.ts';
import { checkTrainingSet, rowWeights } from './training-rows.ts';

const paramsSchema = z.strictObject({
  /** Units of each hidden layer. */
  hidden: z.array(z.int().min(1).max(1024)).min(1).max(4).default([64, 32]),
  activation: z.enum(['relu', 'tanh']).default('relu'),
  learningRate: z.number().gt(0).max(1).default(1e-3),
  batchRows: z.int().min(1).max(4096).default(128),
  /** Penalty on half the squared weights, against the summed loss of a batch: scikit-learn's `alpha`. */
  l2: z.number().nonnegative().default(1),
  /** At most, with early stopping; otherwise exactly. */
  maxEpochs: z.int().min(1).max(5000).default(200),
  /**
   * Stops when the loss on `share` of the rows, held out by seed, has not fallen for `patience` epochs, and keeps the
   * parameters of the best. Null: a fixed number of epochs over all rows.
   */
  earlyStopping: z
    .strictObject({
      share: z.number().min(0.05).max(0.5).default(0.1),
      patience: z.int().min(1).default(10),
    })
    .nullable()
    .default({ share: 0.1, patience: 10 }),
});
type Params = z.infer<typeof paramsSchema>;

const headSchema = z.strictObject({
  design: designSchema,
  activation: z.enum(['relu', 'tanh']),
  /** Columns, hidden layers, outputs. */
  sizes: z.array(z.int().min(1)).min(2),
  link: z.enum(['identity', 'sigmoid', 'softmax']),
  /** Of the target in training: the network answers (target − mean) / spread. 0 and 1 for classes. */
  target: z.strictObject({ mean: z.number(), spread: z.number().positive() }),
});
type Head = z.infer<typeof headSchema>;

/** Rows that are answered together: their layers stay in the processor's cache. */
const rowsAtOnce = 256;

/**
 * Rumelhart, Hinton and Williams (1986), with Adam (Kingma and Ba, 2015) over batches in an order drawn anew each epoch,
 * on standardised columns; levels of codes are columns of 0 and 1, standardised too. One section, `parameters`: for each
 * layer the weights (inputs × outputs, row-major), then the biases.
 */
export const multilayerPerceptron: Learner<Params> = {
  name: 'multilayer-perceptron',
  tasks: ['regression', 'binary', 'multiclass'],
  reads: ['dense', 'codes'],
  params: paramsSchema,

  *fit(training, params) {
    checkTrainingSet(training);
    const { task, classes, seed } = training;
    const { design, x } = fitStandardDesign(training.blocks);
    const width = design.means.length;
    if (width === 0) throw new RangeError('a network needs at least one column; the recipe made none');
    const { activation } = params;
    const sizes = [width, ...params.hidden, task === 'multiclass' ? classes : 1];
    const start = initialParameters({ sizes, activation }, createRandom(deriveSeed(seed, 'weights')));
    const network: Network = { sizes, activation, parameters: start };
    const link = linkOf(task);
    const weights = meanOneWeights(training);
    const { target, mean, spread } = scaledTarget(training, weights);
    const trainer = createTrainer({ network, link }, { x, target, weights }, params);
    const parameters = yield* runEpochs({ trainer, training }, params);
    const head: Head = { design, activation, sizes, link, target: { mean, spread } };
    return { head, sections: { parameters } };
  },

  load: loadNetwork,
  tensorForm: networkOf,
  explainer: () => {
    throw new NotExplainable('what a network answers is no sum of what each feature adds');
  },
  importances: () => [],
};

type TrainingJob = { trainer: NetworkTrainer; training: TrainingSet };

/** The parameters after the epoch with the least loss on the rows held out; without these, after the last one. */
function* runEpochs(
  { trainer, training }: TrainingJob,
  { batchRows, maxEpochs, earlyStopping }: Params,
): Generator<Progress, Float64Array, void> {
  const { seed } = training;
  const { trained, heldOut } = partRows(training, earlyStopping);
  const random = createRandom(deriveSeed(seed, 'batches'));
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, parameters: trainer.parameters };
  for (let epoch = 1; epoch <= maxEpochs; epoch++) {
    shuffle(trained, random);
    for (let start = 0; start < trained.length; start += batchRows) {
      trainer.step(trained.subarray(start, start + batchRows));
      yield { done: epoch - 1, total: maxEpochs };
    }
    yield { done: epoch, total: maxEpochs };
    if (earlyStopping === null) continue;
    const loss = trainer.meanLoss(heldOut);
    if (loss < best.loss) best = { epoch, loss, parameters: trainer.parameters.slice() };
    if (epoch - best.epoch >= earlyStopping.patience) break;
  }
  // A copy also of the last ones: they lie among all the arrays of the training.
  const parameters = best.parameters.slice();
  if (!parameters.every(Number.isFinite)) {
    throw new RangeError('the weights of the network pass what a double can hold; lower learningRate or l2');
  }
  return parameters;
}

function partRows(
  { task, blocks: { rows }, target, seed }: TrainingSet,
  earlyStopping: Params['earlyStopping'],
): { trained: Int32Array; heldOut: Int32Array } {
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  if (earlyStopping === null) return { trained: all, heldOut: new Int32Array() };
  const isHeldOut = holdOutRows({
    rows,
    share: earlyStopping.share,
    seed: deriveSeed(seed, 'early stopping'),
    ...(task === 'regression' ? {} : { strata: target }),
  });
  return {
    trained: all.filter((row) => isHeldOut[row] === 0),
    heldOut: all.filter((row) => isHeldOut[row] === 1),
  };
}

function linkOf(task: Task): Link {
  switch (task) {
    case 'regression':
      return 'identity';
    case 'binary':
      return 'sigmoid';
    case 'multiclass':
      return 'softmax';
    case 'clustering':
      throw new RangeError('clusters have no target to learn');
    default:
      return task satisfies never;
  }
}

function meanOneWeights(training: TrainingSet): Float64Array {
  const weights = rowWeights(training);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * weights.length) / total);
}

/** Numbers get mean 0 and spread 1, so that one learning rate suits them all. */
function scaledTarget({ task, target }: TrainingSet, weights: Float64Array) {
  if (task !== 'regression') return { target, mean: 0, spread: 1 };
  const mean = target.reduce((sum, value, row) => sum + value * (weights[row] as number), 0) / target.length;
  const squares = target.reduce((sum, value, row) => sum + (value - mean) ** 2 * (weights[row] as number), 0);
  const spread = Math.sqrt(squares / target.length) || 1;
  if (!Number.isFinite(spread))
    throw new RangeError('the spread of the target passes what a double can hold');
  return { target: target.map((value) => (value - mean) / spread), mean, spread };
}

function networkOf({ head, sections }: FittedModel): Layered & { sizes: readonly number[] } {
  const { design, activation, sizes, link, target } = headSchema.parse(head);
  const { parameters } = sections;
  if (
    !(parameters instanceof Float64Array) ||
    parameters.length !== parameterCount(sizes) ||
    sizes[0] !== design.means.length
  ) {
    throw new RangeError(`a network of ${sizes.join(', ')} units needs ${parameterCount(sizes)} parameters`);
  }
  return { kind: 'layers', design, layers: layersOf(sizes, parameters), activation, sizes, link, target };
}

function loadNetwork(model: FittedModel): Predictor {
  const { design, layers, activation, sizes, link, target } = networkOf(model);
  const outputs = sizes.at(-1) as number;
  return {
    predict: (blocks) => {
      const x = standardise(design, blocks);
      const width = design.means.length;
      const atOnce = Math.min(rowsAtOnce, blocks.rows);
      const levels = sizes.map((size) => new Float64Array(atOnce * size));
      const answers = new Float64Array(blocks.rows * outputs);
      for (let from = 0; from < blocks.rows; from += rowsAtOnce) {
        const rows = Math.min(rowsAtOnce, blocks.rows - from);
        levels[0]?.set(x.subarray(from * width, (from + rows) * width));
        forward({ layers, activation, multiply }, levels, rows);
        answers.set((levels.at(-1) as Float64Array).subarray(0, rows * outputs), from * outputs);
      }
      applyLink(link, answers, outputs);
      if (link !== 'identity') return answers;
      return answers.map((value) => target.mean + target.spread * value);
    },
  };
}
