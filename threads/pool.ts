import { Worker } from 'node:worker_threads';
import { compiledFile } from '../config/paths.ts';
import { LearnerFailed, ThreadFailure, ThreadLost } from './errors.ts';
import { cells, type FromThread, type ThreadData, type ToThread } from './protocol.ts';
import type { TaskInput, TaskName, TaskOutput } from './tasks.ts';

export type RunOptions = {
  signal?: AbortSignal | undefined;
  /** `progress` is 0 to 1. */
  onProgress?: (progress: number, message: string | null) => void;
};

export type ThreadPool = {
  /**
   * Performs a task in a thread; waits for a free one where all are busy.
   * @throws the signal's reason once the thread has let go; ThreadFailure; ThreadLost; LearnerFailed where the
   *   thread ran out of memory
   */
  run<N extends TaskName>(task: N, input: TaskInput<N>, options?: RunOptions): Promise<TaskOutput<N>>;
  /** Starts all threads, so that the first tasks need not wait for them. */
  warm(): Promise<void>;
  /** Cancels what is running, then ends the threads. */
  close(): Promise<void>;
};

export type PoolOptions = {
  size: number;
  blobFolder: string;
  /** Of each thread's heap; typed arrays lie outside it. */
  heapMb?: number;
  /**
   * A task that reports nothing for this long is given up: an interval on the main thread cannot tell. Not while it is
   * inside DuckDB, whose queries report nothing that proves them alive: those are bounded by the activity's own time.
   */
  stallTimeoutMs?: number;
};

type Thread = {
  worker: Worker;
  shared: Int32Array;
  ready: Promise<void>;
  onMessage: (message: FromThread) => void;
  onLost: (error: Error) => void;
  lost: boolean;
};

/** A cancelled computation ends at its next unit of work; a thread past this time is terminated. */
const cancelGraceMs = 2_000;
/** DuckDB answers an interrupt within milliseconds; until it has, the thread must not be terminated. */
const duckDbPollMs = 50;

export function createThreadPool(options: PoolOptions): ThreadPool {
  const { size, stallTimeoutMs = 10 * 60_000 } = options;
  const all = new Set<Thread>();
  const idle: Thread[] = [];
  const waiting: ((thread: Thread) => void)[] = [];
  const closing = new AbortController();
  // One core a thread: what no task is using, fits in other threads borrow.
  const freeCores = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)).fill(size);
  const start = (): Thread => {
    const thread = startThread(options, freeCores, () => all.delete(thread));
    all.add(thread);
    return thread;
  };

  const acquire = async (): Promise<Thread> => {
    closing.signal.throwIfAborted();
    // A thread may have died at rest; a task given to it would never be answered.
    let free = idle.pop();
    while (free?.lost === true) free = idle.pop();
    if (free !== undefined) return free;
    if (all.size < size) return start();
    return new Promise((resolve) => waiting.push(resolve));
  };

  const release = (thread: Thread): void => {
    const next = waiting.shift();
    if (!thread.lost) {
      if (next === undefined) idle.push(thread);
      else next(thread);
    } else if (next !== undefined) {
      next(start());
    }
  };

  return {
    async run(task, input, { signal, onProgress } = {}) {
      signal?.throwIfAborted();
      const thread = await acquire();
      Atomics.sub(freeCores, 0, 1);
      try {
        await thread.ready;
        const stop = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
        return await perform(thread, { task, input, signal: stop, stallTimeoutMs, onProgress });
      } finally {
        Atomics.add(freeCores, 0, 1);
        release(thread);
      }
    },
    async warm() {
      const threads = await Promise.all(Array.from({ length: size - all.size }, acquire));
      await Promise.all(threads.map(({ ready }) => ready));
      threads.forEach(release);
    },
    async close() {
      closing.abort(new ThreadLost('the thread pool is closing'));
      await Promise.all([...all].map((thread) => terminateOutsideDuckDb(thread)));
    },
  };
}

