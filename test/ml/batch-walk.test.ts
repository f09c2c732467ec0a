import { describe, expect, it } from 'vitest';
import type { Blocks } from '../../ml/blocks.ts';
import { gradientBoosting } from '../../ml/learners/gradient-boosting.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import { createBatchWalk } from '../../ml/trees/batch-walk.ts';
import { addForest, forestInputsSchema, readForest } from '../../ml/trees/predictor.ts';

const levels = Array.from({ length: 200 }, (_, level) => `level ${level}`);

/** Three numbers and two categories a row; about one value in twenty is missing. */
function sampleBlocks(rows: number, seed: number): Blocks {
  const random = createRandom(seed);
  const isMissing = () => random.below(20) === 0;
  return {
    rows,
    dense: {
      names: ['a', 'b', 'c'],
      values: Float64Array.from({ length: rows * 3 }, () =>
        isMissing() ? Number.NaN : random.below(1e6) / 1e3,
      ),
    },
    codes: {
      names: ['k', 'l'],
      levels: [levels, levels],
      values: Int32Array.from({ length: rows * 2 }, () => (isMissing() ? -1 : random.below(levels.length))),
    },
    sparse: {
      names: [],
      offsets: new Int32Array(rows + 1),
      indices: new Int32Array(),
      values: new Float64Array(),
    },
  };
}

const training = sampleBlocks(3000, 1);
const target = Float64Array.from({ length: training.rows }, (_, row) => {
  const [number, code] = [training.dense.values[row * 3] as number, training.codes.values[row * 2] as number];
  return (Number.isNaN(number) ? 400 : Math.sin(number / 100)) + (code < 0 ? 3 : (code * 7) % 13);
});
const model = fitToEnd(
  gradientBoosting,
  { task: 'regression', blocks: training, target, classes: 0, seed: 1 },
  { rounds: 40, maxLeaves: 31, earlyStopping: null },
);
const head = forestInputsSchema.parse(Object(model.head).inputs);
const forest = readForest(model.sections, head);

describe('the walk of many rows', () => {
  const walk = createBatchWalk(forest, { dense: 3, codes: 2 });

  it('runs in this engine, and the forest asks for numbers, codes and missing values both ways', () => {
    expect(walk).not.toBeNull();
    const kinds = new Set([...forest.tests].map((test) => (test === -1 ? 'leaf' : test & 3)));
    expect(kinds).toEqual(new Set(['leaf', 0, 1, 2, 3]));
  });

  it.each([1, 7, 8, 64, 511, 512, 513, 2000])(
    'gives %i rows what the walk of single rows gives, to the bit',
    (rows) => {
      const blocks = sampleBlocks(rows, rows);
      const one = new Float64Array(rows).fill(0.1);
      addForest(forest, blocks, one);
      const many = new Float64Array(rows).fill(0.1);
      walk?.(blocks, many);
      expect(many).toEqual(one);
    },
  );

  it('reads infinities, zeros of both signs and values at a threshold as the walk of single rows does', () => {
    const thresholds = [...forest.thresholds].filter((_, node) => ((forest.tests[node] ?? -1) & 2) === 0);
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e300, ...thresholds];
    const blocks = sampleBlocks(values.length, 5);
    for (const [row, value] of values.entries()) blocks.dense.values.fill(value, row * 3, row * 3 + 3);
    const one = new Float64Array(values.length);
    addForest(forest, blocks, one);
    const many = new Float64Array(values.length);
    walk?.(blocks, many);
    expect(many).toEqual(one);
  });

  it('keeps nothing of an earlier batch', () => {
    const first = new Float64Array(600);
    const blocks = sampleBlocks(600, 9);
    walk?.(blocks, first);
    walk?.(sampleBlocks(600, 10), new Float64Array(600));
    const again = new Float64Array(600);
    walk?.(blocks, again);
    expect(again).toEqual(first);
  });
});
