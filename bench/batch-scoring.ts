import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { candidateOf } from '../activities/declared.ts';
import { declarationOf } from '../activities/pipeline-of-run.ts';
import type { CandidateDeclaration } from '../contracts/pipeline.ts';
import type { Artifact } from '../ml/artifact.ts';
import { type Frame, selectRows } from '../ml/frame.ts';
import { createScorer } from '../ml/scorer.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import { createFolderStore } from '../store/folder-store.ts';
import { loadModel } from '../threads/model-bytes.ts';
import { readRows } from '../threads/read-rows.ts';
import { trainCandidate } from '../threads/train-candidate.ts';
import { makeEntityRows } from './entity-rows.ts';
import { median } from './paired.ts';
import { shippedPipeline } from './shipped-pipelines.ts';

/**
 * Question: how many entity rows a second does one core score, recipe included?
 *
 * Each candidate of a pipeline is trained on the rows of `--data`, which are then repeated to 97,620; `boosting-100x31`
 * is the set-up in which boosting is compared with LightGBM. Needs no service. Printed: the median of the rounds, as
 * rows a second of this thread's processor time.
 */

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    pipeline: { type: 'string', default: 'olist-score' },
    rows: { type: 'string', default: '97620' },
    rounds: { type: 'string', default: '7' },
  },
});
if (options.data === undefined)
  throw new Error('usage: batch-scoring --data OLIST_FOLDER [--pipeline olist-score] [--rounds 7]');
const data = resolve(options.data);
const loaded = shippedPipeline(options.pipeline);
const pipeline = declarationOf(loaded);

const boosting: CandidateDeclaration = {
  learner: 'gradient-boosting',
  encoding: 'tree',
  classWeights: 'none',
  params: {
    rounds: 100,
    maxLeaves: 31,
    learningRate: 0.1,
    l2: 0,
    nodeColumnShare: 1,
    rowShare: 1,
    earlyStopping: null,
  },
};
const setups = [
  ...Object.keys(pipeline.candidates).map((name) => ({
    label: name,
    candidate: candidateOf(pipeline, name, null).candidate,
    recipe: recipeFor(pipeline, name),
  })),
  { label: 'boosting-100x31', candidate: boosting, recipe: recipeFor(pipeline, 'gradient-boosting') },
];

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
try {
  const store = await createFolderStore(folder);
  const signal = new AbortController().signal;
  const rows = await makeEntityRows({
    pipeline: loaded,
    source: `folder:${data}`,
    sourceRoots: [dirname(data)],
    parameters: {},
    store,
  });
  const context = {
    store,
    report: () => {},
    throwIfCancelled: () => {},
    inDuckDb: <T>(work: (signal: AbortSignal) => Promise<T>) => work(signal),
  };
  for (const { label, candidate, recipe } of setups) {
    const { artifact: stored } = await trainCandidate(
      {
        pipeline: { ...pipeline, selection: { ...pipeline.selection, folds: 2 } },
        recipe,
        candidate,
        moment: pipeline.moment,
        rows,
        seed: 7,
      },
      context,
    );
    const artifact = await loadModel(await store.read(stored.sha256));
    const { frame } = await readRows({ store, rows, pipeline, recipe, split: 'train', signal });
    const rowsASecond = measure(artifact, repeatRows(frame, Number(options.rows)));
    process.stdout.write(`${label.padEnd(20)} ${Math.round(rowsASecond).toLocaleString('en')} rows/s\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

function repeatRows(frame: Frame, rows: number): Frame {
  return selectRows(
    frame,
    Int32Array.from({ length: rows }, (_, row) => row % frame.rows),
  );
}

function measure(artifact: Artifact, frame: Frame): number {
  const scorer = createScorer(artifact);
  scorer.scoreFrame(frame);
  const seconds = Array.from({ length: Number(options.rounds) }, () => {
    const started = process.cpuUsage();
    scorer.scoreFrame(frame);
    const { user, system } = process.cpuUsage(started);
    return (user + system) / 1e6;
  });
  return frame.rows / median(seconds);
}
