import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { compiledFile } from '../../../config/paths.ts';
import { unavailable } from '../../problem.ts';
import { type ModelKey, modelKey, type ThreadModel } from './held-models.ts';
import type { JobName, Jobs } from './jobs.ts';
import { type FromThread, fromFailure, type ToThread } from './protocol.ts';

/** Threads for what would hold up the requests in flight: loading models, big requests, explanations. */
export type ServingThreads = {
  /**
   * Performs a job in the next thread that is free, with a model if it needs one. Models are loaded before all else:
   * a promotion waits for them.
   * @throws HttpProblem as the job threw it, or 503 where too many jobs wait
   */
  run<N extends JobName>(job: N, input: Jobs[N]['input'], model?: ThreadModel): Promise<Jobs[N]['output']>;
  /** The model is not asked for again: its memory can go. */
  forget(model: { pipeline: string; version: number }): void;
  close(): Promise<void>;
};

type Job = {
  job: JobName;
  input: Jobs[JobName]['input'];
  model: ThreadModel | undefined;
  resolve(output: Jobs[JobName]['output']): void;
  reject(error: Error): void;
};
type Thread = { worker: Worker; held: Set<ModelKey>; underWay: Job | undefined };

/** One is left to the main thread; more than a few are seldom busy, and each keeps what it makes of a model. */
const defaultSize = Math.max(1, Math.min(4, availableParallelism() - 1));
/** A body may take 32 MB, and a job of ten thousand rows half a second. */
const maxWaitingJobs = 16;

export function createServingThreads(size = defaultSize): ServingThreads {
  const threads = new Set<Thread>();
  const waiting: Job[] = [];

  const start = (): Thread => {
    const thread: Thread = {
      worker: new Worker(compiledFile('api/serving/threads/thread.js')),
      held: new Set(),
      underWay: undefined,
    };
    const lose = (error: Error): void => {
      threads.delete(thread);
      thread.underWay?.reject(error);
      thread.underWay = undefined;
      pump();
    };
    thread.worker.on('message', (answer: FromThread) => {
      const { underWay } = thread;
      thread.underWay = undefined;
      if (answer.ok) underWay?.resolve(answer.output);
      else underWay?.reject(fromFailure(answer.failure));
      pump();
    });
    thread.worker.on('error', (error) => lose(error instanceof Error ? error : new Error(String(error))));
    thread.worker.on('exit', (code) => lose(new Error(`a serving thread ended with code ${code}`)));
    thread.worker.unref();
    threads.add(thread);
    return thread;
  };
  const findFree = (): Thread | undefined => {
    for (const thread of threads) if (thread.underWay === undefined) return thread;
    return threads.size < size ? start() : undefined;
  };
  const post = (thread: Thread, message: ToThread): void => thread.worker.postMessage(message);
  const give = (thread: Thread, given: Job): void => {
    const { job, input, model } = given;
    thread.underWay = given;
    const key = model === undefined ? null : modelKey(model.declaration.name, model.version);
    if (model !== undefined && key !== null && !thread.held.has(key)) {
      const { version, declaration, artifact } = model;
      post(thread, { type: 'hold', key, model: { version, declaration, artifact } });
      thread.held.add(key);
    }
    post(thread, { type: 'job', job, input, key });
  };
  const pump = (): void => {
    while (waiting.length > 0) {
      const thread = findFree();
      if (thread === undefined) return;
      const next = waiting.shift();
      if (next !== undefined) give(thread, next);
    }
  };

  return {
    async run<N extends JobName>(job: N, input: Jobs[N]['input'], model?: ThreadModel) {
      if (job !== 'loadModel' && waiting.length >= maxWaitingJobs)
        throw unavailable(`${waiting.length} big requests wait already`, 1);
      return new Promise<Jobs[N]['output']>((resolve, reject) => {
        const asked: Job = { job, input, model, resolve, reject };
        if (job === 'loadModel') waiting.unshift(asked);
        else waiting.push(asked);
        pump();
      });
    },
    forget({ pipeline, version }) {
      const key = modelKey(pipeline, version);
      for (const thread of threads) if (thread.held.delete(key)) post(thread, { type: 'forget', key });
    },
    async close() {
      const closing = [...threads].map(({ worker }) => worker.terminate());
      for (const { reject } of waiting.splice(0)) reject(new Error('the serving threads are closed'));
      await Promise.all(closing);
    },
  };
}
