import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pump } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createClient } from '../cli/client.ts';
import { findUploadFiles } from '../cli/upload.ts';
import { readConfig } from '../config/config.ts';
import { type PipelineName, pipelineNameSchema } from '../contracts/ids.ts';
import type { RunParameters } from '../contracts/runs.ts';
import { mean } from '../ml/sample.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { loadConfiguredPipelines } from '../pipelines/registry.ts';
import { createFeatureTable } from './feature-table.ts';
import { followRun } from './follow-run.ts';
import { nthSplit } from './nth-split.ts';
import { pairedDifference, shownPaired } from './paired.ts';
import { createAskPeers } from './peer-program.ts';
import { type PeerFit, trainOnSameRows } from './same-rows.ts';

/**
 * Question: are the champions as good as what a user would have trained by hand on exactly the same rows?
 * Asked of the Olist pipelines, or of any that the service runs, such as one that `perennial init` wrote.
 *
 * For each salt, or seed where the split has one, a run of `kind: train` on a running service; its rows and split are
 * written to a file, on which the peers are trained. Printed: the mean paired difference over these hold-outs with its
 * standard error, the naive baseline beside, and how far ours is from the best peer. The hold-out takes no part in the
 * choice of the champion. With `--all` every declared candidate takes part, else those of a run that names none. With
 * `--search TRIALS` a search by successive halving on the training rows comes before each run, over the candidates that
 * declare a space, and the run takes the best it found for each. With `--own-thresholds` each peer decides at the threshold that is best on its own training folds, else at the pipeline's.
 */

type Plan = { task: 'regression' | 'binary'; metrics: readonly string[] };

const olistPipelines = ['olist-score', 'olist-satisfaction'];

function planOf(pipeline: LoadedPipeline): Plan {
  const { task } = pipeline;
  if (task === 'regression') return { task, metrics: ['r2'] };
  if (task !== 'binary') throw new Error(`a ${task} has no peers here`);
  const own = 'championScore' in pipeline.scores ? ['championScore'] : [];
  return { task, metrics: ['rocAuc', ...own] };
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    salts: { type: 'string', default: '10' },
    pipeline: { type: 'string', multiple: true, default: olistPipelines },
    all: { type: 'boolean', default: false },
    search: { type: 'string' },
    'own-thresholds': { type: 'boolean', default: false },
    out: { type: 'string', default: '.perennial/bench' },
  },
});
if (options.data === undefined)
  throw new Error(
    'usage: quality --data FILE_OR_FOLDER [--python PYTHON] [--salts 10] [--pipeline NAME] [--all] [--search TRIALS] [--own-thresholds]',
  );
const { data, python, out } = options;
const splits = Number(options.salts);
const askPeers = createAskPeers(python, write);

const config = readConfig();
const client = createClient(config.client);
const pipelines = loadConfiguredPipelines(config);
await mkdir(out, { recursive: true });
const { source } = await client.upload(await findUploadFiles(data));
for (const name of options.pipeline) await compare(pipelineNameSchema.parse(name));

async function compare(name: PipelineName): Promise<void> {
  const pipeline = pipelines.get(name);
  if (pipeline === undefined)
    throw new Error(`no pipeline ${name}; there are ${[...pipelines.keys()].join(', ')}`);
  const plan = planOf(pipeline);
  const ours: { champion: string; metrics: Record<string, number>; baseline: Record<string, number> }[] = [];
  const theirs: PeerFit[][] = [];
  for (let split = 0; split < splits; split++) {
    const trained = await train(pipeline, split);
    ours.push(trained);
    theirs.push(await trainPeers(pipeline, trained.rowsPath));
    write(
      `${name} ${split}: champion ${trained.champion} ${JSON.stringify(pick(trained.metrics, plan.metrics))}`,
    );
  }
  write(`\n${name}: mean paired difference, ours minus peer, over ${splits} hold-outs`);
  for (const metric of plan.metrics) {
    const values = ours.map(({ metrics }) => metrics[metric] ?? Number.NaN);
    const naive = ours.map(({ baseline }) => baseline[metric] ?? Number.NaN);
    write(`  ${metric}: ours ${mean(values).toFixed(4)}, naive baseline ${mean(naive).toFixed(4)}`);
    const peers = [...new Set(theirs.flat().map((fit) => fit.name))].map((peer) => {
      const own = theirs.map((fits) => fits.find((fit) => fit.name === peer)?.metrics[metric] ?? Number.NaN);
      return { peer, average: mean(own), ...pairedDifference(values, own) };
    });
    for (const { peer, average, ...difference } of peers)
      write(`    ${peer.padEnd(18)} ${average.toFixed(4)}  difference ${shownPaired(difference)}`);
    const best = peers.toSorted((a, b) => b.average - a.average)[0];
    if (best !== undefined) write(`    the best peer is ${best.peer}: ours is ${shownPaired(best)}`);
  }
}

