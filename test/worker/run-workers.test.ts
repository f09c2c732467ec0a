import { expect, test } from 'vitest';
import { runWorkers } from '../../worker/run-workers.ts';

/** Stands in for a worker of the SDK, which needs a server: it also refuses to be stopped when it is not running. */
function createWorker() {
  let state: 'INITIALIZED' | 'RUNNING' | 'STOPPED' | 'FAILED' = 'INITIALIZED';
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<void>((onDone, onFailure) => {
    resolve = onDone;
    reject = onFailure;
  });
  return {
    getState: () => state,
    run() {
      state = 'RUNNING';
      return promise;
    },
    shutdown() {
      if (state !== 'RUNNING') throw new Error(`Not running. Current state: ${state}`);
      state = 'STOPPED';
      resolve();
    },
    fail(error: Error) {
      state = 'FAILED';
      reject(error);
    },
  };
}

test('stops the others where one fails, and says why', async () => {
  const [failing, other] = [createWorker(), createWorker()];
  const running = runWorkers([failing, other], new AbortController().signal);
  failing.fail(new Error('the queue is gone'));
  await expect(running).rejects.toThrow('the queue is gone');
  expect(other.getState()).toBe('STOPPED');
});

test('stops all at the signal', async () => {
  const workers = [createWorker(), createWorker()];
  const stopping = new AbortController();
  const running = runWorkers(workers, stopping.signal);
  stopping.abort();
  await running;
  expect(workers.map((worker) => worker.getState())).toEqual(['STOPPED', 'STOPPED']);
});
