import {
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
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
import { type Catalog, type CatalogEntry, runParameters, trainingPlan } from './catalog.ts';
import { type TemporalGateway, TemporalUnavailable } from './temporal.ts';

/** The server's own default is a year: after an outage, every missed retraining would be made up for. */
const catchupWindow = '6h';
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

export async function ensureSchedule(
  temporal: TemporalGateway,
  wanted: WantedSchedule,
  entry: CatalogEntry,
): Promise<void> {
  const options = scheduleOptions(wanted, entry);
  await temporal.call(async ({ schedule: client }) => {
    try {
      await client.create(options);
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
      // A complete new spec: the old one comes back compiled to calendars, and mixing the two would fire both.
      const { scheduleId, ...complete } = options;
      await client.getHandle(scheduleId).update(() => ({ ...complete, state: { ...options.state } }));
    }
  });
}

export async function removeSchedule(temporal: TemporalGateway, pipeline: PipelineName): Promise<void> {
  await temporal.call(({ schedule }) =>
    ifThere(() => schedule.getHandle(retrainScheduleId(pipeline)).delete()),
  );
}

/** Starts a retraining now, unless one of this schedule is running. @returns whether Temporal has the schedule */
export async function triggerSchedule(temporal: TemporalGateway, pipeline: PipelineName): Promise<boolean> {
  const triggered = await temporal.call(({ schedule }) =>
    ifThere(async () => {
      await schedule.getHandle(retrainScheduleId(pipeline)).trigger(ScheduleOverlapPolicy.SKIP);
      return true;
    }),
  );
  return triggered === true;
}

/** Null where Temporal does not have it yet. */
export async function describeSchedule(
  temporal: TemporalGateway,
  pipeline: PipelineName,
): Promise<ScheduleDescription | null> {
  const described = await temporal.call(({ schedule }) =>
    ifThere(() => schedule.getHandle(retrainScheduleId(pipeline)).describe()),
  );
  return described ?? null;
}

async function ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

type Create = Parameters<ScheduleClient['create']>[0] & ScheduleOptions;

function scheduleOptions(wanted: WantedSchedule, entry: CatalogEntry) {
  const { pipeline, cron, timezone, source, parameters, jitter, paused } = wanted;
  const request: ScheduledRetraining = {
    pipeline,
    source,
    parameters,
    seed,
    requestedBy: 'schedule',
    ...trainingPlan(entry, parameters),
  };
  return {
    scheduleId: retrainScheduleId(pipeline),
    spec: {
      cronExpressions: [cron],
      timezone,
      ...(jitter === null ? {} : { jitter: jitter as `${number}s` | `${number}m` | `${number}h` }),
    },
    action: {
      type: 'startWorkflow',
      workflowType: workflowTypes.retrainModel,
      workflowId: retrainScheduleId(pipeline),
      taskQueue: taskQueues.workflow,
      args: [request],
      staticSummary: `scheduled retraining of ${pipeline} from ${source}`,
      typedSearchAttributes: [
        { key: searchAttributes.pipeline, value: pipeline },
        { key: searchAttributes.runKind, value: 'retrain' },
      ],
    },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    state: { paused, note: paused ? 'paused' : 'active' },
  } satisfies Create;
}
