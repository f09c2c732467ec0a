import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { createFeatureTable } from './feature-table.ts';
import { nthSplit } from './nth-split.ts';
import { createAskPeers } from './peer-program.ts';
import { type Fit, reportSplits, type SplitFits } from './report-splits.ts';
import { peerFits, trainOnSameRows } from './same-rows.ts';
import { shippedPipeline } from './shipped-pipelines.ts';
import { trainSplit } from './train-split.ts';

/**
 * Question: what do our learners and those of the Python libraries make of exactly the same rows, and in what time?
 *
 * For each split all candidates of a pipeline are trained as a run trains them, without a service, and the peers on the
 * rows and the split written to a file; where a pipeline chooses its threshold on training folds, so do the peers.
 * Printed, as Markdown: the mean of each metric over the splits, how far our champion is ahead of it (paired, with the
 * standard error), the time of one fit, and that time as a multiple of our champion's.
 */

const systemSchema = z.enum(['olist-score', 'olist-satisfaction', 'lead-conversion', 'customer-segments']);
type System = z.infer<typeof systemSchema>;

/** The option that names the data of a pipeline; without it its own demo data are taken. */
const dataOptions = {
  'olist-score': 'olist',
  'olist-satisfaction': 'olist',
  'lead-conversion': 'leads',
  'customer-segments': 'retail',
} as const satisfies Record<System, string>;

const { values: options } = parseArgs({
  options: {
    olist: { type: 'string' },
    leads: { type: 'string' },
    retail: { type: 'string' },
    pipeline: { type: 'string', multiple: true, default: systemSchema.options },
    python: { type: 'string', default: 'python3' },
    splits: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});

const askPeers = createAskPeers(options.python, write);
const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
const out = options.out ?? folder;
await mkdir(out, { recursive: true });
try {
  for (const name of options.pipeline) await compare(systemSchema.parse(name));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(name: System): Promise<void> {
  const pipeline = shippedPipeline(name);
  const given = options[dataOptions[name]];
  const path = given === undefined ? undefined : resolve(given);
  const source = path === undefined ? pipeline.demo : `folder:${path}`;
  const splits: SplitFits[] = [];
  const count = pipeline.task === 'clustering' ? 1 : Number(options.splits);
  const store = await createFolderStore(join(folder, name));
  for (let split = 0; split < count; split++) {
    const given =
      pipeline.task === 'clustering' ? { minClusters: 4, maxClusters: 4 } : nthSplit(pipeline, split);
    const parameters = resolveParameters(pipeline, given);
    const sourceRoots = path === undefined ? [] : [dirname(path), path];
    const rows = await makeEntityRows({ pipeline, source, sourceRoots, parameters, store });
    const { champion, candidates } = await trainSplit({ pipeline, parameters, rows, store });
    const table = await createFeatureTable(pipeline, await store.localPath(rows.blob.sha256));
    const file = join(out, `${name}-${split}.csv`);
    await writeFile(file, table.csv);
    const trained = candidates.find((candidate) => candidate.name === champion);
    const clusters = trained?.metrics.clusters;
    const peers = await trainPeers({ pipeline, file, categorical: table.categorical, clusters });
    splits.push({ champion: trained, ours: candidates, peers });
  }
  const number = `${splits.length} ${splits.length === 1 ? 'split' : 'splits'}`;
  const of = path === undefined ? source : 'the data given';
  write(
    reportSplits(splits, {
      heading: `${name}: ${number} of ${of}`,
      metrics: comparedMetrics(pipeline),
    }),
  );
}

async function trainPeers(input: {
  pipeline: LoadedPipeline;
  file: string;
  categorical: readonly string[];
  clusters: number | undefined;
}): Promise<Fit[]> {
  const { pipeline, file, clusters } = input;
  if (pipeline.task === 'clustering') {
    const { key } = pipeline.rows;
    const args = [file, '--clusters', String(clusters), '--drop', `${key},target,split`];
    return peerFits(await askPeers('k_means.py', args));
  }
  const threshold =
    pipeline.task === 'binary' && 'maximise' in pipeline.threshold ? pipeline.threshold.maximise : null;
  return trainOnSameRows(askPeers, { ...input, threshold });
}

function comparedMetrics(pipeline: LoadedPipeline): string[] {
  switch (pipeline.task) {
    case 'regression':
      return ['r2', 'rmse'];
    case 'clustering':
      return ['silhouette', 'calinskiHarabasz', 'daviesBouldin', 'inertia'];
    default:
      return [...new Set(['rocAuc', 'f1', pipeline.selection.metric])];
  }
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
