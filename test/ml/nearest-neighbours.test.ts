import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonValue, Task } from '../../ml/learner.ts';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { createBatchSearch } from '../../ml/neighbours/batch.ts';
import { createNeighbours } from '../../ml/neighbours/search.ts';
import { orderRows } from '../../ml/neighbours/tree.ts';
import reference from './fixtures/learners.json' with { type: 'json' };
import { blocksOf, sampleRows } from './learners-rows.ts';

const learner = findLearner('nearest-neighbours');

function train(job: {
  task: Task;
  rows: readonly (readonly number[])[];
  target: readonly number[];
  classes?: number;
  weights?: readonly number[];
  params: Readonly<Record<string, JsonValue>>;
}) {
  const { task, rows, target, classes = 0, weights } = job;
  const training = { task, blocks: blocksOf(rows), target: Float64Array.from(target), classes, seed: 1 };
  return learner.load(
    fitToEnd(
      learner,
      weights === undefined ? training : { ...training, weights: Float64Array.from(weights) },
      job.params,
    ),
  );
}

const expectClose = (found: Float64Array, expected: readonly number[]) =>
  expect([...found]).toEqual(expected.map((value) => expect.closeTo(value, 9)));

describe('nearest neighbours', () => {
  const { expected } = { expected: reference.neighbours };
  // The reference's columns are standardised by all rows; so are these, being fitted on them.
  const rows = reference.x;
  const spared = (values: readonly number[]) => values.map((_, row) => (row < 200 ? 1 : 0));

  it.each([
    ['uniform', 'regression', reference.number, 7, 'uniform', expected.uniform],
    ['distance', 'regression', reference.number, 7, 'distance', expected.distance],
    ['two classes', 'binary', reference.label, 9, 'uniform', expected.label],
    ['three classes', 'multiclass', reference.kind, 9, 'distance', expected.kind],
  ] as const)('agree with scikit-learn: %s', (_, task, target, neighbours, weights, answers) => {
    const classes = { regression: 0, binary: 2, multiclass: 3 }[task];
    const job = { task, rows, target, classes, weights: spared(target), params: { neighbours, weights } };
    expectClose(train(job).predict(blocksOf(rows.slice(200))), answers);
  });

  it('are those of a search through all rows, ties to the earlier row', () => {
    const cell = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((width) =>
          fc.record({
            width: fc.constant(width),
            rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), {
              minLength: 1,
              maxLength: 250,
            }),
            point: fc.array(fc.double({ min: -1, max: 4, noNaN: true }), {
              minLength: width,
              maxLength: width,
            }),
            share: fc.double({ min: 0, max: 1, noNaN: true }),
          }),
        ),
        ({ width, rows: table, point, share }) => {
          const count = Math.max(1, Math.round(share * table.length));
          const points = Float64Array.from(table.flat());
          const ordering = orderRows(points, width);
          let step = ordering.next();
          while (step.done !== true) step = ordering.next();
          const numbers = step.value;
          const ordered = Float64Array.from([...numbers].flatMap((row) => table[row] ?? []));
          const neighbours = { points: ordered, numbers, width, count };
          const one = Float64Array.from(point);
          const { nearest } = createNeighbours(neighbours).find(one, 0);
          const [ofBatch] = createBatchSearch(neighbours)(one, { start: 0, end: 1 });
          const squareOf = (row: readonly number[]) =>
            row.reduce((sum, value, i) => sum + (value - (point[i] ?? 0)) ** 2, 0);
          const all = table
            .map((row, number) => ({ number, square: squareOf(row) }))
            .sort((a, b) => a.square - b.square || a.number - b.number);
          for (const found of [nearest, ofBatch])
            expect([...(found?.places ?? [])].map((place) => numbers[place])).toEqual(
              all.slice(0, count).map(({ number }) => number),
            );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are the same for many points as for each of them', () => {
    const { table, target } = sampleRows({ rows: 700, seed: 8 });
    const wide = blocksOf(
      table.map((row, i) => [...row, ...Array.from({ length: 12 }, (_, j) => (i * (j + 3)) % 17)]),
    );
    const training = { task: 'regression', blocks: wide, target, classes: 0, seed: 1 } as const;
    const model = fitToEnd(learner, training, { neighbours: 9, weights: 'distance' });
    const { predict } = learner.load(model);
    const one = (row: number) => {
      const width = wide.dense.names.length;
      const values = wide.dense.values.subarray(row * width, (row + 1) * width);
      return predict({ ...wide, rows: 1, dense: { ...wide.dense, values } })[0];
    };
    expect([...predict(wide)]).toEqual(Array.from({ length: 700 }, (_, row) => one(row)));
  });

  it('at distance 0 alone count by distance', () => {
    const job = { task: 'regression', rows: [[0], [0], [1], [9]], target: [2, 4, 90, 90] } as const;
    const { predict } = train({ ...job, params: { neighbours: 3, weights: 'distance' } });
    expect([...predict(blocksOf([[0]]))]).toEqual([3]);
  });

  it('vote by the weights of their rows', () => {
    const job = { task: 'binary', classes: 2, rows: [[0], [1], [2]], target: [0, 1, 1] } as const;
    const { predict } = train({ ...job, weights: [6, 1, 1], params: { neighbours: 3 } });
    expect([...predict(blocksOf([[1]]))]).toEqual([0.25]);
  });

  it('are drawn by seed from more rows than are kept', () => {
    const { table, target } = sampleRows({ rows: 300, seed: 4 });
    const job = { task: 'regression', blocks: blocksOf(table), target, classes: 0, seed: 5 } as const;
    const model = (seed: number) => fitToEnd(learner, { ...job, seed }, { maxRows: 100, neighbours: 5 });
    expect(model(5).sections.numbers).toHaveLength(100);
    expect(model(5)).toEqual(model(5));
    expect(model(6).sections.numbers).not.toEqual(model(5).sections.numbers);
  });

  it('need as many rows, and say so', () => {
    const job = { task: 'regression', rows: [[0], [1]], target: [0, 1] } as const;
    expect(() => train({ ...job, params: { neighbours: 3 } })).toThrow(
      '3 neighbours need as many rows; there are 2',
    );
  });
});
