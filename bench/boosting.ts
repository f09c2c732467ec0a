import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { Blocks } from '../ml/blocks.ts';
import { gradientBoosting } from '../ml/learners/gradient-boosting.ts';
import { fitToEnd } from '../ml/learners/registry.ts';
import { regressionMetrics } from '../ml/metrics/regression.ts';
import { mean } from '../ml/sample.ts';
import { createCoreLender } from '../threads/lend-cores.ts';
import { createPacedCores } from '../threads/paced-cores.ts';
import { median, pairedDifference, shownPaired } from './paired.ts';
import { peerProgram } from './peer-program.ts';

/**
 * Question: how long does gradient boosting take beside LightGBM, and is the model as good?
 *
 * A table of 22 numbers an Olist order, its training rows repeated 15 times (97,620 of the sample's 8,135 orders); 100
 * trees of 31 leaves, 255 bins, 20 rows a leaf, no sampling, binning included. Both are fitted in turn, with one thread
 * and with two (ours takes its second one while trees are done sooner with it, as in a worker), after some fits each to
 * warm up, of which the first is printed too. Printed: medians of the rounds, and the difference in R² on the test rows
 * as a mean over splits.
 */

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    rounds: { type: 'string', default: '7' },
    splits: { type: 'string', default: '10' },
    scale: { type: 'string', default: '15' },
  },
});
if (options.data === undefined)
  throw new Error('usage: boosting --data OLIST_FOLDER [--python PYTHON] [--rounds 7] [--splits 10]');
const rounds = Number(options.rounds);
const splits = Number(options.splits);
const scale = Number(options.scale);

/** Until the engine has compiled the loops, in the thread that helps too. */
const warmUpFits = 5;
const params = gradientBoosting.params.parse({
  rounds: 100,
  learningRate: 0.1,
  maxLeaves: 31,
  minSamplesLeaf: 20,
  l2: 0,
  nodeColumnShare: 1,
  rowShare: 1,
  earlyStopping: null,
});
const fitSchema = z.object({
  seconds: z.number(),
  cpuSeconds: z.number(),
  r2: z.number(),
  rowsPerSecond: z.number(),
});
type Fit = z.infer<typeof fitSchema>;

