import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blocks, SparseBlock } from '../../ml/blocks.ts';
import type { TrainingSet } from '../../ml/learner.ts';
import { logistic } from '../../ml/learners/logistic.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import { penalisedLoss } from '../../ml/learners/sparse-logistic.ts';
import { createRandom } from '../../ml/random.ts';

const none = {
  dense: { names: [], values: new Float64Array() },
  codes: { names: [], levels: [], values: new Int32Array() },
};

/** Every row has about a third of the columns. */
function drawSparse(rows: number, columns: number, seed: number): SparseBlock {
  const random = createRandom(seed);
  const offsets = new Int32Array(rows + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (random.uniform() > 0.35) continue;
      indices.push(column);
      values.push(random.uniform());
    }
    offsets[row + 1] = indices.length;
  }
  const names = Array.from({ length: columns }, (_, column) => `term ${column}`);
  return { names, offsets, indices: Int32Array.from(indices), values: Float64Array.from(values) };
}

function draw(classes: number, { rows = 80, columns = 12, seed = 3 } = {}): TrainingSet {
  const sparse = drawSparse(rows, columns, seed);
  const random = createRandom(seed + 1);
  const target = Float64Array.from({ length: rows }, (_, row) => {
    const first = sparse.indices[sparse.offsets[row] ?? 0] ?? 0;
    return random.uniform() < 0.7 ? first % classes : random.below(classes);
  });
  const blocks: Blocks = { rows, ...none, sparse };
  return { task: classes === 2 ? 'binary' : 'multiclass', blocks, target, classes, seed: 1 };
}

const toEnd = <T>(steps: Generator<unknown, T, void>): T => {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
};

/** The columns' values made dense. */
function denseRows({ rows, sparse }: Blocks): Float64Array {
  const width = sparse.names.length;
  const values = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++) {
    for (let at = sparse.offsets[row] ?? 0; at < (sparse.offsets[row + 1] ?? 0); at++)
      values[row * width + (sparse.indices[at] ?? 0)] = sparse.values[at] ?? 0;
  }
  return values;
}

