import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import { gaussLegendre } from '../../ml/explain/quadrature.ts';
import { addTreeContributions, forestMean, type WeighedForest } from '../../ml/explain/tree-shap.ts';
import { createRandom } from '../../ml/random.ts';
import { addForest } from '../../ml/trees/predictor.ts';
import { blocksOf } from './learners-rows.ts';
import { chainOf, columns, randomForest, randomRows } from './random-forests.ts';

describe('contributions of trees', () => {
  it('are the Shapley values over all subsets of the columns, missing values and categories included', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 7 }), (seed, depth) => {
        const random = createRandom(seed);
        const weighed = randomForest(random, { trees: 2, depth });
        const blocks = randomRows(random, 6);
        const found = contributionsOf(weighed, blocks);
        for (let row = 0; row < blocks.rows; row++) {
          const expected = shapleyValues((known) => conditionalMean(weighed, blocks, row, known));
          for (let column = 0; column < columns; column++) {
            const place = `row ${row} column ${column}`;
            expect(
              Math.abs((found[row * columns + column] ?? 0) - (expected[column] ?? 0)),
              place,
            ).toBeLessThan(1e-9);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('and the mean add up to the prediction, on paths that read forty columns', () => {
    const random = createRandom(5);
    const width = 40;
    const weighed = chainOf(random, width);
    const rows = Array.from({ length: 50 }, () => Array.from({ length: width }, () => random.uniform()));
    const blocks = blocksOf(rows);
    const contributions = new Float64Array(blocks.rows * width);
    addTreeContributions(weighed, blocks, contributions);
    const predicted = new Float64Array(blocks.rows);
    addForest(weighed.forest, blocks, predicted);
    predicted.forEach((value, row) => {
      const sum = contributions.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0);
      expect(Math.abs(forestMean(weighed) + sum - value)).toBeLessThan(1e-11);
    });
  });

  it('are zero for a tree of one leaf', () => {
    const weighed = randomForest(createRandom(1), { trees: 1, depth: 0 });
    expect(contributionsOf(weighed, randomRows(createRandom(2), 3)).every((value) => value === 0)).toBe(true);
    expect(forestMean(weighed)).toBe(weighed.forest.thresholds[0]);
  });
});

describe('the quadrature', () => {
  it('integrates the powers that so many points must, exactly', () => {
    for (let count = 1; count <= 32; count++) {
      const { points, weights } = gaussLegendre(count);
      for (let power = 0; power < 2 * count; power++) {
        const integral = points.reduce((sum, point, i) => sum + (weights[i] ?? 0) * point ** power, 0);
        expect(Math.abs(integral * (power + 1) - 1), `${count} points, power ${power}`).toBeLessThan(1e-13);
      }
    }
  });
});

function contributionsOf(weighed: WeighedForest, blocks: Blocks): Float64Array {
  const contributions = new Float64Array(blocks.rows * columns);
  addTreeContributions(weighed, blocks, contributions);
  return contributions;
}

/** Every column known to a player who knows `known`; a split on any other sends the row both ways, by rows. */
function conditionalMean(
  { forest, covers }: WeighedForest,
  blocks: Blocks,
  row: number,
  known: ReadonlySet<number>,
): number {
  const { tests, thresholds, lefts, roots } = forest;
  const mean = (node: number): number => {
    const test = tests[node] ?? -1;
    if (test === -1) return thresholds[node] ?? 0;
    const left = lefts[node] ?? 0;
    if (known.has(test >> 2)) return mean(left + (isLeft(forest, node, blocks, row) ? 0 : 1));
    const [rows = 0, rowsLeft = 0, rowsRight = 0] = [covers[node], covers[left], covers[left + 1]];
    return (rowsLeft * mean(left) + rowsRight * mean(left + 1)) / rows;
  };
  return roots.reduce((sum, root) => sum + mean(root), 0);
}

/** By one tree of one split: `addForest` says which side it takes. */
function isLeft(forest: WeighedForest['forest'], node: number, blocks: Blocks, row: number): boolean {
  const single = {
    roots: Int32Array.of(0),
    tests: Int32Array.of(forest.tests[node] ?? -1, -1, -1),
    thresholds: Float64Array.of(forest.thresholds[node] ?? 0, 1, 0),
    lefts: Int32Array.of(1, 0, 0),
    levelSets: forest.levelSets,
  };
  const sides = new Float64Array(blocks.rows);
  addForest(single, blocks, sides);
  return sides[row] === 1;
}

/** Shapley (1953): the mean over all orders of what a column adds to those before it. */
function shapleyValues(worth: (known: ReadonlySet<number>) => number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const worths = Array.from({ length: 2 ** columns }, (_, set) =>
    worth(new Set(Array.from({ length: columns }, (_, i) => i).filter((i) => (set >> i) & 1))),
  );
  return Array.from({ length: columns }, (_, column) =>
    worths.reduce((sum, without, set) => {
      if ((set >> column) & 1) return sum;
      const size = Array.from({ length: columns }, (_, i) => (set >> i) & 1).reduce((a, b) => a + b, 0);
      const weight = (factorial(size) * factorial(columns - size - 1)) / factorial(columns);
      return sum + weight * ((worths[set | (1 << column)] ?? 0) - without);
    }, 0),
  );
}
