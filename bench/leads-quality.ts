import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { chooseChampion } from '../activities/champion.ts';
import { declarationOf, withParameters } from '../activities/pipeline-of-run.ts';
import type { CandidateResult, MetricValues } from '../contracts/activities.ts';
import { pipelineNameSchema } from '../contracts/ids.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import { loadPipelines } from '../pipelines/registry.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { evaluateRows } from '../threads/metric-values.ts';
import { readModel, scoreHoldOut } from '../threads/score-hold-out.ts';
import { trainCandidate } from '../threads/train-candidate.ts';
import { makeEntityRows } from './entity-rows.ts';
import { createFeatureTable } from './feature-table.ts';
import { mean, pairedDifference } from './paired.ts';
import { peerProgram } from './peer-program.ts';

/**
 * Question: does lead-conversion tell leads apart as well as models trained by hand on exactly the same rows?
 *
 * For each of ten splits the candidates are cross-validated on the training rows, and the champion is chosen and its
 * threshold set on out-of-fold predictions, as a run does; so are the peers' thresholds. Printed: the mean paired
 * difference on the held-out rows with its standard error. Needs no service.
 */

const peers = ['logistic', 'xgbrf', 'gb', 'lgbm'];
const metrics = ['rocAuc', 'f1', 'f1Weighted'];
const peerLineSchema = z.object({ peer: z.string(), fitSeconds: z.number() }).catchall(z.number());

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    splits: { type: 'string', default: '10' },
    out: { type: 'string' },
  },
});
if (options.data === undefined)
  throw new Error(
    'usage: leads-quality --data FILE_OR_FOLDER [--python PYTHON] [--splits 10] [--out FOLDER]',
  );
const data = resolve(options.data);
const loaded = loadPipelines({ folders: [fileURLToPath(new URL('../pipelines', import.meta.url))] }).get(
  pipelineNameSchema.parse('lead-conversion'),
);
if (loaded === undefined) throw new Error('lead-conversion is not there');
const task = loaded.task;
if (task !== 'binary') throw new Error(`leads are told apart in two classes, not by ${task}`);
const declared = loaded;

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
const out = options.out ?? folder;
await mkdir(out, { recursive: true });
try {
  const ours: MetricValues[] = [];
  const theirs: Map<string, Record<string, number>>[] = [];
  for (let split = 0; split < Number(options.splits); split++) {
    const champion = await trainChampion(split);
    ours.push(champion.metrics);
    theirs.push(await trainPeers(champion.rowsPath, split));
    write(`split ${split}: champion ${champion.name}, ${shown(champion.metrics)}`);
  }
  report(ours, theirs);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function trainChampion(
  splitSeed: number,
): Promise<{ name: string; metrics: MetricValues; rowsPath: string }> {
  const parameters = resolveParameters(declared, { splitSeed });
  const pipeline = declarationOf(withParameters(declared, parameters));
  const store = await createFolderStore(join(folder, 'store'));
  const source = `folder:${data}`;
  const rows = await makeEntityRows({
    pipeline: declared,
    source,
    sourceRoots: [dirname(data), data],
    parameters,
    store,
  });
  const context = {
    store,
    report: () => {},
    throwIfCancelled: () => {},
    inDuckDb: <T>(work: (signal: AbortSignal) => Promise<T>) => work(new AbortController().signal),
  };
  const leftOut = Object.keys(rows.report.leftOut ?? {});
  const results: CandidateResult[] = [];
  for (const [name, candidate] of Object.entries(pipeline.candidates)) {
    const recipe = recipeFor(pipeline, name, { leftOut });
    const { moment } = pipeline;
    const trained = await trainCandidate({ pipeline, recipe, candidate, moment, rows, seed: 7 }, context);
    results.push({ ...trained, candidate: name, learner: candidate.learner, variant: null });
  }
  const champion = chooseChampion(results, {
    declared: Object.keys(pipeline.candidates),
    tieBreak: pipeline.selection.tieBreak,
  });
  const artifact = await readModel(context, champion.artifact);
  const scored = await scoreHoldOut({ artifact, pipeline, rows }, context);
  const rowsPath = await store.localPath(rows.blob.sha256);
  return { name: champion.candidate, metrics: evaluateRows(scored), rowsPath };
}

async function trainPeers(rowsPath: string, split: number): Promise<Map<string, Record<string, number>>> {
  if (declared.task !== 'binary' || !('maximise' in declared.threshold))
    throw new Error('the thresholds of both sides are chosen on training folds');
  const table = await createFeatureTable(declared, rowsPath);
  const path = join(out, `leads-${split}.csv`);
  await writeFile(path, table.csv);
  const { stdout } = await promisify(execFile)(options.python, [
    peerProgram('same_rows.py'),
    path,
    ...['--target', declared.target.column, '--task', 'binary', '--drop', declared.rows.key],
    ...['--categorical', table.categorical.join(','), '--only', peers.join(',')],
    ...['--threshold', declared.threshold.maximise],
  ]);
  const lines = stdout.trim().split('\n');
  return new Map(
    lines.map((line) => {
      const { peer, ...values } = peerLineSchema.parse(JSON.parse(line));
      return [peer, values];
    }),
  );
}

function report(ours: MetricValues[], theirs: readonly Map<string, Record<string, number>>[]): void {
  write(`\nlead-conversion: mean paired difference, ours minus peer, over ${ours.length} splits`);
  for (const metric of metrics) {
    const values = ours.map((of) => of[metric] ?? Number.NaN);
    write(`  ${metric}: ours ${mean(values).toFixed(4)}`);
    for (const peer of peers) {
      const own = theirs.flatMap((of) => of.get(peer)?.[metric] ?? []);
      if (own.length < values.length) {
        write(`    ${peer.padEnd(10)} skipped: its package is not there`);
        continue;
      }
      const { mean: difference, standardError } = pairedDifference(values, own);
      const sign = difference >= 0 ? '+' : '';
      write(
        `    ${peer.padEnd(10)} ${mean(own).toFixed(4)}  difference ${sign}${difference.toFixed(4)} ± ${standardError.toFixed(4)}`,
      );
    }
  }
}

function shown(values: MetricValues): string {
  return metrics.map((metric) => `${metric} ${values[metric]?.toFixed(4)}`).join(', ');
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
