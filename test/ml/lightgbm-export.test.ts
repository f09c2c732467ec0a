import { describe, expect, it } from 'vitest';
import { contributionsByLightGbm, whyNoLightGbm } from '../../bench/lightgbm-contributions.ts';
import { addTreeContributions, forestMean, type WeighedForest } from '../../ml/explain/tree-shap.ts';
import { type LightGbmModel, toLightGbmText } from '../../ml/export/lightgbm.ts';
import { createRandom } from '../../ml/random.ts';
import { addForest } from '../../ml/trees/predictor.ts';
import { codesColumns, columns, levels, randomForest, randomRows } from './random-forests.ts';

const modelOf = (weighed: WeighedForest): LightGbmModel => ({
  ...weighed,
  base: 0.25,
  columns: Array.from({ length: columns }, (_, i) => `column ${i}`),
  levels: new Array<number>(codesColumns).fill(levels),
  objective: 'regression',
});

describe('a forest exported to LightGBM', () => {
  it('names columns without spaces, and tells the bytes of each tree', () => {
    const weighed = randomForest(createRandom(3), { trees: 3, depth: 4 });
    const text = toLightGbmText(modelOf(weighed));
    expect(text).toContain('\nfeature_names=column_0_0 column_1_1 column_2_2 column_3_3 column_4_4\n');
    const sizes = /\ntree_sizes=(.*)\n/.exec(text)?.[1]?.split(' ').map(Number) ?? [];
    let at = text.indexOf('Tree=0');
    sizes.forEach((size, tree) => {
      expect(text.slice(at)).toMatch(new RegExp(`^Tree=${tree}\n`));
      at += size;
    });
    expect(text.slice(at)).toMatch(/^end of trees\n/);
  });
});

const python = 'python3';
const absent = await whyNoLightGbm(python);
describe.skipIf(absent !== null)(`read by LightGBM${absent === null ? '' : ` (skipped: ${absent})`}`, () => {
  it('predicts and explains the same', async () => {
    const random = createRandom(11);
    const weighed = randomForest(random, { trees: 20, depth: 6 });
    const blocks = randomRows(random, 200);
    const theirs = await contributionsByLightGbm(python, toLightGbmText(modelOf(weighed)), blocks);
    const raw = new Float64Array(blocks.rows).fill(0.25);
    addForest(weighed.forest, blocks, raw);
    raw.forEach((value, row) => {
      expect(theirs.raw[row]).toBeCloseTo(value, 12);
    });
    const ours = new Float64Array(blocks.rows * columns);
    addTreeContributions(weighed, blocks, ours);
    ours.forEach((value, i) => {
      const row = Math.floor(i / columns);
      expect(theirs.contributions[row * (columns + 1) + (i % columns)]).toBeCloseTo(value, 6);
    });
    expect(theirs.contributions[columns]).toBeCloseTo(0.25 + forestMean(weighed), 6);
  });
});
