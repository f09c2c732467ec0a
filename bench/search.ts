import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createClient } from '../cli/client.ts';
import { findUploadFiles } from '../cli/upload.ts';
import { readConfig } from '../config/config.ts';
import type { Search } from '../contracts/http/searches.ts';
import { boostedForest } from '../ml/learners/boosted-forest.ts';
import { resolveParameters } from '../pipelines/parameters.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { makeEntityRows } from './entity-rows.ts';
import { createFeatureTable } from './feature-table.ts';
import { followRun } from './follow-run.ts';
import { median } from './paired.ts';
import { peerProgram } from './peer-program.ts';
import { shippedPipeline } from './shipped-pipelines.ts';

/**
 * Question: how long does a durable search take beside one that lives in a Python process?
 *
 * Ten trials of lead-conversion's boosted forest on ten folds, from the POST to the end of the run on a running
 * service: loading, validating, rows, trials and the record of each. The peer is XGBoost's random forest in
 * scikit-learn's searches with two threads, on exactly the same training rows, already in memory: over ten settings of
 * a grid of its own, and over the settings that ours tried. In turn; printed are medians and their ratios.
 */

const candidate = 'boosted-forest';
const folds = 10;
const trials = 10;

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '5' },
  },
});
if (options.data === undefined)
  throw new Error('usage: search --data FILE_OR_FOLDER [--python PYTHON] [--rounds 5]');
const data = resolve(options.data);
const declared = shippedPipeline('lead-conversion');
if (declared.task !== 'binary') throw new Error('lead-conversion tells two classes apart');
const {
  rows: { key },
  target,
} = declared;

type Peer = { ask(settings: readonly Record<string, number>[] | null): Promise<Answer>; end(): void };
const answerSchema = z.object({
  seconds: z.number(),
  trials: z.literal(trials),
  trees: z.int(),
  rows: z.int(),
});
type Answer = z.infer<typeof answerSchema>;

const client = createClient(readConfig().client);
const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  const { source } = await client.upload(await findUploadFiles(data));
  const peer = await startPeer();
  const seconds = { ours: [] as number[], own: [] as number[], same: [] as number[] };
  const hashes = new Set<string | undefined>();
  for (let round = 0; round < Number(options.rounds); round++) {
    const { search, trainRows, took } = await timeSearch(source);
    seconds.ours.push(took);
    hashes.add(search.result?.sha256);
    const tried = search.trials.map(({ params }) => boostedForest.params.parse(params));
    const own = await peer?.ask(null);
    const same = await peer?.ask(tried.map(asSettings));
    if (own !== undefined && own.rows !== trainRows)
      throw new Error(`the peer has ${own.rows} rows, the search ${trainRows}`);
    if (own !== undefined) seconds.own.push(own.seconds);
    if (same !== undefined) seconds.same.push(same.seconds);
    const trees = tried.reduce((sum, params) => sum + params.trees, 0);
    write(
      `round ${round}: ours ${took.toFixed(2)} s, ${trees} trees a fold` +
        (own === undefined || same === undefined
          ? ''
          : `; XGBRF ${own.seconds.toFixed(2)} s, ${own.trees} trees; with our settings ${same.seconds.toFixed(2)} s`),
    );
  }
  peer?.end();
  write(`\n${trials} trials on ${folds} folds, asked to answered: ours ${median(seconds.ours).toFixed(2)} s`);
  compare('XGBRF, a grid of its own', seconds.own);
  compare('XGBRF, our settings', seconds.same);
  write(hashes.size === 1 ? 'every round has the same hash' : `the rounds have ${hashes.size} hashes`);

  function compare(name: string, theirs: readonly number[]): void {
    if (theirs.length === 0) return;
    const ratio = median(seconds.ours) / median(theirs);
    write(`  ${name.padEnd(26)} ${median(theirs).toFixed(2)} s  ratio ${ratio.toFixed(2)}`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function timeSearch(source: string): Promise<{ search: Search; trainRows: number; took: number }> {
  const begunMs = performance.now();
  const { searchId } = await client.startSearch(
    'lead-conversion',
    // Every round does all its work.
    { source, candidates: [candidate], trials, folds, cache: false },
    undefined,
  );
  const { rows } = await followRun(client, searchId);
  const took = (performance.now() - begunMs) / 1000;
  const search = await client.search(searchId);
  if (search.run.status !== 'succeeded' || rows === null)
    throw new Error(`search ${searchId} ended ${search.run.status}`);
  return { search, trainRows: rows.trainRows, took };
}

/** By XGBoost's names. */
function asSettings(params: z.infer<typeof boostedForest.params>): Record<string, number> {
  return {
    n_estimators: params.trees,
    max_depth: params.maxDepth,
    min_child_weight: params.minHessianLeaf,
    colsample_bynode: params.nodeColumnShare,
    subsample: params.rowShare,
    reg_lambda: params.l2,
  };
}

/** Undefined where its packages are not there. */
async function startPeer(): Promise<Peer | undefined> {
  const path = await writeRows();
  // Without compiled files beside the sources.
  const program = ['-B', peerProgram('forest_search.py')];
  const columns = ['--categorical', path.categorical.join(','), '--drop', key];
  const args = [...program, path.csv, '--target', target.column, '--folds', String(folds), ...columns];
  const child = spawn(options.python, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask: Peer['ask'] = async (settings) => {
    child.stdin.write(`${JSON.stringify(settings)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`the peer has ended: ${complaint.trim().split('\n').at(-1)}`);
    return answerSchema.parse(JSON.parse(value));
  };
  try {
    // Warm, and there.
    await ask(null);
  } catch (error) {
    write(`peer skipped: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
  return { ask, end: () => child.stdin.end() };
}

async function writeRows(): Promise<{ csv: string; categorical: readonly string[] }> {
  const store = await createFolderStore(join(folder, 'store'));
  const rows = await makeEntityRows({
    pipeline: declared,
    source: `folder:${data}`,
    sourceRoots: [dirname(data), data],
    parameters: resolveParameters(declared, {}),
    store,
  });
  const table = await createFeatureTable(declared, await store.localPath(rows.blob.sha256));
  const csv = join(folder, 'rows.csv');
  await writeFile(csv, table.csv);
  return { csv, categorical: table.categorical };
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
