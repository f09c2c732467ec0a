import { DecisionTreeRegression } from 'ml-cart';
import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import type { FittedModel, JsonValue } from '../../ml/learner.ts';
import { linearHeadSchema } from '../../ml/learners/linear-model.ts';
import { findLearner, fitToEnd, learners } from '../../ml/learners/registry.ts';
import { balancedWeights, weightsOfClasses } from '../../ml/learners/training-rows.ts';
import { createRandom, shuffle } from '../../ml/random.ts';
import reference from './fixtures/reference.json' with { type: 'json' };
import { blocksOf, sampleRows } from './learners-rows.ts';

type Job = {
  name: string;
  blocks: Blocks;
  target: ArrayLike<number>;
  task?: 'regression' | 'binary' | 'multiclass';
  weights?: Float64Array;
  params?: Record<string, JsonValue>;
  seed?: number;
};

function train({
  name,
  blocks,
  target,
  task = 'regression',
  weights,
  params = {},
  seed = 1,
}: Job): FittedModel {
  const training = {
    task,
    blocks,
    target: Float64Array.from(target),
    classes: { regression: 0, binary: 2, multiclass: 3 }[task],
    seed,
  };
  return fitToEnd(findLearner(name), weights === undefined ? training : { ...training, weights }, params);
}

const fitAndPredict = (job: Job): Float64Array => findLearner(job.name).load(train(job)).predict(job.blocks);

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const gap = Math.max(...Array.from(found, (value, i) => Math.abs(value - (expected[i] as number))));
  expect(gap).toBeLessThanOrEqual(tolerance);
}

const x = blocksOf(reference.x);
const unsampled = { rowShare: 1, nodeColumnShare: 1, earlyStopping: null };
const shape = { ...unsampled, maxLeaves: 7, learningRate: 0.1, rounds: 20, minSamplesLeaf: 10, l2: 1 };

