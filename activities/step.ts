import { ApplicationFailure, Context, cancellationDetails } from '@temporalio/activity';
import type { RunId } from '../contracts/ids.ts';
import { type StepName, stepId, stepPosition } from '../contracts/steps.ts';
import { AttemptSuperseded } from '../db/errors.ts';
import type { Queries } from '../db/queries/runs.ts';
import {
  endStep,
  recordProgress,
  type StepAttempt,
  type StepEnd,
  startStep,
  writeAsAttempt,
} from '../db/queries/steps.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { isCancelled, toFailure } from './failure.ts';
import { createStepWork, type StepWork } from './step-work.ts';

export type StepControl = {
  signal: AbortSignal;
  /** @param progress 0 to 1; written at most twice a second */
  report(progress: number, message?: string | null): void;
  /**
   * Writes what the step has come to, in one transaction.
   * @throws AttemptSuperseded where the server has given this attempt up and another has begun
   */
  record<T>(write: (tx: Queries) => Promise<T>): Promise<T>;
  /** What the work gives for the input, which it may have given an earlier run: see `createStepWork`. */
  result<T>(work: StepWork, input: unknown, perform: () => Promise<T>): Promise<T>;
};

const progressEveryMs = 500;

type StepDependencies = Pick<ActivityDependencies, 'db' | 'store' | 'stepCode' | 'logger'>;

/**
 * An activity that shows as a step of its run: attempts, progress and times are written to the database, and its errors
 * are mapped. A failure to write its progress does not fail its work.
 */
export function createStep(deps: StepDependencies) {
  return <I extends { runId: RunId | null }, O>(
    name: StepName,
    perform: (input: I, control: StepControl) => Promise<O>,
    detail?: (input: I) => string,
  ) =>
    async (input: I): Promise<O> => {
      const { info, cancellationSignal: signal } = Context.current();
      const { runId } = input;
      const step = stepId(name, detail?.(input));
      const record =
        runId === null
          ? undefined
          : createRecord(deps, { runId, step, attempt: info.attempt }, { name, signal });
      try {
        await record?.start();
        const result = await perform(input, { signal, ...(record ?? unrecorded(deps)) });
        await record?.succeed();
        return result;
      } catch (error) {
        const failure = reasonOfEnd(signal, error);
        const stopped = cancellationDetails();
        // A worker that shuts down, or was given up, leaves the step running: the next attempt takes it over.
        if (stopped === undefined || !isCancelled(failure)) {
          if (!isShutdown()) await record?.end({ status: 'failed', message: failure.message });
        } else if (stopped.cancelRequested) await record?.end({ status: 'cancelled' });
        throw failure;
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

/** Of a deployment that belongs to no run. */
const unrecorded = ({
  db,
}: Pick<StepDependencies, 'db'>): Pick<StepControl, 'report' | 'record' | 'result'> => ({
  report: () => {},
  record: (write) => db.transaction(write),
  result: (_work, _input, perform) => perform(),
});

function createRecord(
  deps: StepDependencies,
  attempt: StepAttempt,
  { name, signal }: { name: StepName; signal: AbortSignal },
) {
  const { db, logger } = deps;
  const work = createStepWork(deps, { runId: attempt.runId, name, id: attempt.step, signal });
  let lastMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<unknown> = Promise.resolve();
  return {
    async start(): Promise<void> {
      if (await startStep(db, { ...attempt, position: stepPosition(name) })) return;
      throw new AttemptSuperseded(`a later attempt than ${attempt.attempt} at ${attempt.step} has begun`);
    },
    record: <T>(write: (tx: Queries) => Promise<T>): Promise<T> => writeAsAttempt(db, attempt, write),
    result: work.result,
    report(progress: number, message: string | null = null): void {
      const nowMs = performance.now();
      if (nowMs - lastMs < progressEveryMs) return;
      lastMs = nowMs;
      writing = writing
        .then(() => recordProgress(db, { ...attempt, progress: Math.min(1, Math.max(0, progress)), message }))
        .catch((error: unknown) => logger.warn({ err: error, ...attempt }, 'progress was not recorded'));
    },
    /** Fails where it is not written: Temporal then tries again, which is harmless and mends the record. */
    async succeed(): Promise<void> {
      await writing;
      await endStep(db, attempt, { status: 'succeeded', ...(await work.conclude()) });
    },
    async end(end: Exclude<StepEnd, { status: 'succeeded' }>): Promise<void> {
      await writing;
      try {
        await endStep(db, attempt, end);
      } catch (error) {
        logger.warn({ err: error, ...attempt }, 'the end of a step was not recorded');
      }
    },
  };
}
