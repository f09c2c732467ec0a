import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { JsonValue } from '../ml/learner.ts';
import { findLearner, fitToEnd } from '../ml/learners/registry.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import { fitTransform, transform } from '../ml/recipe/recipe.ts';
import { mean } from '../ml/sample.ts';
import { type OlistPipeline, readOlistSplits } from './olist-splits.ts';
import { median, pairedDifference, shownPaired } from './paired.ts';
import { readPeers } from './peer-program.ts';

/**
 * Question: are the learners as good as those of XGBoost and scikit-learn on the same numbers, and as fast?
 *
 * Both sides get the same table of the Olist features, missing numbers filled and categories one-hot, under the same
 * ten splits, with settings that mean the same, and one thread. Printed: ROC-AUC or R² on the test rows, the difference
 * as a mean over the splits with its standard error, and medians of the seconds of a fit and of the answers for all
 * training rows. Ours are measured after a fit to warm up.
 */

type Contest = {
  pipeline: OlistPipeline;
  learner: string;
  params: Record<string, JsonValue>;
  peer: string;
};

const contests: readonly Contest[] = [
  { pipeline: 'olist-satisfaction', learner: 'boosted-forest', params: {}, peer: 'XGBRFClassifier' },
  { pipeline: 'olist-score', learner: 'boosted-forest', params: {}, peer: 'XGBRFRegressor' },
  { pipeline: 'olist-satisfaction', learner: 'ada-boost', params: {}, peer: 'AdaBoostClassifier' },
  {
    pipeline: 'olist-score',
    learner: 'ada-boost',
    params: { trees: 50, maxDepth: 3, learningRate: 1 },
    peer: 'AdaBoostRegressor',
  },
  { pipeline: 'olist-score', learner: 'linear', params: {}, peer: 'Ridge' },
  { pipeline: 'olist-satisfaction', learner: 'logistic', params: {}, peer: 'LogisticRegression' },
  { pipeline: 'olist-satisfaction', learner: 'nearest-neighbours', params: {}, peer: 'KNeighborsClassifier' },
  { pipeline: 'olist-satisfaction', learner: 'multilayer-perceptron', params: {}, peer: 'MLPClassifier' },
];

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    splits: { type: 'string', default: '10' },
    learner: { type: 'string', multiple: true, default: contests.map(({ learner }) => learner) },
  },
});
if (options.data === undefined)
  throw new Error('usage: learners --data OLIST_FOLDER [--python PYTHON] [--splits 10] [--learner NAME]');
const { data } = options;
const splits = Number(options.splits);
const fittedSchema = z.object({
  learner: z.string(),
  library: z.string(),
  fitSeconds: z.number(),
  predictSeconds: z.number(),
});
type Seconds = { fit: number[]; predict: number[] };

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  for (const contest of contests) if (options.learner.includes(contest.learner)) await compare(contest);
} finally {
  await rm(folder, { recursive: true });
}

async function compare({ pipeline: name, learner, params, peer }: Contest): Promise<void> {
  const { pipeline, task, metric, quality, split } = await readOlistSplits(name, data, folder);
  const spec = recipeOf(pipeline, [
    { step: 'impute', columns: 'numbers', strategy: 'median', indicator: false },
    { step: 'impute', columns: 'categories', strategy: 'constant', value: 'missing', indicator: false },
    { step: 'oneHot', columns: 'categories', maxLevels: 50 },
  ]);
  const learns = findLearner(learner);
  const ours: number[] = [];
  const theirs: number[] = [];
  const seconds: { ours: Seconds; theirs: Seconds } = {
    ours: { fit: [], predict: [] },
    theirs: { fit: [], predict: [] },
  };
  let library = '';
  for (let seed = 0; seed < splits; seed++) {
    const { train, test } = split(seed);
    const { fitted, blocks } = fitTransform({ spec, frame: train.frame, lookups: [], seed });
    const testBlocks = transform({ fitted, frame: test.frame, lookups: [] });
    const training = { task, blocks, target: train.target, classes: task === 'binary' ? 2 : 0, seed };
    if (seed === 0) fitToEnd(learns, training, params);
    const fitMs = performance.now();
    const model = fitToEnd(learns, training, params);
    seconds.ours.fit.push((performance.now() - fitMs) / 1000);
    const predictor = learns.load(model);
    ours.push(quality(predictor.predict(testBlocks), test.target));
    const predictMs = performance.now();
    predictor.predict(blocks);
    seconds.ours.predict.push((performance.now() - predictMs) / 1000);

    await writeFile(join(folder, 'train.f64'), blocks.dense.values);
    await writeFile(join(folder, 'train-target.f64'), train.target);
    await writeFile(join(folder, 'test.f64'), testBlocks.dense.values);
    const columns = String(blocks.dense.names.length);
    const [printed] = await readPeers(options.python, 'learners.py', [folder, columns, peer]);
    const answer = fittedSchema.parse(printed);
    library = answer.library;
    seconds.theirs.fit.push(answer.fitSeconds);
    seconds.theirs.predict.push(answer.predictSeconds);
    theirs.push(quality(await readDoubles(join(folder, `${peer}.f64`)), test.target));
  }
  const difference = pairedDifference(ours, theirs);
  write(
    `${name} ${learner}: ${metric} ${mean(ours).toFixed(4)}, ${peer} (${library}) ${mean(theirs).toFixed(4)}, ` +
      `difference ${shownPaired(difference)} over ${splits} splits; ` +
      `fit ${compared(seconds, 'fit')}, answers ${compared(seconds, 'predict')}`,
  );
}

/** Medians in seconds. */
function compared({ ours, theirs }: { ours: Seconds; theirs: Seconds }, what: keyof Seconds): string {
  return `${median(ours[what]).toPrecision(3)} s and ${median(theirs[what]).toPrecision(3)} s`;
}

async function readDoubles(path: string): Promise<Float64Array> {
  const bytes = Uint8Array.from(await readFile(path));
  return new Float64Array(bytes.buffer);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
