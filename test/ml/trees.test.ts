import fc from 'fast-check';
import { DecisionTreeRegression } from 'ml-cart';
import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import { createRandom } from '../../ml/random.ts';
import { binRows } from '../../ml/trees/binned-rows.ts';
import { binOf, fitBinning } from '../../ml/trees/binning.ts';
import { createGrower, type GrowthRules } from '../../ml/trees/grower.ts';
import { addForest, createForestBuilder, forestSections, readForest } from '../../ml/trees/predictor.ts';
import { sortDoubles } from '../../ml/trees/sort-doubles.ts';
import { valueRuns } from '../../ml/trees/value-runs.ts';
import { blocksOf, sampleRows } from './learners-rows.ts';
import { valueOfBinnedRow } from './tree-walk.ts';

const rules: GrowthRules = {
  maxLeaves: 31,
  maxDepth: 64,
  minSamplesLeaf: 1,
  minHessianLeaf: 0,
  l2: 0,
  minGain: 0,
  categorySmoothing: 0,
  categoryL2: 0,
  categoryMaxLevels: 255,
  categoryMinRows: 1,
  featuresPerNode: 1000,
};

/** Squared loss at 0: leaves are means. */
function growOn(blocks: Blocks, target: Float64Array, given: Partial<GrowthRules> = {}) {
  const binning = fitBinning(blocks);
  const binned = binRows(binning, blocks);
  const grower = createGrower({ blocks, binning, rules: { ...rules, ...given } });
  grower.rows.set(target.map((_, row) => row));
  grower.gradients.set(target.map((value) => -value));
  grower.hessians.fill(1);
  const tree = grower.grow({
    count: target.length,
    until: target.length,
    features: Int32Array.from(binning.features, (_, feature) => feature),
    random: createRandom(1),
  });
  return { binning, binned, tree };
}

/** Rows × features: bins within their features. */
function binsOf(blocks: Blocks, maxBins?: number): number[] {
  const binning = fitBinning(blocks, maxBins);
  const { slots, features, bins } = binRows(binning, blocks);
  const found = Array.from(slots, (slot, i) => slot - (binning.offsets[i % features] ?? 0));
  expect(found).toEqual(found.map((_, i) => bins[(i % features) * blocks.rows + Math.floor(i / features)]));
  return found;
}

const finiteNumbers = fc.double({ noNaN: true });

describe('binning', () => {
  it('never puts a larger value into a lower bin', () => {
    fc.assert(
      fc.property(fc.array(finiteNumbers, { minLength: 1 }), finiteNumbers, finiteNumbers, (values, a, b) => {
        const [feature] = fitBinning(blocksOf(values.map((value) => [value])), 8).features;
        if (feature?.kind !== 'number') throw new Error('one column of numbers was given');
        const [low, high] = a <= b ? [a, b] : [b, a];
        expect(binOf(feature.thresholds, low)).toBeLessThanOrEqual(binOf(feature.thresholds, high));
        expect(feature.bins).toBeLessThanOrEqual(8);
      }),
    );
  });

  it('gives each value its own bin while there are enough', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(finiteNumbers, { minLength: 1, maxLength: 255, comparator: (a, b) => a === b }),
        (values) => {
          const blocks = blocksOf(values.map((value) => [value]));
          const bins = binsOf(blocks);
          expect(new Set(bins).size).toBe(values.length);
        },
      ),
    );
  });

  it('fills bins of many values evenly', () => {
    const random = createRandom(3);
    const blocks = blocksOf(Array.from({ length: 10_000 }, () => [random.uniform() ** 3]));
    const counts = new Array<number>(256).fill(0);
    for (const bin of binsOf(blocks, 100)) counts[bin] = (counts[bin] ?? 0) + 1;
    expect(counts.slice(0, 100).every((count) => Math.abs(count - 100) <= 1)).toBe(true);
  });

  it('keeps a frequent value whole and missing values apart', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => [i < 900 ? 0 : i, i % 2 === 0 ? null : 1]);
    const blocks = blocksOf(rows);
    const bins = binsOf(blocks, 16);
    expect(new Set(rows.slice(0, 900).map((_, row) => bins[row * 2])).size).toBe(1);
    expect(bins[901 * 2]).not.toBe(bins[0]);
    expect([bins[1], bins[3]]).toEqual([1, 0]);
  });

  it('refuses a column of more than 255 levels and sparse columns', () => {
    const levels = [Array.from({ length: 256 }, (_, i) => `${i}`)];
    expect(() => fitBinning(blocksOf([[1]], { rows: [[0]], levels }))).toThrow('column c0 has 256 levels');
    const blocks = { ...blocksOf([[1]]), sparse: { ...blocksOf([[1]]).sparse, names: ['word'] } };
    expect(() => fitBinning(blocks)).toThrow('trees read dense and codes columns');
  });
});

