import { isDeepStrictEqual } from 'node:util';
import {
  ScheduleAlreadyRunning,
  type ScheduleClient,
  type ScheduleDescription,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import type { TemporalGateway } from './temporal.ts';

type Create = Parameters<ScheduleClient['create']>[0] & ScheduleOptions;

/** When a workflow is to be started, and which. */
export type TimedWorkflow = {
  /** Of the schedule; the workflows' ids begin with it. */
  scheduleId: string;
  cron: string;
  timezone: string;
  /** Of `jitterSchema`'s form. */
  jitter: string | null;
  paused: boolean;
  action: Omit<Extract<Create['action'], { type: 'startWorkflow' }>, 'type' | 'workflowId' | 'args'> & {
    args: unknown[];
    taskQueue: string;
  };
};

/** The server's own default is a year: after an outage, everything missed would be made up for. */
const catchupWindow = 6 * 60 * 60 * 1000;

/** Writes to Temporal only where it has something else: each update is an event in the schedule's own history. */
export async function ensureTimedWorkflow(temporal: TemporalGateway, wanted: TimedWorkflow): Promise<void> {
  const options = optionsOf(wanted);
  const described = await describeTimedWorkflow(temporal, wanted.scheduleId);
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
  wanted: ReturnType<typeof optionsOf> & { cron: string },
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

export async function removeTimedWorkflow(temporal: TemporalGateway, scheduleId: string): Promise<void> {
  await temporal.call(({ schedule }) => ifThere(() => schedule.getHandle(scheduleId).delete()));
}

/** Starts one now, unless one of this schedule is running. @returns whether Temporal has the schedule */
export async function triggerTimedWorkflow(temporal: TemporalGateway, scheduleId: string): Promise<boolean> {
  const triggered = await temporal.call(({ schedule }) =>
    ifThere(async () => {
      await schedule.getHandle(scheduleId).trigger(ScheduleOverlapPolicy.SKIP);
      return true;
    }),
  );
  return triggered === true;
}

/** Null where Temporal does not have it yet. */
export async function describeTimedWorkflow(
  temporal: TemporalGateway,
  scheduleId: string,
): Promise<ScheduleDescription | null> {
  const described = await temporal.call(({ schedule }) =>
    ifThere(() => schedule.getHandle(scheduleId).describe()),
  );
  return described ?? null;
}

/** The ids of the schedules that begin so; one that was made a moment ago may not be among them yet. */
export function listTimedWorkflows(temporal: TemporalGateway, prefix: string): Promise<string[]> {
  return temporal.call(async ({ schedule }) => {
    const ids: string[] = [];
    for await (const { scheduleId } of schedule.list())
      if (scheduleId.startsWith(prefix)) ids.push(scheduleId);
    return ids;
  });
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

function optionsOf({ scheduleId, cron, timezone, jitter, paused, action }: TimedWorkflow) {
  return {
    scheduleId,
    spec: {
      // It comes back compiled to a calendar, with its comment: by that it is known again.
      cronExpressions: [`${cron} # ${cron}`],
      timezone,
      jitter: jitter === null ? 0 : jitterMs(jitter),
    },
    action: { type: 'startWorkflow', workflowId: scheduleId, ...action },
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow },
    state: { paused, note: paused ? 'paused' : 'active' },
  } satisfies Create;
}
