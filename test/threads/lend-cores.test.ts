import { existsSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { compiledFile } from '../../config/paths.ts';
import type { Learner, TrainingSet } from '../../ml/learner.ts';
import { gradientBoosting } from '../../ml/learners/gradient-boosting.ts';
import { randomForest } from '../../ml/learners/random-forest.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import { type Cores, listeningHelpers } from '../../ml/trees/crew.ts';
import { type CoreLender, createCoreLender } from '../../threads/lend-cores.ts';

const sharedCell = (value = 0) => new Int32Array(new SharedArrayBuffer(4)).fill(value);

function createLender(most: number, free = sharedCell(most)): CoreLender {
  return createCoreLender({ free, held: sharedCell(), most, throwIfStopped: () => {} });
}

/** Enough cells that helpers are called: missing numbers, few values, codes, weights that differ. */
function trainingSet(task: 'regression' | 'binary'): TrainingSet {
  const random = createRandom(11);
  const rows = 13_000;
  const dense = { names: Array.from({ length: 18 }, (_, i) => `x${i}`), values: new Float64Array(rows * 18) };
  const levels = [5, 90].map((count) => Array.from({ length: count }, (_, i) => `${i}`));
  const codes = { names: ['c0', 'c1'], levels, values: new Int32Array(rows * 2) };
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < 18; column++) {
      const value = column % 4 === 3 ? random.below(6) : random.uniform();
      dense.values[row * 18 + column] = column % 5 === 1 && random.below(10) === 0 ? Number.NaN : value;
    }
    codes.values[row * 2] = random.below(6) - 1;
    codes.values[row * 2 + 1] = random.below(90);
    const signal =
      (dense.values[row * 18] ?? 0) * 3 + (codes.values[row * 2] === 2 ? 2 : 0) + random.uniform();
    target[row] = task === 'binary' ? Number(signal > 2.2) : signal;
  }
  const sparse = {
    names: [],
    offsets: new Int32Array(rows + 1),
    indices: new Int32Array(),
    values: new Float64Array(),
  };
  return {
    task,
    blocks: { rows, dense, codes, sparse },
    target,
    weights: Float64Array.from({ length: rows }, () => 0.5 + random.uniform()),
    classes: task === 'binary' ? 2 : 0,
    seed: 4,
  };
}

/** Begins the fit only once all helpers listen, so that they take part from the first tree on. */
function awaited(lender: CoreLender): Cores {
  return {
    ...lender,
    enlist: (job) => {
      lender.enlist(job);
      while (listeningHelpers(job) < job.scratch.length) Atomics.wait(sharedCell(), 0, 0, 1);
    },
  };
}

describe('lent cores', () => {
  const cases: { learner: Learner; task: 'regression' | 'binary'; params: object }[] = [
    {
      learner: gradientBoosting,
      task: 'regression',
      params: { rounds: 6, maxLeaves: 31, rowShare: 1, nodeColumnShare: 1, earlyStopping: null },
    },
    { learner: gradientBoosting, task: 'binary', params: { rounds: 6, maxLeaves: 15 } },
    { learner: randomForest, task: 'regression', params: { trees: 2, maxLeaves: 100 } },
  ];
  for (const { learner, task, params } of cases) {
    it(`leave a model the same to the bit with 1, 2 and 4 threads: ${learner.name}, ${task}`, () => {
      const training = trainingSet(task);
      const alone = fitToEnd(learner, training, params);
      for (const most of [1, 3]) {
        const lender = createLender(most);
        const enlist = vi.spyOn(lender, 'enlist');
        const together = fitToEnd(learner, { ...training, cores: awaited(lender) }, params);
        lender.takeBack();
        expect(enlist).toHaveBeenCalledOnce();
        expect(together).toEqual(alone);
      }
    });
  }

  it('are borrowed while they are free, and given back where a task came for them or the fit is over', () => {
    const free = sharedCell(2);
    const lender = createLender(3, free);
    expect([lender.lent(), free[0]]).toEqual([2, 0]);
    Atomics.sub(free, 0, 1);
    expect([lender.lent(), free[0]]).toEqual([0, 1]);
    expect([lender.lent(), free[0]]).toEqual([1, 0]);
    lender.takeBack();
    expect(free[0]).toBe(1);
  });

  it.skipIf(!existsSync('/proc/self/task'))(
    'end with the thread that borrowed them, in the midst of a fit',
    async () => {
      const countThreads = () => readdirSync('/proc/self/task').length;
      const worker = new Worker(endlessFit, { eval: true });
      const ready = new Promise((resolve) => worker.once('message', resolve));
      await ready;
      const during = countThreads();
      await worker.terminate();
      await vi.waitFor(() => expect(countThreads()).toBeLessThanOrEqual(during - 3), { timeout: 5000 });
    },
  );
});

const moduleUrl = (path: string) => JSON.stringify(pathToFileURL(compiledFile(path)).href);

/** Tells once two helpers take part, and goes on for hours. */
const endlessFit = `
  import(${moduleUrl('threads/lend-cores.js')}).then(async ({ createCoreLender }) => {
    const { gradientBoosting } = await import(${moduleUrl('ml/learners/gradient-boosting.js')});
    const { listeningHelpers } = await import(${moduleUrl('ml/trees/crew.js')});
    const { parentPort } = require('node:worker_threads');
    const cell = (value) => new Int32Array(new SharedArrayBuffer(4)).fill(value);
    const lender = createCoreLender({ free: cell(2), held: cell(0), most: 2, throwIfStopped: () => {} });
    let job;
    const cores = { ...lender, enlist: (given) => { job = given; lender.enlist(given); } };
    const rows = 20000;
    const values = Float64Array.from({ length: rows * 20 }, (_, i) => (i * 7919) % 1009);
    const blocks = {
      rows,
      dense: { names: Array.from({ length: 20 }, (_, i) => 'x' + i), values },
      codes: { names: [], levels: [], values: new Int32Array() },
      sparse: { names: [], offsets: new Int32Array(rows + 1), indices: new Int32Array(), values: new Float64Array() },
    };
    const target = values.slice(0, rows);
    const params = gradientBoosting.params.parse({ rounds: 5000, maxLeaves: 31, earlyStopping: null });
    const fit = gradientBoosting.fit({ task: 'regression', blocks, target, classes: 0, seed: 1, cores }, params);
    let told = false;
    while (!fit.next().done) {
      if (told || job === undefined || listeningHelpers(job) < 2) continue;
      told = true;
      parentPort.postMessage('begun');
    }
  });
`;