describe('logistic on sparse columns', () => {
  it.each([1, 3, 4])('has the gradient that differences of the loss have, with %i outputs', (outputs) => {
    const { blocks, target } = draw(outputs === 1 ? 2 : outputs, { rows: 30, columns: 6 });
    const random = createRandom(8);
    const weights = target.map(() => 0.2 + random.uniform());
    const dense = Float64Array.from({ length: 30 * 2 }, () => random.uniform() - 0.5);
    const rows = { rows: 30, dense, sparse: blocks.sparse, target, weights, outputs };
    const size = (2 + 6 + 1) * outputs;
    const solution = Float64Array.from({ length: size }, () => random.uniform() - 0.5);
    const lossAt = (at: Float64Array) =>
      toEnd(penalisedLoss(rows, { solution: at, gradient: new Float64Array(size), l2: 0.3 }));
    const gradient = new Float64Array(size).fill(Number.NaN);
    toEnd(penalisedLoss(rows, { solution, gradient, l2: 0.3 }));
    const step = 1e-5;
    for (let i = 0; i < size; i++) {
      const up = lossAt(solution.with(i, (solution[i] ?? 0) + step));
      const down = lossAt(solution.with(i, (solution[i] ?? 0) - step));
      expect(gradient[i]).toBeCloseTo((up - down) / (2 * step), 6);
    }
  });

  it.each([2, 3])('finds what Newton finds on the same columns made dense, of %i classes', (classes) => {
    const training = draw(classes, { rows: 200, columns: 5 });
    const { blocks } = training;
    const width = blocks.sparse.names.length;
    const values = denseRows(blocks);
    // Newton standardises, so its penalty is on other coefficients: next to none makes the two the same problem.
    const settings = { l2: 1e-6, maxIterations: 1000 };
    const asDense: Blocks = {
      ...blocks,
      dense: { names: blocks.sparse.names, values },
      sparse: {
        names: [],
        offsets: new Int32Array(blocks.rows + 1),
        indices: new Int32Array(),
        values: new Float64Array(),
      },
    };
    expect(values).toHaveLength(200 * width);
    const sparse = logistic.load(fitToEnd(logistic, training, settings)).predict(blocks);
    const dense = logistic
      .load(fitToEnd(logistic, { ...training, blocks: asDense }, settings))
      .predict(asDense);
    for (const [i, probability] of sparse.entries()) expect(probability).toBeCloseTo(dense[i] ?? 0, 2);
  });

  it('is the same to the bit each time, and answers probabilities', () => {
    const training = draw(3);
    const model = fitToEnd(logistic, training);
    expect(fitToEnd(logistic, training)).toEqual(model);
    const predicted = logistic.load(model).predict(training.blocks);
    for (let row = 0; row < 80; row++) {
      const sum = predicted.subarray(row * 3, row * 3 + 3).reduce((total, value) => total + value, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
  });

  it('weighs a row like so many copies of it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 40, maxLength: 40 }), (copies) => {
        const { blocks, ...training } = draw(3, { rows: 40, columns: 6 });
        const rows = copies.flatMap((count, row) => new Array<number>(count).fill(row));
        const repeated = {
          ...training,
          blocks: repeatRows(blocks, rows),
          target: Float64Array.from(rows, (row) => training.target[row] ?? 0),
        };
        const weighted = { ...training, blocks, weights: Float64Array.from(copies) };
        const one = logistic.load(fitToEnd(logistic, weighted)).predict(blocks);
        const other = logistic.load(fitToEnd(logistic, repeated)).predict(blocks);
        for (const [i, probability] of one.entries()) expect(probability).toBeCloseTo(other[i] ?? 0, 3);
      }),
      { numRuns: 10 },
    );
  });

  it('reads dense columns beside the sparse ones', () => {
    const { blocks, ...training } = draw(3, { rows: 90 });
    const values = training.target.map((label) => (label === 1 ? 900 : 100));
    const beside = { ...blocks, dense: { names: ['price'], values } };
    const predicted = logistic.load(fitToEnd(logistic, { ...training, blocks: beside })).predict(beside);
    const right = training.target.filter((label, row) => {
      const own = predicted.subarray(row * 3, row * 3 + 3);
      return (label === 1) === (own[1] === Math.max(...own));
    });
    expect(right).toHaveLength(90);
  });

  it('names its terms in the importances', () => {
    const importances = logistic.importances(fitToEnd(logistic, draw(3)));
    expect(importances).toHaveLength(12);
    expect(importances.map(({ feature }) => feature)).toContain('term 7');
  });

  it('stops between two steps', () => {
    const steps = logistic.fit(draw(3), logistic.params.parse({}));
    expect(steps.next()).toEqual({ done: false, value: { done: 0, total: 100 } });
  });

  it('refuses an L1 penalty', () => {
    expect(() => fitToEnd(logistic, draw(3), { l1: 1 })).toThrow(
      'l1 is 1: with sparse columns, as tfidf makes them, there is l2 only',
    );
  });

  it('refuses a vocabulary of another size', () => {
    const model = fitToEnd(logistic, draw(3));
    expect(() => logistic.load(model).predict(draw(3, { columns: 11 }).blocks)).toThrow(
      'the recipe made 11 sparse columns; the model was trained with 12',
    );
  });
});

function repeatRows({ sparse, ...blocks }: Blocks, rows: readonly number[]): Blocks {
  const offsets = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of rows) {
    const [from, to] = [sparse.offsets[row] ?? 0, sparse.offsets[row + 1] ?? 0];
    indices.push(...sparse.indices.subarray(from, to));
    values.push(...sparse.values.subarray(from, to));
    offsets.push(indices.length);
  }
  return {
    ...blocks,
    rows: rows.length,
    sparse: {
      names: sparse.names,
      offsets: Int32Array.from(offsets),
      indices: Int32Array.from(indices),
      values: Float64Array.from(values),
    },
  };
}
