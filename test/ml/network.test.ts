import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue, Task } from '../../ml/learner.ts';
import { fitStandardDesign } from '../../ml/learners/design-matrix.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import type { Link } from '../../ml/network/link.ts';
import { createMultiply, multiply } from '../../ml/network/multiply.ts';
import { type Network, parameterCount } from '../../ml/network/network.ts';
import { createTrainer } from '../../ml/network/training.ts';
import { createRandom } from '../../ml/random.ts';
import { createSharedMemory } from '../../ml/trees/memory.ts';
import reference from './fixtures/learners.json' with { type: 'json' };
import { blocksOf, sampleRows } from './learners-rows.ts';

const { x } = fitStandardDesign(blocksOf(reference.x));
const rows = reference.x.length;

function networkOf(
  layers: readonly number[][],
  biases: readonly number[][],
  activation: Network['activation'],
) {
  const sizes = [8, ...biases.map((of) => of.length)];
  const parameters = Float64Array.from(layers.flatMap((weights, i) => [...weights, ...(biases[i] ?? [])]));
  return { sizes, activation, parameters };
}

describe('a network', () => {
  it.each([
    ['number', 'identity', 'relu', 0.3, 0.01],
    ['label', 'sigmoid', 'tanh', 0.1, 0.02],
    ['kind', 'softmax', 'relu', 0, 0.005],
  ] as const)('takes the steps of scikit-learn: %s', (name, link, activation, l2, learningRate) => {
    const expected = reference.networks[name];
    const none = expected.biases.map((of) => of.map(() => 0));
    const network = networkOf(expected.start, none, activation);
    const trainer = createTrainer(
      { network, link },
      { x, target: Float64Array.from(reference[name]), weights: new Float64Array(rows).fill(1) },
      { learningRate, l2, batchRows: 32 },
    );
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    for (let epoch = 0; epoch < 5; epoch++) {
      for (let start = 0; start < rows; start += 32) trainer.step(all.subarray(start, start + 32));
    }
    const { parameters } = networkOf(expected.weights, expected.biases, activation);
    expect(parameters.length).toBe(parameterCount(network.sizes));
    const gap = trainer.parameters.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (parameters[i] ?? Number.NaN))),
      0,
    );
    expect(gap).toBeLessThan(1e-9);
  });

  it.each([
    ['identity', 'tanh'],
    ['sigmoid', 'tanh'],
    ['softmax', 'relu'],
  ] as const)('steps down its loss, row weights included: %s', (link: Link, activation) => {
    const name = ({ identity: 'number', sigmoid: 'label', softmax: 'kind' } as const)[link];
    const start = reference.networks[name];
    const network = networkOf(start.start, start.biases, activation);
    const weights = Float64Array.from(reference.weights);
    const trainer = createTrainer(
      { network, link },
      { x, target: Float64Array.from(reference[name]), weights },
      { learningRate: 1e-7, l2: 0, batchRows: rows },
    );
    const all = Int32Array.from({ length: rows }, (_, row) => row);
    const before = trainer.meanLoss(all);
    const parameters = trainer.parameters.slice();
    // The slope by differences, whose sign is that of Adam's first step.
    const slopes = parameters.map((value, i) => {
      trainer.parameters[i] = value + 1e-5;
      const up = trainer.meanLoss(all);
      trainer.parameters[i] = value - 1e-5;
      const down = trainer.meanLoss(all);
      trainer.parameters[i] = value;
      return (up - down) / 2e-5;
    });
    trainer.step(all);
    const steps = trainer.parameters.map((value, i) => value - (parameters[i] as number));
    steps.forEach((step, i) => {
      const slope = slopes[i] as number;
      if (Math.abs(slope) > 1e-5) expect(Math.sign(step)).toBe(-Math.sign(slope));
    });
    expect(trainer.meanLoss(all)).toBeLessThan(before);
  });

  it('multiplies to the bits of the definition, with WebAssembly as without, whatever the sizes', () => {
    const shared = createSharedMemory(1 << 16);
    const tiled = shared && createMultiply(shared.memory);
    if (shared === null || tiled === null) throw new Error('this engine has no SIMD to test');
    const room = [shared.doubles(400), shared.doubles(400), shared.doubles(400)] as const;
    const size = fc.integer({ min: 1, max: 19 });
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.nat(), (m, n, k, isTurned, seed) => {
        const random = createRandom(seed);
        const [left, right, to] = [
          room[0].subarray(0, m * k),
          room[1].subarray(0, k * n),
          room[2].subarray(0, m * n),
        ];
        left.forEach((_, i) => {
          left[i] = random.uniform() - 0.5;
        });
        right.forEach((_, i) => {
          right[i] = random.uniform() - 0.5;
        });
        const expected = [...to].map((_, at) => {
          let sum = 0;
          for (let p = 0; p < k; p++) {
            const row = Math.floor(at / n);
            sum +=
              (left[isTurned ? p * m + row : row * k + p] as number) * (right[p * n + (at % n)] as number);
          }
          return sum;
        });
        for (const multiplyBy of [multiply, tiled]) {
          to.fill(Number.NaN);
          multiplyBy({ left, isTurned, right, to, m, n, k });
          expect([...to]).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the multilayer perceptron', () => {
  const learner = findLearner('multilayer-perceptron');
  const train = (job: {
    task: Task;
    table: readonly (readonly (number | null)[])[];
    target: Float64Array;
    classes?: number;
    params?: Readonly<Record<string, JsonValue>>;
  }) => {
    const { task, table, target, classes = 0, params } = job;
    return fitToEnd(learner, { task, blocks: blocksOf(table), target, classes, seed: 3 }, params);
  };

  it('learns what no line can, for numbers, two classes and more', () => {
    const random = createRandom(2);
    const table = Array.from({ length: 400 }, () => [random.uniform() * 2 - 1, random.uniform() * 2 - 1]);
    const corner = Float64Array.from(table, ([a = 0, b = 0]) => (a > 0 === b > 0 ? 1 : 0));
    const params = { hidden: [16], learningRate: 0.01, batchRows: 32 };
    const right = (answers: Float64Array) =>
      corner.filter((value, row) => Math.round(answers[row] ?? -1) === value).length / corner.length;
    const blocks = blocksOf(table);
    const number = learner.load(train({ task: 'regression', table, target: corner, params }));
    expect(right(number.predict(blocks))).toBeGreaterThan(0.93);
    const binary = learner.load(train({ task: 'binary', classes: 2, table, target: corner, params }));
    expect(right(binary.predict(blocks))).toBeGreaterThan(0.93);
    const three = learner.load(train({ task: 'multiclass', classes: 3, table, target: corner, params }));
    const shares = three.predict(blocks);
    expect(right(corner.map((_, row) => shares[3 * row + 1] ?? -1))).toBeGreaterThan(0.93);
  });

  it('keeps the epoch that was best on the rows held out', () => {
    const { table, target } = sampleRows({ rows: 200, seed: 9 });
    const random = createRandom(4);
    const noise = target.map(() => random.uniform());
    const params = { learningRate: 0.05, earlyStopping: { share: 0.2, patience: 4 } };
    const job = { task: 'regression', blocks: blocksOf(table), target: noise, classes: 0, seed: 3 } as const;
    const steps = learner.fit(job, learner.params.parse({ ...params, maxEpochs: 500 }));
    let epochs = 0;
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) epochs = step.value.done;
    expect(epochs).toBeLessThan(100);
    const untilBest = train({
      task: 'regression',
      table,
      target: noise,
      params: { ...params, maxEpochs: epochs - 4 },
    });
    expect(step.value).toEqual(untilBest);
  });

  it('learns numbers of any size alike', () => {
    const { table, target } = sampleRows({ rows: 300, seed: 5 });
    const params = { maxEpochs: 5 };
    const answers = (of: Float64Array) =>
      learner.load(train({ task: 'regression', table, target: of, params })).predict(blocksOf(table));
    const large = answers(target.map((value) => 1e6 + 1e5 * value));
    answers(target).forEach((value, row) => {
      expect((large[row] as number) / 1e5).toBeCloseTo(10 + value, 6);
    });
  });

  it('says what passes a double', () => {
    const { table, target } = sampleRows({ rows: 60, seed: 5 });
    const huge = target.map((value, row) => (row === 0 ? Number.MAX_VALUE / 4 : value));
    expect(() => train({ task: 'regression', table, target: huge })).toThrow(
      'the spread of the target passes',
    );
    const params = { l2: Number.MAX_VALUE };
    expect(() => train({ task: 'regression', table, target, params })).toThrow('lower learningRate or l2');
  });

  it('refuses a section of another size', () => {
    const { table, target } = sampleRows({ rows: 60, seed: 5 });
    const { head } = train({ task: 'regression', table, target, params: { hidden: [3], maxEpochs: 1 } });
    const parameters = new Float64Array(5);
    expect(() => learner.load({ head, sections: { parameters } })).toThrow(
      'a network of 3, 3, 1 units needs 16 parameters',
    );
  });
});