function startThread(
  { blobFolder, size, heapMb = 4096 }: PoolOptions,
  freeCores: Int32Array<SharedArrayBuffer>,
  onExit: () => void,
): Thread {
  const buffer = new SharedArrayBuffer(cells.count * Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = {
    blobFolder,
    cells: buffer,
    freeCores: freeCores.buffer,
    mostHelpers: size - 1,
  };
  const worker = new Worker(compiledFile('threads/thread.js'), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  let settleReady: { resolve(): void; reject(error: Error): void };
  const ready = new Promise<void>((resolve, reject) => {
    settleReady = { resolve, reject };
  });
  // Whoever awaits `ready` sees the rejection; a thread nobody waits for must not end the process by it.
  ready.catch(() => {});
  const thread: Thread = {
    worker,
    shared: new Int32Array(buffer),
    ready,
    lost: false,
    onMessage: () => {},
    onLost: () => {},
  };
  const lose = (error: Error) => {
    if (thread.lost) return;
    thread.lost = true;
    Atomics.add(freeCores, 0, Atomics.exchange(thread.shared, cells.heldCores, 0));
    settleReady.reject(error);
    thread.onLost(error);
    onExit();
  };
  worker.on('message', (message: FromThread) => {
    if (message.type === 'ready') settleReady.resolve();
    else thread.onMessage(message);
  });
  worker.on('error', (error) => lose(asLoss(error, heapMb)));
  worker.on('exit', (code) => lose(new ThreadLost(`the thread exited with code ${code} and no result`)));
  worker.unref();
  return thread;
}

function asLoss(error: unknown, heapMb: number): Error {
  if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
    return new LearnerFailed(`the thread needed more than its ${heapMb} MB of heap`, { cause: error });
  return new ThreadLost(error instanceof Error ? error.message : String(error), { cause: error });
}

function perform<N extends TaskName>(
  thread: Thread,
  job: {
    task: N;
    input: TaskInput<N>;
    signal: AbortSignal;
    stallTimeoutMs: number;
    onProgress: RunOptions['onProgress'];
  },
): Promise<TaskOutput<N>> {
  const { task, input, signal, stallTimeoutMs, onProgress } = job;
  const send = (message: ToThread) => thread.worker.postMessage(message);
  return new Promise<TaskOutput<N>>((resolve, reject) => {
    let given: Error | undefined;
    let terminating: NodeJS.Timeout | undefined;
    let isSettled = false;
    const giveUp = (reason: Error) => {
      if (given !== undefined) return;
      given = reason;
      Atomics.store(thread.shared, cells.cancelled, 1);
      send({ type: 'cancel' });
      terminating = setTimeout(() => void terminateOutsideDuckDb(thread, () => isSettled), cancelGraceMs);
    };
    const onAbort = () => giveUp(signal.reason);
    const onStall = () => {
      if (Atomics.load(thread.shared, cells.inDuckDb) > 0) expectReport();
      else giveUp(new ThreadLost(`${task} reported no progress for ${stallTimeoutMs / 1000} s`));
    };
    let stall: NodeJS.Timeout | undefined;
    const expectReport = () => {
      clearTimeout(stall);
      stall = setTimeout(onStall, stallTimeoutMs);
    };
    expectReport();
    const settle = (finish: () => void) => {
      isSettled = true;
      clearTimeout(stall);
      clearTimeout(terminating);
      signal.removeEventListener('abort', onAbort);
      thread.worker.unref();
      thread.onMessage = () => {};
      thread.onLost = () => {};
      finish();
    };
    thread.onLost = (error) => settle(() => reject(given ?? error));
    thread.onMessage = (message) => {
      switch (message.type) {
        case 'ready':
          return;
        case 'progress':
          expectReport();
          if (given === undefined) onProgress?.(message.progress, message.message);
          return;
        case 'done':
          // The thread's half of the contract is `TaskHandlers`, checked where it is written.
          return settle(() =>
            given === undefined ? resolve(message.output as TaskOutput<N>) : reject(given),
          );
        case 'failed':
          return settle(() => reject(given ?? new ThreadFailure(message)));
        default:
          return message satisfies never;
      }
    };
    // Here and not in the thread, which may read the message after a cancellation of the same task.
    Atomics.store(thread.shared, cells.cancelled, 0);
    // A pool at rest keeps no process alive; one at work does.
    thread.worker.ref();
    send({ type: 'run', task, input });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** @param isSpared asked once the thread has left DuckDB: it may have answered meanwhile, and be at the next task */
async function terminateOutsideDuckDb(thread: Thread, isSpared: () => boolean = () => false): Promise<void> {
  while (Atomics.load(thread.shared, cells.inDuckDb) > 0 && !thread.lost)
    await new Promise((resolve) => setTimeout(resolve, duckDbPollMs));
  if (isSpared()) return;
  await thread.worker.terminate();
}