async function train(pipeline: LoadedPipeline, split: number) {
  const { name } = pipeline;
  const heldOut = nthSplit(pipeline, split);
  const candidates = options.all ? Object.keys(pipeline.candidates) : defaultCandidates(pipeline);
  const found = options.search === undefined ? {} : { search: await search(pipeline, heldOut, candidates) };
  const { runId } = await client.startRun(
    name,
    { kind: 'train', source, parameters: { ...heldOut, candidates }, seed: 42, cache: false, ...found },
    undefined,
  );
  const run = await succeeded(runId);
  if (run.modelVersion === null) throw new Error(`run ${runId} made no version`);
  const version = await client.version(name, run.modelVersion);
  const { items } = await client.artifacts(runId);
  const rows = items.find((item) => item.name === 'rows.parquet');
  if (rows === undefined) throw new Error(`run ${runId} has no rows.parquet`);
  const rowsPath = join(out, `${name}-${split}.parquet`);
  const { body } = await client.download(rows.href);
  if (body === null) throw new Error(`${rows.href} has no body`);
  await pump(Readable.fromWeb(body), createWriteStream(rowsPath));
  return { champion: version.candidate, metrics: version.metrics, baseline: version.baseline, rowsPath };
}

function defaultCandidates({ candidates, defaultCandidates: named }: LoadedPipeline): string[] {
  return named ?? Object.keys(candidates);
}

async function search(
  pipeline: LoadedPipeline,
  parameters: RunParameters,
  candidates: readonly string[],
): Promise<string> {
  const { searchId } = await client.startSearch(
    pipeline.name,
    {
      candidates: candidates.filter((candidate) => pipeline.candidates[candidate]?.search !== undefined),
      strategy: 'halving',
      trials: Number(options.search),
      source,
      parameters,
      seed: 42,
    },
    undefined,
  );
  await succeeded(searchId);
  const { result } = await client.search(searchId);
  if (result === null) throw new Error(`search ${searchId} has no result`);
  const best = result.best.map(
    ({ candidate, selectionScore }) => `${candidate} ${selectionScore.toFixed(4)}`,
  );
  write(`  search ${searchId}: ${best.join(', ')}`);
  return searchId;
}

async function succeeded(runId: string): ReturnType<typeof followRun> {
  const run = await followRun(client, runId);
  if (run.status !== 'succeeded')
    throw new Error(`run ${runId} ended ${run.status}: ${run.failure?.message ?? ''}`);
  return run;
}

async function trainPeers(pipeline: LoadedPipeline, rowsPath: string): Promise<PeerFit[]> {
  const { csv, categorical } = await createFeatureTable(pipeline, rowsPath);
  const file = rowsPath.replace(/parquet$/, 'csv');
  await writeFile(file, csv);
  const hasScore = pipeline.task === 'binary' && 'championScore' in pipeline.scores;
  const threshold = options['own-thresholds'] && hasScore ? 'championScore' : null;
  return trainOnSameRows(askPeers, { pipeline, file, categorical, threshold });
}

function pick(values: Record<string, number>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, Number(values[name]?.toFixed(4))]));
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
