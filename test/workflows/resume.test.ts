import { and, count, eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunOutcome } from '../../contracts/activities.ts';
import { runWorkflowId, trainWorkflowId } from '../../contracts/ids.ts';
import { workflowTypes } from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { deployments, modelVersions, runCandidates, runSteps } from '../../db/schema.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createRunRequest, createTestService, type TestService, until } from './test-service.ts';

describeTemporal('a worker killed amid training', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('is taken over: finished candidates stay finished, and no row is doubled', {
    timeout: 180_000,
  }, async () => {
    // The forest takes several times as long as the other two together.
    const candidates = ['linear', 'decision-tree', 'random-forest'];
    const request = createRunRequest({ candidates, source: 'demo:olist?rows=4000&seed=7' });
    const first = await service.startWorker();
    const handle = await service.client.workflow.start(workflowTypes.continuousDeployment, {
      workflowId: runWorkflowId(request.runId),
      taskQueue: taskQueues.workflow,
      args: [request],
    });
    const finishedBefore = await until(async () => {
      const rows = await service.database.db
        .select({ candidate: runCandidates.candidate })
        .from(runCandidates)
        .where(eq(runCandidates.runId, request.runId));
      // The server must have heard of the end too, not the database alone.
      const ended = await attemptsByCandidate(service, request.runId);
      const finished = rows.filter(({ candidate }) => ended.get(candidate)?.completed === true);
      // The third has begun: what has not cannot be begun a second time.
      const [begun] = await service.database.db
        .select({ n: count() })
        .from(runSteps)
        .where(and(eq(runSteps.runId, request.runId), like(runSteps.step, 'trainCandidate:%')));
      return (
        finished.length === 2 && begun?.n === candidates.length && finished.map(({ candidate }) => candidate)
      );
    }, 120_000);
    await first.kill();
    await service.startWorker();
    const outcome: RunOutcome = await handle.result();
    expect(outcome.status).toBe('succeeded');

    const attempts = await attemptsByCandidate(service, request.runId);
    expect([...attempts.keys()].sort()).toEqual(candidates.toSorted());
    for (const candidate of finishedBefore) expect(attempts.get(candidate)?.attempt).toBe(1);
    const [unfinished = ''] = candidates.filter((candidate) => !finishedBefore.includes(candidate));
    expect(attempts.get(unfinished)?.attempt).toBe(2);

    const { db } = service.database;
    expect(await db.select({ n: count() }).from(runCandidates)).toEqual([{ n: candidates.length }]);
    expect(await db.select({ n: count() }).from(modelVersions)).toEqual([{ n: 1 }]);
    expect(await db.select({ n: count() }).from(deployments)).toEqual([{ n: 1 }]);
  });
});

/** From the history: of each candidate's activity, the attempt that was started last and whether it completed. */
async function attemptsByCandidate(
  service: TestService,
  runId: Parameters<typeof trainWorkflowId>[0],
): Promise<Map<string, { attempt: number; completed: boolean }>> {
  const { events } = await service.client.workflow.getHandle(trainWorkflowId(runId)).fetchHistory();
  const scheduled = new Map<string, string>();
  const attempts = new Map<string, { attempt: number; completed: boolean }>();
  for (const event of events ?? []) {
    const schedule = event.activityTaskScheduledEventAttributes;
    if (schedule?.activityType?.name === 'trainCandidate') {
      const data = schedule.input?.payloads?.[0]?.data;
      const { candidate }: { candidate: string } = JSON.parse(Buffer.from(data ?? []).toString());
      expect([...scheduled.values()]).not.toContain(candidate);
      scheduled.set(String(event.eventId), candidate);
    }
    const started = event.activityTaskStartedEventAttributes;
    const startedCandidate = scheduled.get(String(started?.scheduledEventId));
    if (started != null && startedCandidate !== undefined)
      attempts.set(startedCandidate, { attempt: started.attempt ?? 0, completed: false });
    const completed = event.activityTaskCompletedEventAttributes;
    const done = attempts.get(scheduled.get(String(completed?.scheduledEventId)) ?? '');
    if (done !== undefined) done.completed = true;
  }
  return attempts;
}
