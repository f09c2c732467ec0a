import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../config/paths.ts';
import type { EncodeStep } from '../ml/recipe/spec.ts';
import { mean } from '../ml/sample.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import { fitModel, predict } from '../threads/fit-model.ts';
import { fitJob } from '../threads/out-of-fold.ts';
import { type OlistPipeline, readOlistSplits } from './olist-splits.ts';
import { pairedDifference, shownPaired } from './paired.ts';

/**
 * Question: what would the Olist pipelines gain by features of what earlier orders did, and of the season?
 *
 * `olist-features.sql` gives each order what could be known of other orders before its review form was sent. Gradient
 * boosting as declared is trained on the same ten splits with and without each group of them. Printed: ROC-AUC or R² on
 * the test rows, and the gain as a mean over the splits with its standard error.
 */

const groups: Readonly<Record<string, readonly string[]>> = {
  'days in transit, to the handover’s limit, from delivery to form': [
    'transit_days',
    'handover_after_limit_days',
    'form_after_delivery_days',
  ],
  'weekday of the form': ['form_weekday'],
  'number of different products': ['n_products'],
  'seller’s earlier orders: mean score, number': ['seller_score', 'seller_orders'],
  'seller’s earlier orders: share late': ['seller_late'],
  'product’s earlier orders: mean score': ['product_score'],
  'category’s earlier orders: mean score': ['category_score'],
  'route’s earlier orders: mean score': ['route_score'],
  'route’s earlier orders: days, and days over them': ['route_days', 'days_over_route'],
  'customer’s earlier orders: mean score, number': ['customer_score', 'customer_orders'],
  'distance between the states': ['distance_km'],
  'orders of the last 7 days': ['orders_7'],
  'orders of the last 30 days': ['orders_30'],
  'share late of the last 7 days’ deliveries': ['late_7'],
  'share late of the last 14 days’ deliveries': ['late_14'],
  'share late of 7 days’ deliveries, two days before': ['late_7_before_2'],
  'share late of the last 30 days’ deliveries': ['late_30'],
  'days of the last 30 days’ deliveries': ['days_30'],
  'mean score of the last 30 days’ answers': ['score_30'],
};
const tried = Object.values(groups).flat();
const season = ['orders_7', 'orders_30', 'late_7', 'late_14', 'late_30', 'days_30', 'score_30'];

const { values: options } = parseArgs({
  options: { data: { type: 'string' }, splits: { type: 'string', default: '10' } },
});
if (options.data === undefined) throw new Error('usage: honest-features --data OLIST_FOLDER [--splits 10]');
const { data } = options;
const seeds = Array.from({ length: Number(options.splits) }, (_, seed) => seed);
const sql = await readFile(join(projectRoot, 'bench/olist-features.sql'), 'utf8');

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  await compare('olist-satisfaction');
  await compare('olist-score');
} finally {
  await rm(folder, { recursive: true });
}

async function compare(name: OlistPipeline): Promise<void> {
  const { pipeline, metric, quality, split } = await readOlistSplits(name, data, folder, withTried);
  const candidate = pipeline.candidates['gradient-boosting'];
  if (candidate === undefined) throw new Error(`${name} has no candidate gradient-boosting`);
  const context = { throwIfCancelled: () => {} };
  const qualities = async (features: readonly string[], changed = pipeline): Promise<number[]> => {
    const leftOut = tried.filter((feature) => !features.includes(feature));
    const recipe = recipeFor(changed, 'gradient-boosting', { leftOut });
    const values: number[] = [];
    for (const seed of seeds) {
      const { train, test } = split(seed);
      const job = fitJob({ pipeline, recipe, candidate }, { ...train, lookups: [] }, seed);
      const fitted = await fitModel(job, context, () => {});
      values.push(quality(predict(fitted, test.frame, []), test.target));
    }
    return values;
  };
  const without = await qualities([]);
  write(`${name}: ${metric} ${mean(without).toFixed(4)} as declared, over ${seeds.length} splits`);
  for (const [label, features] of Object.entries(groups)) report(label, await qualities(features), without);
  report('the season, all of it', await qualities(season), without);
  report('all', await qualities(tried), without);
  const tree: EncodeStep[] = [{ step: 'codes', columns: 'categories', maxLevels: 250 }];
  const encodings = { ...pipeline.encodings, tree };
  report(
    'product category, which the trees leave out',
    await qualities([], { ...pipeline, encodings }),
    without,
  );
}

/** The rows with the columns of `olist-features.sql` beside their own, as features that are taken as they are. */
function withTried(pipeline: LoadedPipeline): LoadedPipeline {
  const { rows, features, sqlTexts, moment } = pipeline;
  const own = sqlTexts[rows.sql] ?? '';
  const columns = Object.fromEntries(
    tried.map((name) => [
      name,
      { kind: 'number', availableAt: moment, required: false, description: 'Tried' } as const,
    ]),
  );
  return {
    ...pipeline,
    sqlTexts: {
      ...sqlTexts,
      [rows.sql]: `SELECT * FROM (${own}\n) LEFT JOIN (${sql}\n) USING (order_id) ORDER BY order_id`,
    },
    rows: { ...rows, columns: { ...rows.columns, ...columns } },
    features: [...features, ...tried.map((column) => ({ step: 'take', column }) as const)],
  };
}

function report(label: string, values: readonly number[], without: readonly number[]): void {
  const gain = shownPaired(pairedDifference(values, without));
  write(`  ${label.padEnd(64)} ${mean(values).toFixed(4)}  ${gain}`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
