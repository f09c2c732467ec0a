import {
  ApplicationFailure,
  defineQuery,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import { type RunProgress, type RunStage, runMessages } from '../contracts/runs.ts';

export const cancelUpdate = defineUpdate<void, [reason: string]>(runMessages.cancel);
/** The same for whoever cannot wait for an answer: no worker may be there, or a workflow asks it of its child. */
export const cancelSignal = defineSignal<[reason: string]>(runMessages.cancel);
export const statusQuery = defineQuery<RunProgress>(runMessages.status);

/** Registers the messages of a run; answers where the reason of a cancellation is kept. */
export function handleRunMessages(
  stop: (reason: string) => void,
  progress: () => RunProgress,
): { reason: string | null } {
  const cancellation: { reason: string | null } = { reason: null };
  const cancel = (reason: string): void => {
    // The first reason stands; asking again is harmless.
    cancellation.reason ??= reason;
    stop(cancellation.reason);
  };
  setHandler(cancelSignal, (reason) => {
    if (!isPastStopping(progress().stage)) cancel(reason);
  });
  setHandler(cancelUpdate, cancel, {
    description: 'Stops the work, CPU included, and leaves production untouched.',
    validator: (reason) => {
      if (typeof reason !== 'string' || reason.trim() === '' || reason.length > maxReasonLength)
        throw refusal(`cancel needs a reason of 1 to ${maxReasonLength} characters`);
      if (isPastStopping(progress().stage)) throw refusal('the run has already ended');
    },
  });
  setHandler(statusQuery, progress, { description: 'The stage of the run.' });
  return cancellation;
}

/** As long as the API takes them. */
const maxReasonLength = 2_000;
const isPastStopping = (stage: RunStage): boolean => stage === 'done';
const refusal = (message: string) => ApplicationFailure.nonRetryable(message, 'CancelRefused');
