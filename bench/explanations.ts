import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { addTreeContributions } from '../ml/explain/tree-shap.ts';
import { toLightGbmText } from '../ml/export/lightgbm.ts';
import { weighedForestOf } from '../ml/learners/forest-model.ts';
import { findLearner, fitToEnd } from '../ml/learners/registry.ts';
import { fitTransform } from '../ml/recipe/recipe.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { contributionsByLightGbm, whyNoLightGbm } from './lightgbm-contributions.ts';
import { shippedPipelines } from './shipped-pipelines.ts';

/**
 * Question: do our contributions agree with LightGBM's `pred_contrib` on the same model, and what do they cost beside it?
 *
 * Boosting and forest of both Olist pipelines are trained on all rows, exported to LightGBM's text form and explained
 * by both. Printed: the largest difference of any contribution, and milliseconds of processor time a row, one thread.
 */

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    rows: { type: 'string', default: '2000' },
  },
});
const source =
  options.data === undefined ? 'demo:olist?rows=10000&seed=7' : `folder:${resolve(options.data)}`;
const sourceRoots = options.data === undefined ? [] : [resolve(options.data)];
const absent = await whyNoLightGbm(options.python);

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  for (const [name, pipeline] of shippedPipelines()) {
    if (!name.startsWith('olist-')) continue;
    for (const candidate of ['gradient-boosting', 'random-forest']) await compare(pipeline, candidate);
  }
} finally {
  await rm(folder, { recursive: true });
}
if (absent !== null) write(`LightGBM was left out: ${absent}`);

async function compare(pipeline: LoadedPipeline, candidate: string): Promise<void> {
  const declared = pipeline.candidates[candidate];
  if (declared === undefined) throw new Error(`${pipeline.name} has no candidate ${candidate}`);
  const store = await createFolderStore(folder);
  const parameters = resolveParameters(pipeline);
  const rows = await makeEntityRows({ pipeline, source, sourceRoots, parameters, store });
  const path = await store.localPath(rows.blob.sha256);
  const { frame, target } = await readFrame({ ...entityColumns(pipeline), path, split: 'all' });
  const { blocks: all } = fitTransform({
    spec: recipeFor(pipeline, candidate),
    frame,
    lookups: [],
    target,
    seed: 1,
  });
  const training = { task: pipeline.task, blocks: all, target, classes: 2, seed: 1 };
  const model = fitToEnd(findLearner(declared.learner), training, declared.params);
  const { forest, covers, base, inputs } = weighedForestOf(model);
  const blocks = firstRows(all, Math.min(all.rows, Number(options.rows)));

  const width = inputs.dense.length + inputs.codes.length;
  const ours = new Float64Array(blocks.rows * width);
  const startedUs = process.cpuUsage();
  addTreeContributions({ forest, covers }, blocks, ours);
  const ourMs = process.cpuUsage(startedUs).user / 1000 / blocks.rows;
  const shape = `${pipeline.name} ${candidate}, ${forest.roots.length} trees of ${Math.round(forest.tests.length / forest.roots.length)} nodes, ${blocks.rows} rows`;
  if (absent !== null) {
    write(`${shape}: ${ourMs.toFixed(3)} ms a row`);
    return;
  }
  const text = toLightGbmText({
    forest,
    covers,
    base,
    columns: [...inputs.dense, ...inputs.codes],
    levels: blocks.codes.levels.map(({ length }) => length),
    objective: 'regression',
  });
  const theirs = await contributionsByLightGbm(options.python, text, blocks);
  let largest = 0;
  ours.forEach((value, i) => {
    const row = Math.floor(i / width);
    const other = theirs.contributions[row * (width + 1) + (i % width)] as number;
    largest = Math.max(largest, Math.abs(value - other));
  });
  const theirMs = (theirs.seconds * 1000) / blocks.rows;
  write(
    `${shape}: largest difference ${largest.toExponential(1)}; ${ourMs.toFixed(3)} ms a row, LightGBM ${theirs.version} ${theirMs.toFixed(3)} (ratio ${(ourMs / theirMs).toFixed(2)})`,
  );
}

function firstRows(blocks: ReturnType<typeof fitTransform>['blocks'], rows: number) {
  const { dense, codes, sparse } = blocks;
  return {
    rows,
    dense: { ...dense, values: dense.values.subarray(0, rows * dense.names.length) },
    codes: { ...codes, values: codes.values.subarray(0, rows * codes.names.length) },
    sparse,
  };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
