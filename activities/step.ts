import { ApplicationFailure, Context, cancellationDetails } from '@temporalio/activity';
import type { RunId } from '../contracts/ids.ts';
import { AttemptSuperseded } from '../db/errors.ts';
import type { Queries } from '../db/queries/runs.ts';
import { endStep, recordProgress, type StepAttempt, startStep, writeAsAttempt } from '../db/queries/steps.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { isCancelled, toFailure } from './failure.ts';

/** The order in which a run's steps are shown. */
const positions = {
  decideRetraining: 0,
  loadData: 1,
  validateData: 2,
  buildRows: 3,
  trainCandidate: 4,
  runTrial: 4,
  tryFeatures: 4,
  proposeFeatures: 4,
  judgeFeatures: 5,
  concludeFeatures: 6,
  judgeTrials: 5,
  concludeSearch: 6,
  evaluateCandidate: 5,
  registerModel: 6,
  evaluateGate: 7,
  preloadModel: 8,
  promoteModel: 9,
  explainModel: 10,
  // Of no run.
  addSnapshot: 0,
  diffSnapshots: 0,
} as const;
type StepName = keyof typeof positions;

export type StepControl = {
  signal: AbortSignal;
  /** @param progress 0 to 1; written at most twice a second */
  report(progress: number, message?: string | null): void;
  /**
   * Writes what the step has come to, in one transaction.
   * @throws AttemptSuperseded where the server has given this attempt up and another has begun
   */
  record<T>(write: (tx: Queries) => Promise<T>): Promise<T>;
};

const progressEveryMs = 500;

/**
 * An activity that shows as a step of its run: attempts, progress and times are written to the database, and its errors
 * are mapped. A failure to write its progress does not fail its work.
 */
export function createStep(deps: Pick<ActivityDependencies, 'db' | 'logger'>) {
  return <I extends { runId: RunId | null }, O>(
    name: StepName,
    perform: (input: I, control: StepControl) => Promise<O>,
    detail?: (input: I) => string,
  ) =>
    async (input: I): Promise<O> => {
      const { info, cancellationSignal: signal } = Context.current();
      const { runId } = input;
      const step = detail === undefined ? name : `${name}:${detail(input)}`;
      const record = runId === null ? undefined : createRecord(deps, { runId, step, attempt: info.attempt });
      try {
        await record?.start(positions[name]);
        const result = await perform(input, { signal, ...(record ?? unrecorded(deps)) });
        await record?.end('succeeded', null);
        return result;
      } catch (error) {
        const failure = reasonOfEnd(signal, error);
        const stopped = cancellationDetails();
        // A worker that shuts down, or was given up, leaves the step running: the next attempt takes it over.
        if (stopped === undefined || !isCancelled(failure)) {
          if (!isShutdown()) await record?.end('failed', failure.message);
        } else if (stopped.cancelRequested) await record?.end('cancelled', null);
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
const unrecorded = ({ db }: Pick<ActivityDependencies, 'db'>): Pick<StepControl, 'report' | 'record'> => ({
  report: () => {},
  record: (write) => db.transaction(write),
});

function createRecord({ db, logger }: Pick<ActivityDependencies, 'db' | 'logger'>, attempt: StepAttempt) {
  let lastMs = Number.NEGATIVE_INFINITY;
  let writing: Promise<unknown> = Promise.resolve();
  return {
    async start(position: number): Promise<void> {
      if (await startStep(db, { ...attempt, position })) return;
      throw new AttemptSuperseded(`a later attempt than ${attempt.attempt} at ${attempt.step} has begun`);
    },
    record: <T>(write: (tx: Queries) => Promise<T>): Promise<T> => writeAsAttempt(db, attempt, write),
    report(progress: number, message: string | null = null): void {
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
