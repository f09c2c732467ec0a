import { workflowInfo } from '@temporalio/workflow';
import type { RunRequest } from '../contracts/runs.ts';
import type { FeatureSearchRequest, SearchRequest } from '../contracts/search.ts';
import { startRun } from './activities.ts';

/** Writes that the run has begun; of a scheduled run this makes the row. */
export function recordStart(
  request: RunRequest | SearchRequest | FeatureSearchRequest,
  scheduleId: string | null,
): Promise<void> {
  const { runId, pipeline, kind, source, parameters, seed, settingsSha256, reason, requestedBy, cache } =
    request;
  return startRun.executeWithOptions({ summary: `${kind} ${pipeline}` }, [
    {
      runId,
      pipeline,
      kind,
      source,
      parameters,
      seed,
      settingsSha256,
      reason,
      requestedBy,
      workflowId: workflowInfo().workflowId,
      scheduleId,
      cache,
      from: request.from,
      ...('search' in request ? { search: request.search } : {}),
      ...('tuned' in request ? { tuned: request.tuned } : {}),
    },
  ]);
}
