import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  rootCause,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { RunOutcome } from '../contracts/activities.ts';

/** What a failed run says of itself: the activity that failed, and the cause beneath Temporal's wrappers. */
export function describeFailure(error: unknown): Extract<RunOutcome, { status: 'failed' }>['failure'] {
  const root = deepest(error);
  return {
    type:
      root instanceof ApplicationFailure
        ? (root.type ?? 'Error')
        : root instanceof TimeoutFailure
          ? `Timeout:${root.timeoutType}`
          : 'Error',
    message: rootCause(error) ?? String(error),
    step: failedActivity(error),
  };
}

/** Of a child whose workflow id is taken. By name: the class is exported by `@temporalio/common` only. */
export const isAlreadyStarted = (error: unknown): boolean =>
  error instanceof Error && error.name === 'WorkflowExecutionAlreadyStartedError';

function deepest(error: unknown): unknown {
  let current = error;
  while (current instanceof Error && current.cause instanceof Error) {
    // The cause of an application failure is the error it was made from; its type is the one that counts.
    if (current instanceof ApplicationFailure) return current;
    current = current.cause;
  }
  return current;
}

function failedActivity(error: unknown): string | null {
  if (error instanceof ActivityFailure) return error.activityType;
  if (error instanceof ChildWorkflowFailure) return failedActivity(error.cause);
  return null;
}