describe('linear learners', () => {
  it.each([
    ['linear', 'regression', { l2: 2.5 }, undefined, reference.ridge],
    ['linear', 'regression', { l2: 1 }, reference.weights, reference.ridgeWeighted],
    ['logistic', 'binary', { l2: 2 }, undefined, reference.logistic],
    ['logistic', 'binary', { l2: 1 }, reference.weights, reference.logisticWeighted],
  ] as const)('%s %s with %o agrees with scikit-learn', (name, task, params, weights, expected) => {
    const target = task === 'binary' ? reference.label : reference.number;
    const weighted = weights === undefined ? {} : { weights: Float64Array.from(weights) };
    const head = linearHeadSchema.parse(train({ name, task, params, blocks: x, target, ...weighted }).head);
    expectClose(head.coefficients, expected.coefficients, 1e-8);
    expect(head.intercept).toBeCloseTo(expected.intercept, 8);
  });

  it('weighs a row of weight 2 as two rows', () => {
    const { table, target } = sampleRows({ rows: 60, seed: 3 });
    const weights = target.map((_, row) => (row < 20 ? 2 : 1));
    const doubled = blocksOf([...table, ...table.slice(0, 20)]);
    const params = { l2: 0 };
    const once = train({ name: 'linear', blocks: blocksOf(table), target, weights, params });
    const twice = train({
      name: 'linear',
      blocks: doubled,
      target: [...target, ...target.slice(0, 20)],
      params,
    });
    const predict = (model: FittedModel) => findLearner('linear').load(model).predict(blocksOf(table));
    expectClose(predict(once), predict(twice), 1e-9);
  });

  it('gives each level a column and an unseen level none', () => {
    const codes = { rows: [[0], [1], [0], [1], [2], [2]], levels: [['a', 'b', 'c']] };
    const blocks = blocksOf([[0], [0], [0], [0], [0], [0]], codes);
    const model = train({ name: 'linear', blocks, target: [1, 5, 1, 5, 9, 9], params: { l2: 1e-9 } });
    expectClose(findLearner('linear').load(model).predict(blocks), [1, 5, 1, 5, 9, 9], 1e-5);
    expect(
      findLearner('linear')
        .importances(model)
        .map(({ feature }) => feature),
    ).toEqual(['x0', 'c0=a', 'c0=b', 'c0=c']);
  });

  it('names the column and the row of a missing value', () => {
    const job = {
      name: 'linear',
      blocks: blocksOf([
        [1, 2],
        [3, null],
      ]),
      target: [0, 1],
    };
    expect(() => train(job)).toThrow('column x1 is missing in row 1; this learner needs an impute step');
  });

  it('names a column too large to square', () => {
    const job = {
      name: 'linear',
      blocks: blocksOf([
        [1, 1e300],
        [2, -1e300],
      ]),
      target: [0, 1],
    };
    expect(() => train(job)).toThrow('the spread of column x1 passes what a double can hold');
  });

  it('refuses dependent columns without a penalty', () => {
    const job = {
      name: 'linear',
      blocks: blocksOf([
        [1, 1],
        [2, 2],
        [4, 4],
      ]),
      target: [0, 1, 2],
      params: { l2: 0 },
    };
    expect(() => train(job)).toThrow('raise l2 above 0');
  });

  it('stays finite on separable classes', () => {
    const blocks = blocksOf([[-2], [-1], [1], [2]]);
    const predicted = fitAndPredict({
      name: 'logistic',
      task: 'binary',
      blocks,
      target: [0, 0, 1, 1],
      params: { l2: 1e-6 },
    });
    expect(predicted.every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(predicted[0]).toBeLessThan(0.01);
  });
});

describe('gradient boosting', () => {
  it.each([
    ['numbers', 'regression', x, reference.number, reference.boostedNumber, {}],
    [
      'two classes',
      'binary',
      x,
      reference.label,
      reference.boostedLabel,
      { minSamplesLeaf: 1, minHessianLeaf: 3 },
    ],
    ['missing values', 'regression', blocksOf(reference.gaps), reference.number, reference.boostedGaps, {}],
  ] as const)('agrees with LightGBM on %s', (_, task, blocks, target, expected, bounds) => {
    // LightGBM keeps gradients in 32 bits, and for classes it estimates the rows of a leaf from its hessian, so
    // that the leaves there are bounded by their hessian alone.
    expectClose(
      fitAndPredict({ name: 'gradient-boosting', task, blocks, target, params: { ...shape, ...bounds } }),
      expected,
      2e-5,
    );
  });

  it('does not depend on the order of rows without sampling', () => {
    const { table, target } = sampleRows({ rows: 400, seed: 5, missingShare: 0.1 });
    const order = shuffle(
      Int32Array.from(target, (_, row) => row),
      createRandom(9),
    );
    const shuffled = blocksOf(Array.from(order, (row) => table[row] ?? []));
    const moved = Float64Array.from(order, (row) => target[row] as number);
    const params = { ...unsampled, rounds: 40 };
    const model = train({ name: 'gradient-boosting', blocks: blocksOf(table), target, params });
    const other = train({ name: 'gradient-boosting', blocks: shuffled, target: moved, params });
    const predict = (of: FittedModel) => findLearner('gradient-boosting').load(of).predict(blocksOf(table));
    expectClose(predict(model), predict(other), 1e-9);
  });

  it('stops early on noise and still learns a signal', () => {
    const { table, target } = sampleRows({ rows: 600, seed: 8 });
    const random = createRandom(4);
    const noise = target.map(() => random.uniform());
    const params = { rounds: 400, learningRate: 0.1, earlyStopping: { share: 0.2, patience: 10 } };
    const trees = (of: ArrayLike<number>): number =>
      train({ name: 'gradient-boosting', blocks: blocksOf(table), target: of, params }).sections.roots
        ?.length ?? 0;
    expect(trees(noise)).toBeLessThan(30);
    expect(trees(target)).toBeGreaterThan(30);
  });

  it('sends levels that it has not seen with the missing ones', () => {
    const rows = Array.from({ length: 400 }, (_, row) => [row % 4]);
    const codes = { rows: rows.map(([code]) => [code === 3 ? -1 : (code ?? 0)]), levels: [['a', 'b', 'c']] };
    const blocks = blocksOf(
      rows.map(() => []),
      codes,
    );
    const target = rows.map(([code]) => (code === 3 || code === 1 ? 10 : 0));
    const params = { ...unsampled, rounds: 100, learningRate: 0.3, categoryL2: 0, l2: 1 };
    const predicted = fitAndPredict({ name: 'gradient-boosting', blocks, target, params });
    expectClose(predicted, target, 0.05);
  });
});

describe('random forest', () => {
  it('predicts within the range of the target', () => {
    const { table, target } = sampleRows({ rows: 300, seed: 2, missingShare: 0.2 });
    const predicted = fitAndPredict({
      name: 'random-forest',
      blocks: blocksOf(table),
      target,
      params: { trees: 20 },
    });
    expect(Math.min(...predicted)).toBeGreaterThanOrEqual(Math.min(...target));
    expect(Math.max(...predicted)).toBeLessThanOrEqual(Math.max(...target));
  });

  it('moves towards the rarer class under balanced weights', () => {
    const { table, target } = sampleRows({ rows: 400, seed: 6 });
    const label = target.map((value) => (value > 5 ? 1 : 0));
    const job = {
      name: 'random-forest',
      task: 'binary',
      blocks: blocksOf(table),
      target: label,
      params: { trees: 20 },
    } as const;
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(label)).toBeLessThan(0.4);
    expect(mean(fitAndPredict({ ...job, weights: balancedWeights(label, 2) }))).toBeGreaterThan(
      mean(fitAndPredict(job)),
    );
  });

  it('moves towards the class that counts more', () => {
    const { table, target } = sampleRows({ rows: 400, seed: 6 });
    const label = target.map((value) => (value > 5 ? 1 : 0));
    const job = {
      name: 'gradient-boosting',
      task: 'binary',
      blocks: blocksOf(table),
      target: label,
    } as const;
    const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const means = [0.4, 1, 2.5].map((weight) =>
      mean(fitAndPredict({ ...job, weights: weightsOfClasses(label, [weight, 1]) })),
    );
    expect(means).toEqual(means.toSorted((a, b) => b - a));
    expect(means[0]).toBeGreaterThan((means[2] ?? 1) + 0.05);
  });

  it('refuses sizes that would not fit an artifact', () => {
    expect(findLearner('random-forest').params.safeParse({ trees: 2000, maxLeaves: 65_536 }).success).toBe(
      false,
    );
  });
});

