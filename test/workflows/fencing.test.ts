import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunId, trainWorkflowId } from '../../contracts/ids.ts';
import { runCandidates, runSteps } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { pendingAttempts } from './attempts.ts';
import { secondsUntilIdle, tellsProcessorTime } from './processor-time.ts';
import { createRunRequest, createTestService, startRun, type TestService, until } from './test-service.ts';

const candidate = 'random-forest';
const step = `trainCandidate:${candidate}`;
const patienceMs = 150_000;
/** What no attempt would write. */
const mark = { seconds: -1, message: 'of the second attempt' };

describeTemporal('a worker that stood still past its heartbeat timeout', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  const readStep = async (runId: RunId) => {
    const [found] = await service.database.db
      .select()
      .from(runSteps)
      .where(and(eq(runSteps.runId, runId), eq(runSteps.step, step)));
    return found;
  };

  test.skipIf(!tellsProcessorTime)(
    'writes nothing over what its successor has written',
    {
      timeout: 360_000,
    },
    async () => {
      const { db } = service.database;
      const request = createRunRequest({
        candidates: [candidate],
        kind: 'train',
        source: 'demo:olist?rows=4000&seed=7',
      });
      const halted = await service.startWorker({ cpuSlots: 1 });
      const handle = await startRun(service, request);
      await until(async () => ((await readStep(request.runId))?.progress ?? 0) > 0.5, patienceMs);
      halted.process.kill('SIGSTOP');
      try {
        await service.startWorker({ cpuSlots: 1 });
        await until(async () => (await readStep(request.runId))?.attempt === 2, patienceMs);
        const [second] = await pendingAttempts(service, trainWorkflowId(request.runId));
        expect(second).toMatchObject({ activity: 'trainCandidate', attempt: 2 });
        expect(second?.pid).not.toBe(halted.pid);
        // Not to the end of the run: what the server gives the one that stands still meanwhile waits for a timeout each.
        await until(async () => (await readStep(request.runId))?.status === 'succeeded', patienceMs);
        const written = await db
          .update(runCandidates)
          .set({ seconds: mark.seconds })
          .where(eq(runCandidates.runId, request.runId))
          .returning();
        await db
          .update(runSteps)
          .set({ message: mark.message })
          .where(and(eq(runSteps.runId, request.runId), eq(runSteps.step, step)));
        expect(written).toHaveLength(1);
      } finally {
        halted.process.kill('SIGCONT');
      }
      // It goes on with its fit until its heartbeat is answered, or to the end: either way it comes to rest.
      await secondsUntilIdle(halted.pid, 120);
      await handle.result();
      const kept = await db.select().from(runCandidates).where(eq(runCandidates.runId, request.runId));
      expect(kept).toMatchObject([{ candidate, seconds: mark.seconds }]);
      expect(await readStep(request.runId)).toMatchObject({
        attempt: 2,
        status: 'succeeded',
        message: mark.message,
      });
    },
  );
});
