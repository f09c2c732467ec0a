import type { Logger } from 'pino';
import { unavailable } from './problem.ts';

/**
 * Tells when the database has stopped answering. A server that hangs, or is cut off, refuses nothing: statements
 * would wait for it without end, and their requests with them.
 */
export type DatabaseWatch = {
  isAway(): boolean;
  /** Calls back when the database goes away next, unless the returned function was called before. */
  onAway(callback: () => void): () => void;
  close(): void;
};

/**
 * No request waits for a database that does not answer.
 * @throws HttpProblem 503 where it is away, or goes away before the work ends
 */
export function whileDatabaseAnswers<T>(
  watch: Pick<DatabaseWatch, 'isAway' | 'onAway'>,
  work: () => Promise<T>,
): Promise<T> {
  const problem = () => unavailable('the database does not answer', 2);
  if (watch.isAway()) return Promise.reject(problem());
  return new Promise((resolve, reject) => {
    const stopWatching = watch.onAway(() => reject(problem()));
    work().then(
      (result) => {
        stopWatching();
        resolve(result);
      },
      (error: unknown) => {
        stopWatching();
        reject(error);
      },
    );
  });
}

type Waiting = { callback: () => void; at: number };

/** Counted in beats, not by the clock: a process that was paused itself has missed one, however long it slept. */
const beatsUntilAway = 3;

export function createDatabaseWatch(options: {
  /** A statement that costs nothing. */
  ping: () => Promise<unknown>;
  /** Called when the database answers again. */
  onBack?: () => void;
  logger: Logger;
  everyMs?: number;
}): DatabaseWatch {
  const { ping, onBack, logger, everyMs = 1_000 } = options;
  // No Set, which is copied every few dozen requests: its dead copies name the next one each, and once the first is in
  // the old generation, the collections of the young one keep all of them, with every request that stood in one.
  const waiting: Waiting[] = [];
  let missed = 0;
  let isAsking = false;

  const miss = (): void => {
    missed += 1;
    if (missed !== beatsUntilAway) return;
    logger.warn('the database does not answer');
    for (const { callback } of [...waiting]) callback();
  };
  const ask = async (): Promise<void> => {
    isAsking = true;
    try {
      await ping();
      const wasAway = missed >= beatsUntilAway;
      missed = 0;
      if (wasAway) {
        logger.info('the database answers again');
        onBack?.();
      }
    } catch {
      // What the error is, the statements of the requests say.
      miss();
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => {
    if (isAsking) miss();
    else void ask();
  }, everyMs);

  return {
    isAway: () => missed >= beatsUntilAway,
    onAway(callback) {
      const added: Waiting = { callback, at: waiting.length };
      waiting.push(added);
      return () => {
        if (waiting[added.at] !== added) return;
        const last = waiting.pop();
        if (last === undefined || last === added) return;
        last.at = added.at;
        waiting[last.at] = last;
      };
    },
    close: () => clearInterval(timer),
  };
}
