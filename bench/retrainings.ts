import type { Blocks } from '../ml/blocks.ts';
import { findLearner, fitToEnd } from '../ml/learners/registry.ts';
import { comparePaired } from '../ml/metrics/comparison.ts';
import type { Measure } from '../ml/metrics/measure.ts';
import { measureTask } from '../ml/metrics/task-measure.ts';
import { createRandom, shuffle } from '../ml/random.ts';
import { isHoldOut } from '../ml/splits/hold-out.ts';

/** A pipeline in small: who learns, and by which metric versions are compared. */
export type Plan = {
  learner: string;
  params: Record<string, unknown>;
  task: 'regression' | 'binary';
  metric: string;
};

/** Entities at the first training, and how many come before each of the five retrainings. */
const growth = { first: 800, each: 160, times: 5 };
export const retrainings = growth.times;
const columns = 8;
export const level = 0.05;

type Model = (blocks: Blocks) => Float64Array;

/**
 * A training and five retrainings of an unchanged pipeline while entities keep coming: the hold-out is a function of
 * the entity's key, and each version that is not worse goes into production. In the end one trained on shuffled labels
 * stands against production too.
 * @returns whether each of the five was refused, and whether the last was
 */
export function retrain(plan: Plan, seed: number): { refused: boolean[]; refusedShuffled: boolean } {
  const entities = drawEntities(plan, seed);
  let production = train(plan, entities.until(growth.first).training, seed);
  const refused: boolean[] = [];
  for (let time = 1; time <= growth.times; time++) {
    const { training, heldOut } = entities.until(growth.first + time * growth.each);
    const challenger = train(plan, training, seed);
    const isRefused = isWorse(plan, heldOut, challenger, production, seed);
    refused.push(isRefused);
    if (!isRefused) production = challenger;
  }
  const { training, heldOut } = entities.until(growth.first + growth.times * growth.each);
  const worse = train(plan, { ...training, target: shuffled(training.target, seed) }, seed);
  return { refused, refusedShuffled: isWorse(plan, heldOut, worse, production, seed) };
}

type Labelled = { blocks: Blocks; target: Float64Array };

function drawEntities({ task }: Plan, seed: number) {
  const random = createRandom(seed);
  const rows = growth.first + growth.each * growth.times;
  const table = Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.uniform()));
  const target = Float64Array.from(table, ([a = 0, b = 0, c = 0]) => {
    const signal = 2 * a + Math.sin(6 * b) + (c > 0.5 ? 1 : 0);
    const noisy = signal + 3 * (random.uniform() + random.uniform() - 1);
    return task === 'regression' ? noisy : noisy > 1.5 ? 1 : 0;
  });
  const onHoldOut = table.map((_, row) => isHoldOut({ key: `${seed}-${row}`, salt: 'shop', share: 0.2 }));
  const side = (count: number, heldOut: boolean): Labelled => {
    const kept = [...table.keys()].filter((row) => row < count && onHoldOut[row] === heldOut);
    return {
      blocks: denseBlocks(kept.map((row) => table[row] ?? [])),
      target: Float64Array.from(kept, (row) => target[row] as number),
    };
  };
  return { until: (count: number) => ({ training: side(count, false), heldOut: side(count, true) }) };
}

const denseBlocks = (rows: number[][]): Blocks => ({
  rows: rows.length,
  dense: {
    names: Array.from({ length: columns }, (_, i) => `x${i}`),
    values: Float64Array.from(rows.flat()),
  },
  codes: { names: [], levels: [], values: new Int32Array() },
  sparse: {
    names: [],
    offsets: new Int32Array(rows.length + 1),
    indices: new Int32Array(),
    values: new Float64Array(),
  },
});

function shuffled(target: Float64Array, seed: number): Float64Array {
  const order = shuffle(Int32Array.from(target.keys()), createRandom(seed));
  return Float64Array.from(order, (row) => target[row] as number);
}

function train({ learner: name, params, task }: Plan, { blocks, target }: Labelled, seed: number): Model {
  const learner = findLearner(name);
  const classes = task === 'binary' ? 2 : 0;
  const model = fitToEnd(learner, { task, blocks, target, classes, seed }, params);
  return (rows) => learner.load(model).predict(rows);
}

function isWorse(
  { task, metric }: Plan,
  { blocks, target }: Labelled,
  challenger: Model,
  production: Model,
  seed: number,
): boolean {
  const measure = (model: Model): Measure => {
    const rows = { target, predicted: model(blocks) };
    return measureTask(task === 'regression' ? { task, ...rows } : { task, ...rows, threshold: 0.5 });
  };
  const { difference } = comparePaired({
    rows: target.length,
    seed,
    metric,
    level,
    challenger: measure(challenger),
    production: measure(production),
    resamples: 399,
  });
  if (difference === null) throw new Error(`${metric} is undefined on too many resamples`);
  return difference.high < 0;
}