const folder = await mkdtemp(join(tmpdir(), 'perennial-bench-'));
const program = peerProgram('boosting.py');
const peer = spawn(options.python, [
  // Without compiled files beside the sources.
  ...['-B', program],
  resolve(options.data),
  folder,
  ...['--splits', String(splits), '--scale', String(scale)],
]);
peer.stderr.pipe(process.stderr);
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
try {
  const { columns, version } = z.object({ columns: z.number(), version: z.string() }).parse(await answer());
  const features = new Float64Array(await read('features.f64'));
  const target = new Float64Array(await read('target.f64'));
  const lender = createPacedCores(
    createCoreLender({
      free: new Int32Array(new SharedArrayBuffer(4)).fill(1),
      held: new Int32Array(new SharedArrayBuffer(4)),
      most: 1,
      throwIfStopped: () => {},
    }),
    () => performance.now(),
  );

  const rowsOf = async (side: 'train' | 'test', split: number, times: number) => {
    const once = new Int32Array(await read(`${side}-${split}.i32`));
    const rows = Int32Array.from({ length: once.length * times }, (_, i) => once[i % once.length] as number);
    const values = new Float64Array(rows.length * columns);
    rows.forEach((row, i) => {
      values.set(features.subarray(row * columns, (row + 1) * columns), i * columns);
    });
    return {
      blocks: denseBlocks(values, columns),
      target: Float64Array.from(rows, (row) => target[row] as number),
    };
  };
  const theirs = async (split: number, threads: number): Promise<Fit> => {
    peer.stdin.write(`${split} ${threads}\n`);
    return fitSchema.parse(await answer());
  };
  const rowsOfSplit = async (split: number) => ({
    train: await rowsOf('train', split, scale),
    test: await rowsOf('test', split, 1),
  });
  const ours = ({ train, test }: Awaited<ReturnType<typeof rowsOfSplit>>, threads: 1 | 2): Fit => {
    const startedMs = performance.now();
    const cpu = process.cpuUsage();
    const training = { task: 'regression', ...train, classes: 0, seed: 42 } as const;
    const model = fitToEnd(
      gradientBoosting,
      threads === 1 ? training : { ...training, cores: lender },
      params,
    );
    const seconds = (performance.now() - startedMs) / 1000;
    lender.takeBack();
    const { user, system } = process.cpuUsage(cpu);
    const predictor = gradientBoosting.load(model);
    const predicted = predictor.predict(test.blocks);
    const predictMs = performance.now();
    predictor.predict(train.blocks);
    return {
      seconds,
      cpuSeconds: (user + system) / 1e6,
      r2: regressionMetrics({ target: test.target, predicted }).r2 ?? Number.NaN,
      rowsPerSecond: train.blocks.rows / ((performance.now() - predictMs) / 1000),
    };
  };

  print(`LightGBM ${version}, Node ${process.versions.node}`);
  const firstSplit = await rowsOfSplit(0);
  for (const threads of [1, 2] as const) {
    const first = { theirs: await theirs(0, threads), ours: ours(firstSplit, threads) };
    for (let fit = 1; fit < warmUpFits; fit++) ours(firstSplit, threads);
    const pairs: { ours: Fit; theirs: Fit }[] = [];
    for (let round = 0; round < rounds; round++)
      pairs.push({ theirs: await theirs(0, threads), ours: ours(firstSplit, threads) });
    const of = (side: 'ours' | 'theirs', figure: keyof Fit) =>
      median(pairs.map((pair) => pair[side][figure]));
    const ratio = median(pairs.map((pair) => pair.ours.seconds / pair.theirs.seconds));
    print(
      `${threads} thread${threads === 1 ? '' : 's'}: fit ${of('ours', 'seconds').toFixed(3)} s, LightGBM ${of('theirs', 'seconds').toFixed(3)} s, ` +
        `ratio ${ratio.toFixed(2)}; processor ${of('ours', 'cpuSeconds').toFixed(3)} s and ${of('theirs', 'cpuSeconds').toFixed(3)} s; ` +
        `first fit ${first.ours.seconds.toFixed(3)} s and ${first.theirs.seconds.toFixed(3)} s`,
    );
    if (threads === 1)
      print(
        `  predict, encoded rows a second: ${of('ours', 'rowsPerSecond').toFixed(0)}, LightGBM ${of('theirs', 'rowsPerSecond').toFixed(0)}`,
      );
  }
  const quality: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let split = 0; split < splits; split++) {
    quality.theirs.push((await theirs(split, 1)).r2);
    quality.ours.push(ours(await rowsOfSplit(split), 1).r2);
  }
  const difference = pairedDifference(quality.ours, quality.theirs);
  print(
    `R² on the test rows over ${splits} splits: ${mean(quality.ours).toFixed(4)}, LightGBM ${mean(quality.theirs).toFixed(4)}, ` +
      `difference ${shownPaired(difference)}`,
  );
} finally {
  peer.stdin.end();
  peer.kill();
  await rm(folder, { recursive: true, force: true });
}

async function answer(): Promise<unknown> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error(`${options.python} ${program} ended without an answer`);
  return JSON.parse(value);
}

/** Little-endian, as both sides write and read. */
async function read(name: string): Promise<ArrayBuffer> {
  const bytes = await readFile(join(folder, name));
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
}

function denseBlocks(values: Float64Array, columns: number): Blocks {
  const rows = values.length / columns;
  return {
    rows,
    dense: { names: Array.from({ length: columns }, (_, i) => `x${i}`), values },
    codes: { names: [], levels: [], values: new Int32Array() },
    sparse: {
      names: [],
      offsets: new Int32Array(rows + 1),
      indices: new Int32Array(),
      values: new Float64Array(),
    },
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
