import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gradientBoosting } from '../ml/learners/gradient-boosting.ts';
import { fitToEnd } from '../ml/learners/registry.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { fitTransform, transform } from '../ml/recipe/recipe.ts';
import type { EncodeStep } from '../ml/recipe/spec.ts';
import { mean } from '../ml/sample.ts';
import { type OlistPipeline, readOlistSplits } from './olist-splits.ts';
import { pairedDifference, shownPaired } from './paired.ts';

/**
 * Question: what do gradient boosting's categories gain by target statistics, out of fold or ordered?
 *
 * The same rows and splits under each encoding of the categories; beside them a model without categories. Printed:
 * ROC-AUC or R² on the test rows, and the difference to category codes as a mean over the splits with its standard
 * error.
 */

const byTarget = { step: 'targetEncode', columns: 'categories', folds: 5 } as const;
const codes: EncodeStep = { step: 'codes', columns: 'categories', maxLevels: 250 };
const encodings: Readonly<Record<string, EncodeStep>> = {
  'out of fold': { ...byTarget, smoothing: 20 },
  'ordered, 1 order': { ...byTarget, smoothing: 20, permutations: 1 },
  'ordered, 4 orders': { ...byTarget, smoothing: 20, permutations: 4 },
  "ordered, CatBoost's weight": { ...byTarget, smoothing: 1, permutations: 4 },
  'no categories': { step: 'drop', columns: ['payment_type', 'product_category_name', 'customer_state'] },
};

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, splits: { type: 'string', default: '10' } },
});
if (options.data === undefined)
  throw new Error('usage: category-encodings --data OLIST_FOLDER [--splits 10]');
const { data } = options;
const seeds = Array.from({ length: Number(options.splits) }, (_, seed) => seed);

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  await compare('olist-satisfaction');
  await compare('olist-score');
} finally {
  await rm(folder, { recursive: true });
}

async function compare(name: OlistPipeline): Promise<void> {
  const { pipeline, task, metric, quality, split } = await readOlistSplits(name, data, folder);
  const params = gradientBoosting.params.parse({});
  const qualities = (encode: EncodeStep): number[] =>
    seeds.map((seed) => {
      const { train, test } = split(seed);
      const { frame, target } = train;
      const spec = recipeOf(pipeline, [encode]);
      const { fitted, blocks } = fitTransform({ spec, frame, target, lookups: [], seed });
      const training = { task, blocks, target, classes: task === 'binary' ? 2 : 0, seed };
      const { predict } = gradientBoosting.load(fitToEnd(gradientBoosting, training, params));
      return quality(predict(transform({ fitted, frame: test.frame, lookups: [] })), test.target);
    });
  const ofCodes = qualities(codes);
  write(`${name}: ${metric} ${mean(ofCodes).toFixed(4)} with category codes, over ${seeds.length} splits`);
  for (const [label, encode] of Object.entries(encodings)) {
    const others = qualities(encode);
    const gain = shownPaired(pairedDifference(others, ofCodes));
    write(`  ${label.padEnd(28)} ${mean(others).toFixed(4)}  ${gain}`);
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
