import { ApplicationFailure, Context, cancellationDetails } from '@temporalio/activity';
import type { RunId } from '../contracts/ids.ts';
import { endStep, recordProgress, type StepAttempt, startStep } from '../db/queries/steps.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { isCancelled, toFailure } from './failure.ts';

/** The order in which a run's steps are shown. */
const positions = {
  decideRetraining: 0,
  loadData: 1,
  validateData: 2,
  buildRows: 3,
  trainCandidate: 4,
  evaluateCandidate: 5,
  registerModel: 6,
  evaluateGate: 7,
  preloadModel: 8,
  promoteModel: 9,
} as const;
type StepName = keyof typeof positions;

export type StepControl = {
  signal: AbortSignal;
  /** @param progress 0 to 1; written at most twice a second */
  report(progress: number, message?: string | null): void;
};

const heartbeatEveryMs = 2_000;
const progressEveryMs = 500;

/**
 * An activity that shows as a step of its run: attempts, progress and times are written to the database, heartbeats
 * are sent while it works, and its errors are mapped. A failure to write the step's record does not fail its work:
 * only the record of its end is waited for.
 */
export function createStep(deps: Pick<ActivityDependencies, 'db' | 'logger'>) {
  return <I extends { runId: RunId | null }, O>(
    name: StepName,
    perform: (input: I, control: StepControl) => Promise<O>,
    detail?: (input: I) => string,
  ) =>
    async (input: I): Promise<O> => {
      const { info, cancellationSignal: signal, heartbeat } = Context.current();
      const { runId } = input;
      const step = detail === undefined ? name : `${name}:${detail(input)}`;
      const record = runId === null ? undefined : createRecord(deps, { runId, step, attempt: info.attempt });
      const beat = setInterval(() => heartbeat(), heartbeatEveryMs);
      try {
        await record?.start(positions[name]);
        const result = await perform(input, { signal, report: record?.progress ?? (() => {}) });
        await record?.end('succeeded', null);
        return result;
      } catch (error) {
        const failure = reasonOfEnd(signal, error);
        // A worker that shuts down leaves the step running: the next attempt takes it over.
        if (isCancelled(failure)) await record?.end('cancelled', null);
        else if (!isShutdown()) await record?.end('failed', failure.message);
        throw failure;
      } finally {
        clearInterval(beat);
      }
    };
}

const isShutdown = (): boolean => cancellationDetails()?.workerShutdown === true;

function reasonOfEnd(signal: AbortSignal, error: unknown): Error {
  if (signal.aborted && isShutdown())
    return ApplicationFailure.create({
      message: 'the worker is shutting down',
      type: 'WorkerShutdown',
      category: 'BENIGN',
    });
  // Work stopped by the signal may fail in its own words; what counts is that it was stopped.
  return toFailure(signal.aborted ? signal.reason : error);
}

function createRecord({ db, logger }: Pick<ActivityDependencies, 'db' | 'logger'>, attempt: StepAttempt) {
  let lastMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<unknown> = Promise.resolve();
  return {
    start: (position: number) => startStep(db, { ...attempt, position }),
    progress(progress: number, message: string | null = null): void {
      const nowMs = performance.now();
      if (nowMs - lastMs < progressEveryMs) return;
      lastMs = nowMs;
      writing = writing
        .then(() => recordProgress(db, { ...attempt, progress: Math.min(1, Math.max(0, progress)), message }))
        .catch((error: unknown) => logger.warn({ err: error, ...attempt }, 'progress was not recorded'));
    },
    async end(status: 'succeeded' | 'failed' | 'cancelled', message: string | null): Promise<void> {
      await writing;
      try {
        await endStep(db, { ...attempt, status, message });
      } catch (error) {
        // Thrown after success it makes Temporal try again, which is harmless and mends the record.
        if (status === 'succeeded') throw toFailure(error);
        logger.warn({ err: error, ...attempt }, 'the end of a step was not recorded');
      }
    },
  };
}
