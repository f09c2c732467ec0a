import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pump } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Client, createClient } from '../cli/client.ts';
import { findUploadFiles } from '../cli/upload.ts';
import { readConfig } from '../config/config.ts';
import { type PipelineName, pipelineNameSchema } from '../contracts/ids.ts';
import { isTerminal } from '../contracts/runs.ts';
import { mean } from '../ml/sample.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { loadConfiguredPipelines } from '../pipelines/registry.ts';
import { createFeatureTable } from './feature-table.ts';
import { pairedDifference } from './paired.ts';
import { readPeers } from './peer-program.ts';

/**
 * Question: are the champions as good as what a user would have trained by hand on exactly the same rows?
 * Asked of the Olist pipelines, or of any that the service runs, such as one that `perennial init` wrote.
 *
 * For each salt a run of `kind: train` on a running service; its rows and split are written to a file, on which the
 * peers are trained. Printed: the mean paired difference over the salts with its standard error, the naive baseline
 * beside, and how far ours is from the best peer. The hold-out takes no part in the choice of the champion. With
 * `--all` every declared candidate takes part, else those of a run that names none. With `--own-thresholds` each peer
 * decides at the threshold that is best on its own training folds, else at the pipeline's.
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

const peerLineSchema = z.object({ peer: z.string(), fitSeconds: z.number() }).catchall(z.number());
type PeerLine = z.infer<typeof peerLineSchema>;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    salts: { type: 'string', default: '10' },
    pipeline: { type: 'string', multiple: true, default: olistPipelines },
    all: { type: 'boolean', default: false },
    'own-thresholds': { type: 'boolean', default: false },
    out: { type: 'string', default: '.perennial/bench' },
  },
});
if (options.data === undefined)
  throw new Error(
    'usage: quality --data FILE_OR_FOLDER [--python PYTHON] [--salts 10] [--pipeline NAME] [--all] [--own-thresholds]',
  );
const { data, python, out } = options;
const salts = Array.from({ length: Number(options.salts) }, (_, index) => `salt-${index}`);

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
  const theirs: PeerLine[][] = [];
  for (const salt of salts) {
    const trained = await train(client, pipeline, salt);
    ours.push(trained);
    theirs.push(await trainPeers({ pipeline, plan, rowsPath: trained.rowsPath, salt }));
    write(
      `${name} ${salt}: champion ${trained.champion} ${JSON.stringify(pick(trained.metrics, plan.metrics))}`,
    );
  }
  write(`\n${name}: mean paired difference, ours minus peer, over ${salts.length} salts`);
  for (const metric of plan.metrics) {
    const values = ours.map(({ metrics }) => metrics[metric] ?? Number.NaN);
    const naive = ours.map(({ baseline }) => baseline[metric] ?? Number.NaN);
    write(`  ${metric}: ours ${mean(values).toFixed(4)}, naive baseline ${mean(naive).toFixed(4)}`);
    const peers = [...new Set(theirs.flat().map(({ peer }) => peer))].map((peer) => {
      const own = theirs.map((lines) => lines.find((line) => line.peer === peer)?.[metric] ?? Number.NaN);
      return { peer, average: mean(own), ...pairedDifference(values, own) };
    });
    for (const { peer, average, mean: difference, standardError } of peers)
      write(
        `    ${peer.padEnd(18)} ${average.toFixed(4)}  difference ${signed(difference)} ± ${standardError.toFixed(4)}`,
      );
    const best = peers.toSorted((a, b) => b.average - a.average)[0];
    if (best !== undefined)
      write(
        `    the best peer is ${best.peer}: ours is ${signed(best.mean)} ± ${best.standardError.toFixed(4)}`,
      );
  }
}

async function train(api: Client, { name: pipeline, candidates }: LoadedPipeline, salt: string) {
  const named = options.all ? { candidates: Object.keys(candidates) } : {};
  const { runId } = await api.startRun(
    pipeline,
    { kind: 'train', source, parameters: { salt, ...named }, seed: 42, cache: false },
    undefined,
  );
  for await (const state of api.events(runId, new AbortController().signal))
    if (isTerminal(state.status)) break;
  const run = await api.run(runId);
  if (run.status !== 'succeeded' || run.modelVersion === null)
    throw new Error(`run ${runId} ended ${run.status}: ${run.failure?.message ?? ''}`);
  const version = await api.version(pipeline, run.modelVersion);
  const { items } = await api.artifacts(runId);
  const rows = items.find((item) => item.name === 'rows.parquet');
  if (rows === undefined) throw new Error(`run ${runId} has no rows.parquet`);
  const rowsPath = join(out, `${pipeline}-${salt}.parquet`);
  const { body } = await api.download(rows.href);
  if (body === null) throw new Error(`${rows.href} has no body`);
  await pump(Readable.fromWeb(body), createWriteStream(rowsPath));
  return { champion: version.candidate, metrics: version.metrics, baseline: version.baseline, rowsPath };
}

async function trainPeers(input: {
  pipeline: LoadedPipeline;
  plan: Plan;
  rowsPath: string;
  salt: string;
}): Promise<PeerLine[]> {
  const { pipeline, plan, rowsPath, salt } = input;
  if (pipeline.task === 'clustering') throw new Error('clusters have no peers here');
  const table = await createFeatureTable(pipeline, rowsPath);
  const path = join(out, `${pipeline.name}-${salt}.csv`);
  await writeFile(path, table.csv);
  const score = 'championScore' in (pipeline.task === 'binary' ? pipeline.scores : {});
  const lines = await readPeers(python, 'same_rows.py', [
    path,
    ...['--target', pipeline.target.column, '--task', plan.task, '--drop', pipeline.rows.key],
    ...['--categorical', table.categorical.join(',')],
    ...(options['own-thresholds'] && score ? ['--threshold', 'championScore'] : []),
  ]);
  return lines.map((line) => peerLineSchema.parse(line));
}

function pick(values: Record<string, number>, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, Number(values[name]?.toFixed(4))]));
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(4)}`;
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
