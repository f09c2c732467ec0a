import type { ScheduleDescription } from '@temporalio/client';
import type { Logger } from 'pino';
import { type PipelineName, retrainScheduleId } from '../contracts/ids.ts';
import { type ScheduledRetraining, workflowTypes } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import {
  adoptDeclaredSchedule,
  dropUndeclaredSchedule,
  listWantedSchedules,
  type WantedSchedule,
} from '../db/queries/schedules.ts';
import { trainingPlan } from '../pipelines/training-plan.ts';
import { type Catalog, type CatalogEntry, runParameters } from './catalog.ts';
import { type TemporalGateway, TemporalUnavailable } from './temporal.ts';
import {
  describeTimedWorkflow,
  ensureTimedWorkflow,
  removeTimedWorkflow,
  type TimedWorkflow,
  triggerTimedWorkflow,
} from './timed-workflows.ts';

const seed = 7;

/** Takes the schedules that pipelines declare into the wanted set; those changed through the API stay as they are. */
export async function adoptDeclarations(db: Database, catalog: Catalog): Promise<void> {
  for (const entry of catalog.values()) {
    const { name } = entry;
    const { schedule } = entry.declaration;
    if (schedule === undefined) {
      await dropUndeclaredSchedule(db, name);
      continue;
    }
    await adoptDeclaredSchedule(db, {
      pipeline: name,
      cron: schedule.cron,
      timezone: schedule.timezone,
      source: schedule.source,
      parameters: runParameters(entry, {}),
      jitter: schedule.jitter ?? null,
      paused: schedule.paused,
    });
  }
}

/**
 * Makes Temporal's schedules agree with the wanted set. Safe to repeat, and from several processes.
 * @throws TemporalUnavailable
 */
export async function ensureSchedules(deps: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  logger: Logger;
}): Promise<void> {
  for (const wanted of await listWantedSchedules(deps.db)) {
    const { pipeline } = wanted;
    const entry = deps.catalog.get(pipeline);
    try {
      if (wanted.deleted || entry === undefined) await removeSchedule(deps.temporal, pipeline);
      else await ensureSchedule(deps.temporal, wanted, entry);
    } catch (error) {
      // One that Temporal refuses must not keep the others from agreeing.
      if (error instanceof TemporalUnavailable) throw error;
      deps.logger.error({ err: error, pipeline }, 'a schedule could not be brought into agreement');
    }
  }
}

export const ensureSchedule = (
  temporal: TemporalGateway,
  wanted: WantedSchedule,
  entry: CatalogEntry,
): Promise<void> => ensureTimedWorkflow(temporal, timedRetraining(wanted, entry));

export const removeSchedule = (temporal: TemporalGateway, pipeline: PipelineName): Promise<void> =>
  removeTimedWorkflow(temporal, retrainScheduleId(pipeline));

/** Starts a retraining now, unless one of this schedule is running. @returns whether Temporal has the schedule */
export const triggerSchedule = (temporal: TemporalGateway, pipeline: PipelineName): Promise<boolean> =>
  triggerTimedWorkflow(temporal, retrainScheduleId(pipeline));

/** Null where Temporal does not have it yet. */
export const describeSchedule = (
  temporal: TemporalGateway,
  pipeline: PipelineName,
): Promise<ScheduleDescription | null> => describeTimedWorkflow(temporal, retrainScheduleId(pipeline));

function timedRetraining(wanted: WantedSchedule, entry: CatalogEntry): TimedWorkflow {
  const { pipeline, cron, timezone, source, parameters, jitter, paused } = wanted;
  const request: ScheduledRetraining = {
    pipeline,
    source,
    parameters,
    seed,
    settingsSha256: entry.settings.sha256,
    requestedBy: 'schedule',
    ...trainingPlan(entry.declaration, parameters),
  };
  return {
    scheduleId: retrainScheduleId(pipeline),
    cron,
    timezone,
    jitter,
    paused,
    action: {
      workflowType: workflowTypes.retrainModel,
      taskQueue: taskQueues.workflow,
      args: [request],
      staticSummary: `scheduled retraining of ${pipeline} from ${source}`,
      typedSearchAttributes: [
        { key: searchAttributes.pipeline, value: pipeline },
        { key: searchAttributes.runKind, value: 'retrain' },
      ],
    },
  };
}
