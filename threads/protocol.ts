import type { TaskName } from './tasks.ts';

/** What passes between a pool and its threads. */
export type ToThread = { type: 'run'; task: TaskName; input: unknown } | { type: 'cancel' };

export type FromThread =
  | { type: 'ready' }
  | { type: 'progress'; progress: number; message: string | null }
  | { type: 'done'; output: unknown }
  | { type: 'failed'; name: string; message: string; stack: string | undefined };

/** Where the blobs are, so that a thread reads and writes them itself. */
export type ThreadData = {
  blobFolder: string;
  cells: SharedArrayBuffer;
  /** One cell of the whole pool, and how many cores a thread may borrow: see `createCoreLender`. */
  freeCores: SharedArrayBuffer;
  mostHelpers: number;
};

/**
 * Cells shared by a thread and its pool. A flag, because a thread amid a computation reads no messages; and
 * whether the thread may be inside DuckDB, because terminating it there hangs the whole process; and the cores it has
 * borrowed for its fit.
 */
export const cells = { count: 3, cancelled: 0, inDuckDb: 1, heldCores: 2 } as const;
