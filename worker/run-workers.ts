import type { Worker } from '@temporalio/worker';

/**
 * Runs the workers until the signal, or until one of them ends: a process that has lost a queue stops as a whole, so
 * that it is started anew. Resolves when all have ended, for only then their connection can be closed.
 * @throws what the first of them failed with
 */
export async function runWorkers(
  workers: readonly Pick<Worker, 'run' | 'shutdown' | 'getState'>[],
  signal: AbortSignal,
): Promise<void> {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const running = workers.map(async (worker) => {
    try {
      await worker.run();
    } finally {
      stop();
    }
  });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const ends = await Promise.allSettled(running);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
