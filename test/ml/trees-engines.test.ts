import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import { createRandom, type Random } from '../../ml/random.ts';
import { binRows } from '../../ml/trees/binned-rows.ts';
import { fitBinning } from '../../ml/trees/binning.ts';
import { createGrower, type GrowthRules } from '../../ml/trees/grower.ts';
import { createGrowerParts } from '../../ml/trees/grower-parts.ts';
import { slotWidth } from '../../ml/trees/histogram.ts';
import { blocksOf, sampleRows } from './learners-rows.ts';
import { valueOfBinnedRow } from './tree-walk.ts';

/** Numbers with missing values, numbers of few values, and two columns of codes. */
function mixedBlocks(rows: number, seed: number): { blocks: Blocks; target: Float64Array; random: Random } {
  const { table, target } = sampleRows({ rows, seed, missingShare: 0.2 });
  const random = createRandom(seed);
  const codes = {
    rows: table.map(() => [random.below(7) - 1, random.below(40) - 1]),
    levels: [6, 39].map((levels) => Array.from({ length: levels }, (_, i) => `${i}`)),
  };
  return { blocks: blocksOf(table, codes), target, random };
}

const rules: GrowthRules = {
  maxLeaves: 24,
  maxDepth: 64,
  minSamplesLeaf: 3,
  minHessianLeaf: 1e-3,
  l2: 1,
  minGain: 0,
  categorySmoothing: 10,
  categoryL2: 10,
  categoryMaxLevels: 32,
  categoryMinRows: 5,
  featuresPerNode: 1000,
};

describe('WebAssembly and plain JavaScript', () => {
  for (const { title, hessian, featuresPerNode } of [
    { title: 'equal hessians', hessian: () => 0.7, featuresPerNode: 1000 },
    {
      title: 'hessians of every size',
      hessian: (random: Random) => 10 ** -random.below(30),
      featuresPerNode: 1000,
    },
    { title: 'columns drawn for each node', hessian: () => 1, featuresPerNode: 2 },
    {
      title: 'columns drawn, and hessians that differ',
      hessian: (random: Random) => random.uniform(),
      featuresPerNode: 3,
    },
  ]) {
    it(`grow the same trees to the bit: ${title}`, () => {
      // The last is summed by several blocks.
      for (const rowCount of [1, 2, 37, 12_000]) {
        const { blocks, target } = mixedBlocks(rowCount, rowCount);
        const binning = fitBinning(blocks);
        const [plain, fast] = [true, false].map((isPlain) => {
          const random = createRandom(5);
          const grower = createGrower({
            blocks,
            binning,
            rules: { ...rules, featuresPerNode },
            plain: isPlain,
          });
          return [1, 2, 3].map((round) => {
            const count = Math.ceil(rowCount * 0.7);
            target.forEach((value, row) => {
              grower.rows[row] = (row + round * 5) % rowCount;
              grower.gradients[row] = value * (random.uniform() - 0.5) * 10 ** (random.below(12) - 6);
              grower.hessians[row] = hessian(random);
            });
            const features = Int32Array.of(0, 1, 3, 4);
            return grower.grow({ count, until: rowCount, features, random });
          });
        });
        expect(fast).toEqual(plain);
        if (rowCount === 12_000) expect(fast?.every(({ nodes }) => nodes > 9)).toBe(true);
      }
    });
  }

  it('bin the same values alike, also at and beside the thresholds', () => {
    const { blocks, random } = mixedBlocks(1000, 3);
    const width = blocks.dense.names.length;
    for (let i = 0; i < blocks.dense.values.length; i++)
      if (random.below(4) === 0)
        blocks.dense.values[i] = [Infinity, -Infinity, 0, -0, Number.NaN][random.below(5)] ?? 0;
    const binning = fitBinning(blocks);
    binning.features.forEach((feature, column) => {
      if (feature.kind !== 'number') return;
      feature.thresholds.forEach((threshold, row) => {
        blocks.dense.values[row * width + column] = threshold;
      });
    });
    const { binned } = createGrowerParts({ blocks, binning, rules });
    const plain = binRows(binning, blocks);
    expect(binned.slots.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...binned.slots]).toEqual([...plain.slots]);
    expect([...binned.bins]).toEqual([...plain.bins]);
  });
});

describe('histograms', () => {
  it('by subtraction equal those counted directly, whatever was summed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e6 }),
        fc.integer({ min: 1, max: 199 }),
        fc.boolean(),
        fc.boolean(),
        (seed, cut, plain, isEqual) => {
          const { blocks, random } = mixedBlocks(200, seed);
          const binning = fitBinning(blocks, 32);
          const { begin, histograms, rows, gradients, hessians } = createGrowerParts({
            blocks,
            binning,
            rules,
            plain,
          });
          for (let row = 0; row < 200; row++) {
            rows[row] = row;
            gradients[row] = random.uniform() / 3 - 0.1;
            hessians[row] = isEqual ? 1 : random.uniform();
          }
          begin(200);
          const features = Int32Array.of(0, 1, 2, 3, 4);
          const read = (id: number) =>
            [...features].map((feature) => [
              ...histograms
                .read(id, feature)
                .slice(0, ((binning.features[feature]?.bins ?? 0) + 1) * slotWidth),
            ]);
          histograms.count(0, { start: 0, end: 200 }, features);
          histograms.count(1, { start: 0, end: cut }, features);
          histograms.subtract(0, 1, features);
          const other = read(0);
          histograms.count(1, { start: cut, end: 200 }, features);
          expect(other).toEqual(read(1));
        },
      ),
    );
  });

  it('hold the same sums in whatever order the rows are counted', () => {
    const { blocks, random } = mixedBlocks(500, 9);
    const binning = fitBinning(blocks);
    for (const plain of [true, false]) {
      const { begin, histograms, rows, gradients, hessians } = createGrowerParts({
        blocks,
        binning,
        rules,
        plain,
      });
      for (let row = 0; row < 500; row++) {
        rows[row] = row;
        gradients[row] = random.uniform() - 0.5;
        hessians[row] = random.uniform();
      }
      begin(500);
      const features = Int32Array.of(0, 1, 2, 3, 4);
      histograms.count(0, { start: 0, end: 500 }, features);
      const ordered = [...features].map((feature) => [...histograms.read(0, feature)]);
      rows.reverse();
      histograms.count(0, { start: 0, end: 500 }, features);
      expect([...features].map((feature) => [...histograms.read(0, feature)])).toEqual(ordered);
    }
  });
});

describe('rows beside those a tree is grown on', () => {
  it('stand in the leaves that a walk from the root leads them to', () => {
    for (const plain of [true, false]) {
      const { blocks, target } = mixedBlocks(1000, 21);
      const binning = fitBinning(blocks);
      const grower = createGrower({ blocks, binning, rules, plain });
      grower.rows.set(target.map((_, row) => (row * 7) % 1000));
      grower.gradients.set(target.map((value) => -value));
      grower.hessians.fill(1);
      const job = {
        count: 600,
        until: 1000,
        features: Int32Array.of(0, 1, 2, 3, 4),
        random: createRandom(1),
      };
      const tree = grower.grow(job);
      const binned = binRows(binning, blocks);
      let routed = 0;
      for (const { node, start, end, beside } of tree.leaves) {
        expect(end).toBeLessThanOrEqual(600);
        for (const row of [
          ...grower.rows.subarray(start, end),
          ...grower.rows.subarray(beside.start, beside.end),
        ]) {
          expect(valueOfBinnedRow(tree, binned, binning, row)).toBe(tree.value[node]);
          routed++;
        }
      }
      expect(routed).toBe(1000);
    }
  });
});
