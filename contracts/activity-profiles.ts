import type { ActivityOptions } from '@temporalio/common';
import { taskQueues } from './task-queues.ts';

/** Failure types that no retry can mend. `createFailure` in `activities/failure.ts` is their one producer. */
export const permanentFailureTypes = [
  'DataInvalid',
  'SchemaMismatch',
  'NotFound',
  'StaleVersion',
  'LearnerFailed',
  'NotServable',
  'SettingsDiffer',
  'PayloadTooLarge',
] as const;
export type PermanentFailureType = (typeof permanentFailureTypes)[number];

/** How long the work of a dead worker waits for another; the worker beats every second for each activity. */
const heartbeatTimeout = '8s' as const;

const ioRetry = {
  initialInterval: '1s' as const,
  backoffCoefficient: 2,
  maximumInterval: '1m' as const,
  nonRetryableErrorTypes: [...permanentFailureTypes],
};

/**
 * Whole profiles, never partial ones: a forgotten retry cap means unlimited retries.
 * The cpu profiles set no `maximumAttempts`, because each death of a worker counts as an attempt;
 * `scheduleToCloseTimeout` bounds them instead.
 */
export const activityProfiles = {
  /** A short database write or read. */
  record: {
    taskQueue: taskQueues.io,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '30m',
    heartbeatTimeout,
    retry: ioRetry,
  },
  /** Scores some thousands of reviews; given up after a while for the sweeper to bring them again. */
  ingest: {
    taskQueue: taskQueues.io,
    startToCloseTimeout: '5m',
    scheduleToCloseTimeout: '30m',
    heartbeatTimeout,
    retry: ioRetry,
  },
  /** Reads the reviews of days: of a million the first time, later of those that have changed. What was measured stays. */
  measure: {
    taskQueue: taskQueues.io,
    startToCloseTimeout: '30m',
    scheduleToCloseTimeout: '2h',
    heartbeatTimeout,
    retry: ioRetry,
  },
  /** Reads a page or a file of reviews. What another server cannot give for hours, the next round asks for again. */
  collect: {
    taskQueue: taskQueues.io,
    startToCloseTimeout: '15m',
    scheduleToCloseTimeout: '2h',
    heartbeatTimeout,
    retry: { ...ioRetry, maximumInterval: '10m' },
  },
  /** Reads a source into the store. */
  load: {
    taskQueue: taskQueues.io,
    startToCloseTimeout: '15m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout,
    retry: ioRetry,
  },
  /** Queries over a snapshot: validation, entity rows, evaluation. */
  compute: {
    taskQueue: taskQueues.cpu,
    startToCloseTimeout: '30m',
    scheduleToCloseTimeout: '4h',
    heartbeatTimeout,
    retry: { ...ioRetry, initialInterval: '500ms' },
  },
  /** As `compute`, but given up in the end: a run that has its version must not stay open for what nobody waits for. */
  explain: {
    taskQueue: taskQueues.cpu,
    startToCloseTimeout: '30m',
    scheduleToCloseTimeout: '4h',
    heartbeatTimeout,
    retry: { ...ioRetry, initialInterval: '500ms', maximumAttempts: 5 },
  },
  /** Fits one candidate. */
  train: {
    taskQueue: taskQueues.cpu,
    startToCloseTimeout: '4h',
    scheduleToCloseTimeout: '4h',
    heartbeatTimeout,
    retry: { ...ioRetry, initialInterval: '500ms' },
  },
} satisfies Record<string, ActivityOptions>;
