import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../problem.ts';
import { type ModelKey, modelKey, type ThreadModel } from './held-models.ts';
import type { JobName, Jobs } from './jobs.ts';
import { type FromThread, fromFailure, type ToThread } from './protocol.ts';

/** Threads for what would hold up the requests in flight: loading models, big requests, explanations. */
export type ServingThreads = {
  /**
   * Performs a job in the thread that has the fewest, with a model if it needs one.
   * @throws HttpProblem as the job threw it, or 503 where too many jobs wait
   */
  run<N extends JobName>(job: N, input: Jobs[N]['input'], model?: ThreadModel): Promise<Jobs[N]['output']>;
  /** The model is not asked for again: its memory can go. */
  forget(model: { pipeline: string; version: number }): void;
  close(): Promise<void>;
};

type Waiting = { resolve(output: Jobs[JobName]['output']): void; reject(error: Error): void };
type Thread = { worker: Worker; held: Set<ModelKey>; waiting: Map<number, Waiting> };

/** One is left to the main thread; more than a few are seldom busy, and each keeps what it makes of a model. */
const defaultSize = Math.max(1, Math.min(4, availableParallelism() - 1));
/** A body may take 32 MB, and a job of ten thousand rows half a second. */
const maxJobsAThread = 16;

export function createServingThreads(size = defaultSize): ServingThreads {
  const threads = new Set<Thread>();
  let nextId = 1;

  const start = (): Thread => {
    const thread: Thread = { worker: new Worker(threadFile()), held: new Set(), waiting: new Map() };
    const lose = (error: Error): void => {
      threads.delete(thread);
      for (const { reject } of thread.waiting.values()) reject(error);
      thread.waiting.clear();
    };
    thread.worker.on('message', (answer: FromThread) => {
      const asked = thread.waiting.get(answer.id);
      thread.waiting.delete(answer.id);
      if (answer.ok) asked?.resolve(answer.output);
      else asked?.reject(fromFailure(answer.failure));
    });
    thread.worker.on('error', (error) => lose(error instanceof Error ? error : new Error(String(error))));
    thread.worker.on('exit', (code) => lose(new Error(`a serving thread ended with code ${code}`)));
    thread.worker.unref();
    threads.add(thread);
    return thread;
  };
  const choose = (): Thread => {
    let least: Thread | undefined;
    for (const thread of threads) {
      if (least === undefined || thread.waiting.size < least.waiting.size) least = thread;
    }
    if (least === undefined || (least.waiting.size > 0 && threads.size < size)) return start();
    if (least.waiting.size < maxJobsAThread) return least;
    throw unavailable(`${least.waiting.size} big requests wait already`, 1);
  };
  const post = (thread: Thread, message: ToThread): void => thread.worker.postMessage(message);

  return {
    async run<N extends JobName>(job: N, input: Jobs[N]['input'], model?: ThreadModel) {
      const thread = choose();
      const key = model === undefined ? null : modelKey(model.declaration.name, model.version);
      if (model !== undefined && key !== null && !thread.held.has(key)) {
        const { version, declaration, artifact } = model;
        post(thread, { type: 'hold', key, model: { version, declaration, artifact } });
        thread.held.add(key);
      }
      const id = nextId++;
      return new Promise<Jobs[N]['output']>((resolve, reject) => {
        thread.waiting.set(id, { resolve, reject });
        post(thread, { type: 'job', id, job, input, key });
      });
    },
    forget({ pipeline, version }) {
      const key = modelKey(pipeline, version);
      for (const thread of threads) if (thread.held.delete(key)) post(thread, { type: 'forget', key });
    },
    async close() {
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

/** A `.ts` file does not load in a thread of Node 20: from the sources, the compiled one is used. */
function threadFile(): URL {
  const compiled = new URL('./thread.js', import.meta.url);
  return existsSync(fileURLToPath(compiled))
    ? compiled
    : new URL('../../../dist/api/serving/threads/thread.js', import.meta.url);
}
