import type { TestService } from './test-service.ts';

/** An activity that the server waits for. */
export type Attempt = {
  workflowId: string;
  id: string;
  activity: string;
  attempt: number;
  isStarted: boolean;
  /** The worker process that has it, or had it last. */
  pid: number;
};

const started = 2;

/** What a workflow waits for now; nothing where the workflow is not there, or has ended. */
export async function pendingAttempts({ client }: TestService, workflowId: string): Promise<Attempt[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return (raw.pendingActivities ?? []).map((pending) => ({
    workflowId,
    id: pending.activityId ?? '',
    activity: pending.activityType?.name ?? '',
    attempt: pending.attempt ?? 0,
    isStarted: pending.state === started,
    // The SDK's identity of a worker: `pid@host`.
    pid: Number.parseInt(pending.lastWorkerIdentity ?? '', 10),
  }));
}

/** A scheduling of an activity; `id` is that of its attempts. */
export type Scheduled = { id: string; input: Record<string, unknown>; attempt: number; completed: boolean };

/** From the history: each scheduling of an activity, with the attempt that was started last and whether it completed. */
export async function activitiesOf(
  { client }: TestService,
  workflowId: string,
  activity: string,
): Promise<Scheduled[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const found = new Map<string, Scheduled>();
  for (const event of events ?? []) {
    const schedule = event.activityTaskScheduledEventAttributes;
    if (schedule?.activityType?.name === activity) {
      const data = schedule.input?.payloads?.[0]?.data;
      const input: Record<string, unknown> = JSON.parse(Buffer.from(data ?? []).toString());
      found.set(String(event.eventId), {
        id: schedule.activityId ?? '',
        input,
        attempt: 0,
        completed: false,
      });
    }
    const start = event.activityTaskStartedEventAttributes;
    const startedOne = found.get(String(start?.scheduledEventId));
    if (startedOne !== undefined) startedOne.attempt = start?.attempt ?? 0;
    const completed = found.get(String(event.activityTaskCompletedEventAttributes?.scheduledEventId));
    if (completed !== undefined) completed.completed = true;
  }
  return [...found.values()];
}