describe('sorting', () => {
  it('orders doubles as the built-in sort does', () => {
    const someDouble = fc.oneof(finiteNumbers, fc.integer(), fc.constantFrom(0, -0, Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(someDouble, { minLength: 1, maxLength: 50 }), (values) => {
        // Long enough for the radix sort.
        const long = Float64Array.from(
          { length: 3000 },
          (_, i) => (values[i % values.length] ?? 0) / (1 + (i % 7)),
        );
        expect(sortDoubles(long.slice())).toEqual(long.slice().sort());
      }),
      { numRuns: 20 },
    );
  });
});

describe('runs of equal values', () => {
  it('are those of the column in order, whether its values come back or not', () => {
    const someDouble = fc.oneof(finiteNumbers, fc.integer(), fc.constantFrom(Infinity, -Infinity));
    fc.assert(
      fc.property(fc.array(someDouble), fc.integer({ min: 1, max: 20 }), (values, times) => {
        const column = Float64Array.from(
          { length: values.length * times },
          (_, i) => (values[i % values.length] ?? 0) + 0,
        );
        const sorted = column.slice().sort();
        const distinct = [...new Set(sorted)];
        const runs = valueRuns(column);
        expect([...runs.values]).toEqual(distinct);
        expect([...runs.ends]).toEqual(distinct.map((value) => sorted.lastIndexOf(value) + 1));
      }),
    );
  });
});

describe('growing', () => {
  it('finds the split that trying every cut finds', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 9 }),
            fc.integer({ min: 0, max: 9 }),
            fc.integer({ min: -20, max: 20 }),
          ),
          {
            minLength: 2,
            maxLength: 40,
          },
        ),
        (rows) => {
          const target = Float64Array.from(rows, ([, , value]) => value);
          const { tree } = growOn(blocksOf(rows.map(([a, b]) => [a, b])), target, { maxLeaves: 2 });
          const score = (values: number[]) =>
            values.reduce((sum, value) => sum + value, 0) ** 2 / values.length;
          let best = 0;
          for (const column of [0, 1] as const) {
            for (let cut = 0; cut < 9; cut++) {
              const left = rows.filter((row) => row[column] <= cut).map((row) => row[2]);
              const right = rows.filter((row) => row[column] > cut).map((row) => row[2]);
              if (left.length > 0 && right.length > 0)
                best = Math.max(best, score(left) + score(right) - score([...target]));
            }
          }
          expect(tree.gain[0]).toBeCloseTo(best > 1e-9 ? best : 0, 7);
        },
      ),
    );
  });

  it('finds the best subset of levels', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -1, max: 5 }), fc.integer({ min: -20, max: 20 })), {
          minLength: 2,
          maxLength: 40,
        }),
        (rows) => {
          const codes = { rows: rows.map(([code]) => [code]), levels: [['a', 'b', 'c', 'd', 'e', 'f']] };
          const target = Float64Array.from(rows, ([, value]) => value);
          const { tree } = growOn(
            blocksOf(
              rows.map(() => []),
              codes,
            ),
            target,
            { maxLeaves: 2 },
          );
          const score = (values: number[]) =>
            values.reduce((sum, value) => sum + value, 0) ** 2 / values.length;
          let best = 0;
          for (let subset = 1; subset < 127; subset++) {
            const side = (isLeft: number) =>
              rows.filter(([code]) => ((subset >> (code + 1)) & 1) === isLeft).map((row) => row[1]);
            const [left, right] = [side(1), side(0)];
            if (left.length > 0 && right.length > 0)
              best = Math.max(best, score(left) + score(right) - score([...target]));
          }
          expect(tree.gain[0]).toBeCloseTo(best > 1e-9 ? best : 0, 7);
        },
      ),
    );
  });

  it('grows the tree that ml-cart grows', () => {
    for (const seed of [1, 2, 3, 4]) {
      const { table, target } = sampleRows({ rows: 120, seed });
      const rows = table.map((row) => row.map((value) => value ?? 0));
      const cart = new DecisionTreeRegression({ maxDepth: 3, minNumSamples: 1 });
      cart.train(rows, [...target]);
      const { tree, binned, binning } = growOn(blocksOf(table), target, { maxDepth: 3 });
      cart.predict(rows).forEach((expected, row) => {
        expect(valueOfBinnedRow(tree, binned, binning, row)).toBeCloseTo(expected, 9);
      });
    }
  });

  it('makes leaves that are the means of their rows, each row in one leaf', () => {
    const { table, target } = sampleRows({ rows: 500, seed: 4, missingShare: 0.3 });
    const { tree, binned, binning } = growOn(blocksOf(table), target, { minSamplesLeaf: 7, maxLeaves: 20 });
    expect(tree.leaves).toHaveLength(20);
    expect(tree.leaves.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(500);
    const members = new Map<number, number[]>();
    target.forEach((value, row) => {
      const leaf = valueOfBinnedRow(tree, binned, binning, row);
      members.set(leaf, [...(members.get(leaf) ?? []), value]);
    });
    for (const [leaf, values] of members) {
      expect(values.length).toBeGreaterThanOrEqual(7);
      expect(leaf).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 9);
    }
  });

  it('keeps to depth, leaves and rows of a leaf', () => {
    const { table, target } = sampleRows({ rows: 300, seed: 5 });
    const depths = ({ tree }: ReturnType<typeof growOn>) => {
      const depth = new Int32Array(tree.nodes);
      for (let node = 0; node < tree.nodes; node++) {
        if (tree.feature[node] === -1) continue;
        const left = tree.left[node] as number;
        depth[left] = depth[left + 1] = (depth[node] as number) + 1;
      }
      return Math.max(...depth);
    };
    expect(depths(growOn(blocksOf(table), target, { maxDepth: 3 }))).toBe(3);
    expect(growOn(blocksOf(table), target, { maxLeaves: 6 }).tree.leaves).toHaveLength(6);
    const { leaves } = growOn(blocksOf(table), target, { minSamplesLeaf: 40, maxLeaves: 300 }).tree;
    expect(Math.min(...leaves.map(({ start, end }) => end - start))).toBeGreaterThanOrEqual(40);
  });

  it('makes one leaf of a constant target', () => {
    const { tree } = growOn(blocksOf([[1], [2], [3]]), Float64Array.of(4, 4, 4));
    expect([tree.nodes, tree.value[0]]).toEqual([1, 4]);
  });

  it('learns on which side missing values belong', () => {
    const rows = Array.from({ length: 60 }, (_, row) => [row % 3 === 0 ? null : row % 3]);
    const likeOne = Float64Array.from(rows, (_, row) => (row % 3 === 2 ? 5 : 1));
    const apart = Float64Array.from(rows, (_, row) => (row % 3 === 0 ? 9 : 1));
    expect(growOn(blocksOf(rows), likeOne, { maxLeaves: 2 }).tree.missingLeft[0]).toBe(1);
    const { tree } = growOn(blocksOf(rows), apart, { maxLeaves: 2 });
    expect([tree.missingLeft[0], tree.value[1], tree.value[2]]).toEqual([0, 1, 9]);
  });
});

