import { workflowInfo } from '@temporalio/workflow';

/** Half of where the server suggests a new run: what is under way then has room to end. */
const defaultMaxEvents = 2_000;

/** Whether the run is to be continued as a new one, whose history is empty. */
export function isHistoryFull(maxEvents: number = defaultMaxEvents): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  return continueAsNewSuggested || historyLength >= maxEvents;
}
