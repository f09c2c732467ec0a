import { monitorReviewsId } from '../contracts/ids.ts';
import { workflowTypes } from '../contracts/runs.ts';
import type { DriftSettings } from '../contracts/settings.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { TemporalGateway } from './temporal.ts';
import { ensureTimedWorkflow } from './timed-workflows.ts';

/** Makes Temporal's schedule agree with the settings. @throws TemporalUnavailable */
export const ensureMonitoring = (
  temporal: TemporalGateway,
  { cron, timezone, jitter, paused }: DriftSettings,
): Promise<void> =>
  ensureTimedWorkflow(temporal, {
    scheduleId: monitorReviewsId,
    cron,
    timezone,
    jitter: jitter ?? null,
    paused,
    action: {
      workflowType: workflowTypes.monitorReviews,
      taskQueue: taskQueues.workflow,
      args: [],
      staticSummary: 'scheduled measurement of drift',
    },
  });

/** Measures now; a measurement that was asked for and is under way is the same one. @throws TemporalUnavailable */
export async function requestMonitoring(temporal: TemporalGateway): Promise<{ workflowId: string }> {
  await temporal.call((client) =>
    client.workflow.start(workflowTypes.monitorReviews, {
      workflowId: monitorReviewsId,
      taskQueue: taskQueues.workflow,
      args: [],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: 'measurement of drift',
    }),
  );
  return { workflowId: monitorReviewsId };
}
