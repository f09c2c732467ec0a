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
import { type OlistPipeline, type OlistSplits, readOlistSplits, type Sides } from './olist-splits.ts';
import { pairedDifference, shownPaired } from './paired.ts';

/**
 * Question: what would the Olist pipelines gain by features of what earlier orders did, and of the season?
 *
 * `olist-features.sql` gives each order what could be known of other orders before its review form was sent. Gradient
 * boosting as declared is trained on the same splits with and without each group of them. Printed: ROC-AUC or R² on
 * the test rows, and the gain as a mean over the splits with its standard error, of several kinds of hold-out. A feature
 * of the season may do no more than name a period, whose scores the model has learned from its other rows: such a gain
 * is there with rows held out at random, and gone where whole months are, or where the model knows the past alone. And
 * a table that is stored with a version knows no season after it.
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
  options: {
    data: { type: 'string' },
    splits: { type: 'string', default: '10' },
    fits: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
if (options.data === undefined)
  throw new Error(
    'usage: honest-features --data OLIST_FOLDER [--splits 10] [--fits 1, models a split] [--only GROUP, or a part of its name]',
  );
const { data } = options;
const splits = Number(options.splits);
const fits = Number(options.fits);
const sql = await readFile(join(projectRoot, 'bench/olist-features.sql'), 'utf8');

/** Of 20 reviews 19 were answered within a week: a model trained then would not know the others. */
const gapDays = 7;
const holdOuts: Readonly<Record<string, (rows: OlistSplits, number: number) => Sides>> = {
  'rows at random': (rows, number) => rows.split(number),
  'whole months': (rows, number) => rows.splitByMonth(number),
  'what came later': (rows, number) => rows.splitByTime(number, { splits, gapDays }),
  'later, stored season': (rows, number) => withFirstSeason(rows.splitByTime(number, { splits, gapDays })),
};

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  await compare('olist-satisfaction');
  await compare('olist-score');
} finally {
  await rm(folder, { recursive: true });
}

async function compare(name: OlistPipeline): Promise<void> {
  const rows = await readOlistSplits(name, data, folder, withTried);
  const { pipeline } = rows;
  const tree: EncodeStep[] = [{ step: 'codes', columns: 'categories', maxLevels: 250 }];
  const withCategory = { ...pipeline, encodings: { ...pipeline.encodings, tree } };
  const changes: (readonly [label: string, features: readonly string[], changed: LoadedPipeline])[] = [
    ...Object.entries(groups).map(([label, features]) => [label, features, pipeline] as const),
    ['the season, all of it', season, pipeline],
    ['all', tried, pipeline],
    ['product category, which the trees leave out', [], withCategory],
  ];
  write(`${name}: ${rows.metric} as declared, and what is gained, over ${splits} splits`);
  write(`  ${''.padEnd(64)} ${Object.keys(holdOuts).map(inColumn).join('')}`);
  const declared = await qualities(rows, [], pipeline);
  write(`  ${'as declared'.padEnd(64)} ${declared.map((of) => inColumn(mean(of).toFixed(4))).join('')}`);
  for (const [label, features, changed] of changes) {
    if (!label.includes(options.only)) continue;
    const others = await qualities(rows, features, changed);
    const gains = declared.map((of, kind) => shownPaired(pairedDifference(others[kind] ?? [], of)));
    write(`  ${label.padEnd(64)} ${gains.map(inColumn).join('')}`);
  }
}

/** Of each kind of hold-out, what gradient boosting comes to on each split: the mean of its fits. */
async function qualities(
  rows: OlistSplits,
  features: readonly string[],
  pipeline: LoadedPipeline,
): Promise<number[][]> {
  const candidate = pipeline.candidates['gradient-boosting'];
  if (candidate === undefined) throw new Error(`${pipeline.name} has no candidate gradient-boosting`);
  const leftOut = tried.filter((feature) => !features.includes(feature));
  const recipe = recipeFor(pipeline, 'gradient-boosting', { leftOut });
  const context = { throwIfCancelled: () => {} };
  const kinds: number[][] = [];
  for (const split of Object.values(holdOuts)) {
    const values: number[] = [];
    for (let number = 0; number < splits; number++) {
      const { train, test } = split(rows, number);
      const ofFits: number[] = [];
      for (let fit = 0; fit < fits; fit++) {
        const seed = number + fit * splits;
        const job = fitJob({ pipeline, recipe, candidate }, { ...train, lookups: [] }, seed);
        const fitted = await fitModel(job, context, () => {});
        ofFits.push(rows.quality(predict(fitted, test.frame, []), test.target));
      }
      values.push(mean(ofFits));
    }
    kinds.push(values);
  }
  return kinds;
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

/** As a version serves that was trained when the first of the rows was asked about: for all of them the season is that one's. */
function withFirstSeason({ train, test }: Sides): Sides {
  const { rows, columns } = test.frame;
  const { times } = test;
  const first = times.indexOf(times.reduce((least, time) => Math.min(least, time)));
  const frozen = new Map(columns);
  for (const name of season) {
    const column = columns.get(name);
    if (column?.kind !== 'number') throw new Error(`the rows have no numbers "${name}"`);
    frozen.set(name, { kind: 'number', values: new Float64Array(rows).fill(column.values[first] as number) });
  }
  return { train, test: { ...test, frame: { rows, columns: frozen } } };
}

function inColumn(text: string): string {
  return text.padEnd(22);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