describe('the stored forest', () => {
  const { table, target } = sampleRows({ rows: 400, seed: 14, missingShare: 0.2 });
  const random = createRandom(2);
  const blocks = blocksOf(table, {
    rows: table.map(() => [random.below(7) - 1]),
    levels: [['a', 'b', 'c', 'd', 'e', 'f']],
  });
  const noisy = target.map((value, row) => value + ((blocks.codes.values[row] ?? 0) % 2) * 3);
  const { tree, binned, binning } = growOn(blocks, noisy, { maxLeaves: 60 });
  const builder = createForestBuilder(binning);
  builder.add(tree, 1);
  const { forest, gains } = builder.build();
  const inputs = { dense: blocks.dense.names.slice(), codes: blocks.codes.names.slice(), gains: [...gains] };

  it('sends raw rows where the grower sent binned ones', () => {
    const found = new Float64Array(blocks.rows);
    addForest(forest, blocks, found);
    expect([...found]).toEqual(Array.from(found, (_, row) => valueOfBinnedRow(tree, binned, binning, row)));
    expect(gains.every((gain) => gain > 0)).toBe(true);
  });

  it('is refused when a walk could leave it or never end', () => {
    const sections = forestSections(forest);
    expect(readForest(sections, inputs)).toEqual(forest);
    const damaged = (name: 'lefts' | 'tests' | 'roots', value: number) => {
      const copy = Int32Array.from(forest[name]);
      copy[0] = value;
      return { ...sections, [name]: copy };
    };
    expect(() => readForest(damaged('lefts', 0), inputs)).toThrow('lefts[0] is 0');
    expect(() => readForest(damaged('lefts', 1e6), inputs)).toThrow('lefts[0] is 1000000');
    expect(() => readForest(damaged('tests', 400), inputs)).toThrow('tests[0] reads column 100');
    expect(() => readForest(damaged('roots', -1), inputs)).toThrow('roots[0] is -1');
    expect(() => readForest({ ...sections, tests: new Float64Array(3) }, inputs)).toThrow(
      'a forest needs the sections',
    );
  });
});
