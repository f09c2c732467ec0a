import { Worker } from 'node:worker_threads';
import { compiledFile } from '../config/paths.ts';
import { type Cores, dismissCrew } from '../ml/trees/crew.ts';
import type { CrewJob } from '../ml/trees/crew-board.ts';

export type CoreLender = Cores & {
  /** Gives the cores back until they are asked for again. */
  giveBack(): void;
  /** Ends a fit's use of helpers and gives their cores back; the helpers wait for the next fit. */
  takeBack(): void;
};

/**
 * Lends a thread's fits the cores that no task of the pool is using. The helpers are threads of this thread: Node ends
 * them with it, also where it is terminated in the midst of a fit.
 *
 * @param free one cell, shared by all threads of the pool: cores without a task or a helper. Below 0 where a task came
 *   while its core was lent; the helpers then leave off at the next tree.
 * @param held one cell: the cores this thread has borrowed, for the pool to take back should the thread die.
 */
export function createCoreLender(options: {
  free: Int32Array;
  held: Int32Array;
  most: number;
  throwIfStopped(): void;
}): CoreLender {
  const { free, held, most, throwIfStopped } = options;
  const helpers: Worker[] = [];
  let current: CrewJob | null = null;

  const giveBack = (): void => {
    Atomics.add(free, 0, Atomics.exchange(held, 0, 0));
  };
  const borrowAll = (): void => {
    while (Atomics.load(held, 0) < most) {
      const before = Atomics.load(free, 0);
      if (before <= 0) return;
      if (Atomics.compareExchange(free, 0, before, before - 1) === before) Atomics.add(held, 0, 1);
    }
  };

  return {
    most,
    throwIfStopped,
    giveBack,
    enlist: (job) => {
      current = job;
      while (helpers.length < job.scratch.length) helpers.push(startHelper());
      helpers.forEach((worker, helper) => {
        worker.postMessage({ job, helper });
      });
    },
    lent: () => {
      if (Atomics.load(free, 0) < 0) giveBack();
      else borrowAll();
      return Atomics.load(held, 0);
    },
    takeBack: () => {
      if (current !== null) dismissCrew(current);
      current = null;
      giveBack();
    },
  };

  function startHelper(): Worker {
    const worker = new Worker(compiledFile('threads/fit-helper.js'));
    worker.unref();
    // The fit has read of it in shared memory, or misses it; here the dead one only makes room for another.
    worker.on('error', () => {});
    worker.on('exit', () => helpers.splice(helpers.indexOf(worker), 1));
    return worker;
  }
}
