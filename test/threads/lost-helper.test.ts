import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../ml/frame.ts';
import { createRandom } from '../../ml/random.ts';
import { type RecipeSpec, recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { listeningHelpers } from '../../ml/trees/crew.ts';
import { type FitJob, fitModel } from '../../threads/fit-model.ts';
import { type CoreLender, createCoreLender } from '../../threads/lend-cores.ts';

const rows = 15_000;
const names = Array.from({ length: 20 }, (_, i) => `x${i}`);

/** @param rounds trees of the fit: some milliseconds each */
function createJob(rounds: number): FitJob {
  const random = createRandom(3);
  const numbers = (): Column => ({
    kind: 'number',
    values: Float64Array.from({ length: rows }, () => random.uniform()),
  });
  const recipe: RecipeSpec = recipeSpecSchema.parse({
    inputs: names.map((name) => ({ name, kind: 'number' })),
    features: names.map((column) => ({ step: 'take', column })),
  });
  return {
    task: 'regression',
    classes: 0,
    recipe,
    candidate: {
      learner: 'gradient-boosting',
      encoding: 'none',
      params: { rounds, maxLeaves: 31, earlyStopping: null },
      classWeights: 'none',
    },
    frame: { rows, columns: new Map(names.map((name) => [name, numbers()])) },
    lookups: [],
    target: Float64Array.from({ length: rows }, () => random.uniform()),
    seed: 1,
  };
}

/** A lender of one core, whose fits begin only once the helper listens. */
function createPatientLender(patienceMs: number): CoreLender {
  const cell = (value: number) => new Int32Array(new SharedArrayBuffer(4)).fill(value);
  const lender = createCoreLender({
    free: cell(1),
    held: cell(0),
    most: 1,
    throwIfStopped: () => {},
  });
  const clock = cell(0);
  return {
    ...lender,
    patienceMs,
    enlist: (job) => {
      lender.enlist(job);
      while (listeningHelpers(job) < 1) Atomics.wait(clock, 0, 0, 1);
    },
  };
}

describe('a helper that dies without a word', () => {
  /** @param onTree called before each tree, with how many were begun */
  const grow = (rounds: number, cores?: CoreLender, onTree: (begun: number) => void = () => {}) => {
    let begun = 0;
    return fitModel(createJob(rounds), { cores, throwIfCancelled: () => onTree(begun++) }, () => {});
  };

  it('leaves the model as it is: the fit misses it, and begins again on its own', async () => {
    const cores = createPatientLender(300);
    let treesAlone = 0;
    const alone = await grow(20, undefined, (begun) => {
      treesAlone = begun;
    });
    // Its death must come amid a fit that it has taken part in from the first tree on, so it is started before.
    const helper = await helperOf(() => grow(1, cores));
    let ended: Promise<unknown> = Promise.resolve();
    let trees = 0;
    const bereft = await grow(20, cores, (begun) => {
      trees = begun;
      if (begun === 5) ended = helper.terminate();
    });
    expect(trees).toBeGreaterThan(treesAlone);
    expect(bereft.model).toEqual(alone.model);

    await ended;
    expect(await helperOf(() => grow(1, cores))).not.toBe(helper);
  });
});

/** The thread that the work starts. */
async function helperOf(work: () => Promise<unknown>): Promise<Worker> {
  const started = new Promise<Worker>((resolve) => process.once('worker', resolve));
  await work();
  return started;
}
