import type { Logger } from 'pino';
import type { DeclaredCollectors } from '../collectors/load-collectors.ts';
import { collectScheduleId, collectSchedulePrefix } from '../contracts/collections.ts';
import type { Collector } from '../contracts/collector.ts';
import { workflowTypes } from '../contracts/runs.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import { readCollectorPauses } from '../db/queries/collections.ts';
import { type TemporalGateway, TemporalUnavailable } from './temporal.ts';
import {
  ensureTimedWorkflow,
  listTimedWorkflows,
  removeTimedWorkflow,
  type TimedWorkflow,
} from './timed-workflows.ts';

/**
 * Makes Temporal's schedules agree with what collectors declare. Safe to repeat, and from several processes.
 * @throws TemporalUnavailable
 */
export async function ensureCollectorSchedules(deps: {
  db: Database;
  temporal: TemporalGateway;
  readCollectors: () => DeclaredCollectors;
  logger: Logger;
}): Promise<void> {
  const { db, temporal, logger } = deps;
  const { collectors, problems } = deps.readCollectors();
  const pauses = await readCollectorPauses(db);
  const wanted = [...collectors.values()].flatMap((collector) => {
    const timed = timedCollection(collector, pauses);
    return timed === null ? [] : [timed];
  });
  const attempt = async (scheduleId: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      // One that Temporal refuses must not keep the others from agreeing.
      if (error instanceof TemporalUnavailable) throw error;
      logger.error({ err: error, scheduleId }, 'a schedule could not be brought into agreement');
    }
  };
  for (const timed of wanted) await attempt(timed.scheduleId, () => ensureTimedWorkflow(temporal, timed));
  // A declaration with a mistake in it has not been taken away.
  if (problems.length > 0) return;
  const known = new Set(wanted.map(({ scheduleId }) => scheduleId));
  for (const scheduleId of await listTimedWorkflows(temporal, collectSchedulePrefix))
    if (!known.has(scheduleId)) await attempt(scheduleId, () => removeTimedWorkflow(temporal, scheduleId));
}

/** Null where the collector declares no schedule. */
export function timedCollection(
  { name, title, schedule }: Collector,
  pauses: ReadonlyMap<string, boolean>,
): TimedWorkflow | null {
  if (schedule === undefined) return null;
  const { cron, timezone, jitter = null, paused } = schedule;
  return {
    scheduleId: collectScheduleId(name),
    cron,
    timezone,
    jitter,
    paused: pauses.get(name) ?? paused,
    action: {
      workflowType: workflowTypes.collectReviews,
      taskQueue: taskQueues.workflow,
      args: [{ collector: name, requestedBy: 'schedule' }],
      staticSummary: `scheduled collection: ${title}`,
    },
  };
}