describe('decision tree', () => {
  it('answers as ml-cart trained on the same rows', () => {
    const { table, target } = sampleRows({ rows: 150, seed: 11 });
    const cart = new DecisionTreeRegression({ maxDepth: 5, minNumSamples: 20, gainThreshold: -1 });
    const rows = table.map((row) => row.map((value) => value ?? 0));
    cart.train(rows, [...target]);
    const predicted = fitAndPredict({ name: 'decision-tree', blocks: blocksOf(table), target });
    expect([...predicted]).toEqual(cart.predict(rows));
  });

  it('credits the feature that carries the signal', () => {
    const { table } = sampleRows({ rows: 200, seed: 12 });
    const target = table.map((row) => ((row[1] ?? 0) > 5 ? 1 : 0));
    const model = train({ name: 'decision-tree', task: 'binary', blocks: blocksOf(table), target });
    const [first] = [...findLearner('decision-tree').importances(model)].sort(
      (a, b) => b.importance - a.importance,
    );
    expect(first?.feature).toBe('x1');
  });

  it('asks for imputation and for encoded categories', () => {
    const missing = { name: 'decision-tree', blocks: blocksOf([[1], [null]]), target: [0, 1] };
    expect(() => train(missing)).toThrow('column x0 is missing in row 1; decision-tree needs an impute step');
    const codes = blocksOf([[1], [2]], { rows: [[0], [1]], levels: [['a', 'b']] });
    expect(() => train({ name: 'decision-tree', blocks: codes, target: [0, 1] })).toThrow('c0 needs oneHot');
  });
});

describe('every learner', () => {
  const { table, target } = sampleRows({ rows: 120, seed: 21 });
  const blocks = blocksOf(table);
  const small: Record<string, Record<string, JsonValue>> = {
    'random-forest': { trees: 5 },
    'gradient-boosting': { rounds: 8, bags: 2 },
    'multilayer-perceptron': { hidden: [5], maxEpochs: 4 },
  };
  const targets = {
    regression: target,
    binary: target.map((value) => (value > 4 ? 1 : 0)),
    multiclass: target.map((value) => (value > 5 ? 2 : value > 3 ? 1 : 0)),
  };
  const jobs = [...learners.values()].flatMap(({ name, tasks }) =>
    tasks
      .filter((task) => task !== 'clustering')
      .map((task): Job => ({ name, task, blocks, target: targets[task], params: small[name] ?? {} })),
  );

  const outputsOf = ({ task }: Job) => (task === 'multiclass' ? 3 : 1);

  it.each(jobs.map((job) => [job.name, job.task, job] as const))(
    '%s (%s) repeats to the bit by seed',
    (...[, , job]) => {
      expect(train(job)).toEqual(train(job));
    },
  );

  it.each(jobs.map((job) => [job.name, job.task, job] as const))(
    '%s (%s) answers the same after a trip through JSON',
    (...[, , job]) => {
      const model = train(job);
      const stored = { head: JSON.parse(JSON.stringify(model.head)), sections: model.sections };
      const learner = findLearner(job.name);
      const answers = learner.load(model).predict(blocks);
      expect(answers).toEqual(learner.load(stored).predict(blocks));
      expect(answers).toHaveLength(blocks.rows * outputsOf(job));
      expect(answers.every(Number.isFinite)).toBe(true);
      if (job.task !== 'regression') expect(answers.every((p) => p >= 0 && p <= 1)).toBe(true);
    },
  );

  it.each(jobs.map((job) => [job.name, job.task, job] as const))(
    '%s (%s) answers a row alone as among others',
    (...[, , job]) => {
      const predictor = findLearner(job.name).load(train(job));
      const all = predictor.predict(blocks);
      const alone = table.flatMap((row) => [...predictor.predict(blocksOf([row]))]);
      expect(alone).toEqual([...all]);
    },
  );

  it.each(jobs.map((job) => [job.name, job.task, job] as const))(
    '%s (%s) refuses a target that is not finite',
    (...[, , job]) => {
      const broken = Float64Array.from(job.target).fill(Number.NaN, 7, 8);
      expect(() => train({ ...job, target: broken })).toThrow('the target of row 7 is NaN');
    },
  );

  it('is found by its name, or the error lists the names', () => {
    expect(() => findLearner('perceptron')).toThrow(
      'no learner is called perceptron; there are baseline, linear',
    );
  });
});
