import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import type { FittedModel, JsonValue } from '../../ml/learner.ts';
import { sigmoid } from '../../ml/learners/forest-model.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import reference from './fixtures/reference.json' with { type: 'json' };
import ensembles from './fixtures/tree-ensembles.json' with { type: 'json' };
import { blocksOf, sampleRows } from './learners-rows.ts';

type Job = {
  name: string;
  blocks: Blocks;
  target: ArrayLike<number>;
  task?: 'regression' | 'binary';
  weights?: ArrayLike<number>;
  params?: Record<string, JsonValue>;
};

function train({ name, blocks, target, task = 'regression', weights, params = {} }: Job): FittedModel {
  const training = { task, blocks, target: Float64Array.from(target), classes: 2, seed: 1 };
  const weighted = weights === undefined ? {} : { weights: Float64Array.from(weights) };
  return fitToEnd(findLearner(name), { ...training, ...weighted }, params);
}

const fitAndPredict = (job: Job): Float64Array => findLearner(job.name).load(train(job)).predict(job.blocks);

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const gap = Math.max(...Array.from(found, (value, i) => Math.abs(value - (expected[i] as number))));
  expect(gap).toBeLessThanOrEqual(tolerance);
}

const treesOf = ({ sections }: FittedModel): number => sections.roots?.length ?? 0;
const x = blocksOf(reference.x);

describe('boosted forest', () => {
  const name = 'boosted-forest';
  const whole = { rowShare: 1, nodeColumnShare: 1, trees: 3, maxDepth: 4 };

  it.each([
    ['two classes', 'binary', x, reference.label, ensembles.forestLabel, {}],
    [
      'missing values, a shortened step and a least gain',
      'binary',
      blocksOf(reference.gaps),
      reference.label,
      ensembles.forestGaps,
      { learningRate: 0.5, minGain: 1 },
    ],
    ['numbers', 'regression', x, reference.number, ensembles.forestNumber, { l2: 1 }],
  ] as const)('agrees with XGBoost on %s', (_, task, blocks, target, expected, params) => {
    // XGBoost adds in 32 bits.
    expectClose(
      fitAndPredict({ name, task, blocks, target, params: { ...whole, ...params } }),
      expected,
      1e-5,
    );
  });

  it('draws rows and columns for each tree', () => {
    const { table, target } = sampleRows({ rows: 300, seed: 4 });
    const params = { trees: 2, rowShare: 0.5, maxDepth: 2 };
    const { sections } = train({ name, blocks: blocksOf(table), target, params });
    const roots = sections.roots ?? [];
    expect([...roots].map((root) => sections.covers?.[root])).toEqual([150, 150]);
    const [first, second] = [...roots].map((root) => sections.thresholds?.[root + 1]);
    expect(first).not.toBe(second);
  });

  it('counts the leaves that its depth allows when it bounds its size', () => {
    const { params } = findLearner(name);
    expect(params.safeParse({ trees: 2000, maxLeaves: 65_536, maxDepth: 8 }).success).toBe(true);
    expect(params.safeParse({ trees: 2000, maxLeaves: 65_536, maxDepth: 12 }).success).toBe(false);
  });
});

describe('AdaBoost', () => {
  const name = 'ada-boost';

  it.each([
    ['equal weights', {}, ensembles.adaLabel],
    ['weights', { weights: reference.weights }, ensembles.adaWeighted],
  ] as const)('agrees with scikit-learn on two classes with %s', (_, weights, expected) => {
    const params = { trees: 12, learningRate: 0.5, maxDepth: 2, minHessianLeaf: 0 };
    const job = { name, task: 'binary', blocks: x, target: reference.label, params, ...weights } as const;
    expectClose(fitAndPredict(job), expected, 1e-8);
  });

  it('stops at a tree without error', () => {
    const blocks = blocksOf([[1], [2], [3], [4]]);
    const model = train({ name, task: 'binary', blocks, target: [0, 0, 1, 1] });
    expect(treesOf(model)).toBe(1);
    const [low, , , high] = findLearner(name).load(model).predict(blocks);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  it('leaves classes undecided that nothing tells apart', () => {
    const blocks = blocksOf([[1], [1], [1], [1]]);
    const predicted = fitAndPredict({ name, task: 'binary', blocks, target: [0, 1, 0, 1] });
    expect([...predicted]).toEqual([0.5, 0.5, 0.5, 0.5]);
  });

  it('answers with numbers of the range of its training rows, and closer than one tree', () => {
    const random = createRandom(9);
    const table = Array.from({ length: 400 }, () => [random.uniform(), random.uniform()]);
    const target = table.map(([a, b]) => Math.sin(6 * (a ?? 0)) + (b ?? 0) ** 2);
    const job = { name, blocks: blocksOf(table), target, params: { maxDepth: 3, trees: 60 } };
    const predicted = fitAndPredict(job);
    expect(Math.min(...predicted)).toBeGreaterThanOrEqual(Math.min(...target));
    expect(Math.max(...predicted)).toBeLessThanOrEqual(Math.max(...target));
    const error = (of: Float64Array) => of.reduce((sum, p, row) => sum + (p - (target[row] ?? 0)) ** 2, 0);
    const alone = fitAndPredict({ ...job, params: { ...job.params, trees: 1 } });
    expect(error(predicted)).toBeLessThan(0.6 * error(alone));
  });

  it('never draws a row without weight', () => {
    const random = createRandom(3);
    const rows = Array.from({ length: 200 }, () => [random.uniform()]);
    const target = rows.map(([value], row) => (row % 2 === 0 ? (value ?? 0) : 1000));
    const weights = target.map((value) => (value === 1000 ? 0 : 1));
    const predicted = fitAndPredict({ name, blocks: blocksOf(rows), target, weights, params: { trees: 10 } });
    expect(Math.max(...predicted)).toBeLessThanOrEqual(1);
  });
});

describe.each(['boosted-forest', 'ada-boost'])('%s', (name) => {
  const { table, target } = sampleRows({ rows: 200, seed: 13, missingShare: 0.1 });
  const blocks = blocksOf(table);
  const label = target.map((value) => (value > 4 ? 1 : 0));

  it.each([
    ['value', 'regression', target],
    ['logOdds', 'binary', label],
  ] as const)('explains its answers in %s, to the sum', (space, task, answers) => {
    const learner = findLearner(name);
    const model = train({ name, task, blocks, target: answers, params: { trees: 8 } });
    const explainer = learner.explainer(model, task);
    expect(explainer.space).toBe(space);
    const contributions = explainer.contributions(blocks);
    const width = blocks.dense.names.length;
    const sums = Array.from({ length: blocks.rows }, (_, row) =>
      contributions
        .subarray(row * width, (row + 1) * width)
        .reduce((sum, part) => sum + part, explainer.baseValue),
    );
    const predicted = learner.load(model).predict(blocks);
    expectClose(space === 'logOdds' ? sums.map(sigmoid) : sums, predicted, 1e-12);
  });

  it('can be stopped between trees', () => {
    const learner = findLearner(name);
    const training = { task: 'binary', blocks, target: label, classes: 2, seed: 1 } as const;
    const steps = [...learner.fit(training, learner.params.parse({ trees: 6 }))];
    expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6].map((done) => ({ done, total: 6 })));
  });
});
