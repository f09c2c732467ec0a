import type { BlobStore } from '../store/blob-store.ts';
import { TaskCancelled } from './errors.ts';
import type { CoreLender } from './lend-cores.ts';
import type { ModelKeeper } from './model-keeper.ts';
import { cells } from './protocol.ts';
import type { RowKeeper } from './row-keeper.ts';

/** What a task has of the thread it runs in. */
export type TaskContext = {
  store: BlobStore;
  /** @param progress 0 to 1 */
  report(progress: number, message?: string): void;
  /** Between two units of a computation. @throws TaskCancelled */
  throwIfCancelled(): void;
  /** Cores for a fit beside the thread's own, where there may be some. */
  cores?: CoreLender | undefined;
  /** Rows that the task before read, where the thread keeps them. */
  keeper?: RowKeeper | undefined;
  /** The model that was scored with before, where the thread keeps it. */
  models?: ModelKeeper | undefined;
  /** Runs work that may be inside DuckDB: the signal interrupts its query, and the thread is not terminated in it. */
  inDuckDb<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

export function createTaskContext(options: {
  store: BlobStore;
  shared: Int32Array;
  cores?: CoreLender;
  keeper?: RowKeeper;
  models?: ModelKeeper;
  signal: AbortSignal;
  report(progress: number, message: string | null): void;
}): TaskContext {
  const { store, shared, cores, keeper, models, signal } = options;
  const throwIfCancelled = () => throwIfFlagged(shared);
  return {
    store,
    report: (progress, message) => options.report(progress, message ?? null),
    throwIfCancelled,
    cores,
    keeper,
    models,
    async inDuckDb(work) {
      throwIfCancelled();
      Atomics.add(shared, cells.inDuckDb, 1);
      try {
        return await work(signal);
      } finally {
        Atomics.sub(shared, cells.inDuckDb, 1);
      }
    },
  };
}

/** @throws TaskCancelled */
export function throwIfFlagged(shared: Int32Array): void {
  if (Atomics.load(shared, cells.cancelled) === 1) throw new TaskCancelled('the task was cancelled');
}
