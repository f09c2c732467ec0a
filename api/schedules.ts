import { isDeepStrictEqual } from 'node:util';
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
const catchupWindow = 6 * 60 * 60 * 1000;
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

/** Writes to Temporal only where it has something else: each update is an event in the schedule's own history. */
export async function ensureSchedule(
  temporal: TemporalGateway,
  wanted: WantedSchedule,
  entry: CatalogEntry,
): Promise<void> {
  const options = scheduleOptions(wanted, entry);
  const described = await describeSchedule(temporal, wanted.pipeline);
  if (described !== null && agrees(described, { cron: wanted.cron, ...options })) return;
  await temporal.call(async ({ schedule: client }) => {
    try {
      if (described === null) return void (await client.create(options));
    } catch (error) {
      // Another API was first.
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
    // A complete new spec: the old one comes back compiled to calendars, and mixing the two would fire both.
    const { scheduleId, ...complete } = options;
    await client.getHandle(scheduleId).update(() => ({ ...complete, state: { ...options.state } }));
  });
}

/** Whether the schedule is as it would be written. */
function agrees(
  { spec, action, policies, state }: ScheduleDescription,
  wanted: ReturnType<typeof scheduleOptions> & { cron: string },
): boolean {
  const [calendar, ...others] = spec.calendars ?? [];
  const unasked = [...others, ...(spec.intervals ?? []), ...(spec.skip ?? [])];
  const found = {
    cron: calendar?.comment,
    timezone: spec.timezone ?? 'UTC',
    jitterMs: spec.jitter ?? 0,
    request: action.args,
    workflowType: action.workflowType,
    taskQueue: action.taskQueue,
    policies: { overlap: policies.overlap, catchupWindow: policies.catchupWindow },
    paused: state.paused,
  };
  return (
    unasked.length === 0 &&
    isDeepStrictEqual(found, {
      cron: wanted.cron,
      timezone: wanted.spec.timezone,
      jitterMs: wanted.spec.jitter,
      request: wanted.action.args,
      workflowType: wanted.action.workflowType,
      taskQueue: wanted.action.taskQueue,
      policies: wanted.policies,
      paused: wanted.state.paused,
    })
  );
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

const secondsOfUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Of `jitterSchema`'s form. */
const jitterMs = (jitter: string): number =>
  Number.parseInt(jitter, 10) * 1000 * (secondsOfUnit[jitter.slice(-1)] ?? 1);

type Create = Parameters<ScheduleClient['create']>[0] & ScheduleOptions;

function scheduleOptions(wanted: WantedSchedule, entry: CatalogEntry) {
  const { pipeline, cron, timezone, source, parameters, jitter, paused } = wanted;
  const request: ScheduledRetraining = {
    pipeline,
    source,
    parameters,
    seed,
    settingsSha256: entry.settings.sha256,
    requestedBy: 'schedule',
    ...trainingPlan(entry, parameters),
  };
  return {
    scheduleId: retrainScheduleId(pipeline),
    spec: {
      // It comes back compiled to a calendar, with its comment: by that it is known again.
      cronExpressions: [`${cron} # ${cron}`],
      timezone,
      jitter: jitter === null ? 0 : jitterMs(jitter),
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
