import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import type { FittedModel, JsonValue } from '../../ml/learner.ts';
import { sigmoid } from '../../ml/learners/forest-model.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import reference from './fixtures/reference.json' with { type: 'json' };
import ensembles from './fixtures/tree-ensembles.json' with { type: 'json' };
import { blocksOf, sampleRows } from './learners-rows.ts';

type Job = {
  name: string;
  blocks: Blocks;
  target: ArrayLike<number>;
  task?: 'regression' | 'binary';
  params?: Record<string, JsonValue>;
};

function train({ name, blocks, target, task = 'regression', params = {} }: Job): FittedModel {
  const training = { task, blocks, target: Float64Array.from(target), classes: 2, seed: 1 };
  return fitToEnd(findLearner(name), training, params);
}

const fitAndPredict = (job: Job): Float64Array => findLearner(job.name).load(train(job)).predict(job.blocks);

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length);
  const gap = Math.max(...Array.from(found, (value, i) => Math.abs(value - (expected[i] as number))));
  expect(gap).toBeLessThanOrEqual(tolerance);
}

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

describe.each(['boosted-forest'])('%s', (name) => {
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
