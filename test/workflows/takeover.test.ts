import { and, count, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunId, trainWorkflowId } from '../../contracts/ids.ts';
import { deployments } from '../../db/schema/deployments.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runCandidates, runSteps } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { type Attempt, activitiesOf, pendingAttempts } from './attempts.ts';
import { createRunRequest, createTestService, startRun, type TestService, until } from './test-service.ts';

/** A heartbeat timeout of 8 s, the pause before the next attempt, and the polling of this test. */
const mostSecondsToGoOn = 12;
const candidates = ['linear', 'gradient-boosting', 'random-forest'];

describeTemporal('a worker killed amid training while a second one runs', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  const hashesOf = async (runId: RunId) => {
    const { db } = service.database;
    const trained = await db.select().from(runCandidates).where(eq(runCandidates.runId, runId));
    const versions = await db.select().from(modelVersions).where(eq(modelVersions.runId, runId));
    return {
      candidates: Object.fromEntries(
        trained.map(({ candidate, artifactSha256 }) => [candidate, artifactSha256]),
      ),
      versions: versions.map(({ artifactSha256 }) => artifactSha256),
    };
  };

  test(`is taken over within ${mostSecondsToGoOn} s; finished candidates stay finished, and the model is the same to the bit`, {
    timeout: 240_000,
  }, async () => {
    const [first, second] = await Promise.all([
      service.startWorker({ cpuSlots: 1 }),
      service.startWorker({ cpuSlots: 1 }),
    ]);
    const workers = new Map([first, second].map((worker) => [worker.pid, worker]));
    const source = 'demo:olist?rows=8000&seed=7';
    const undisturbed = createRunRequest({ candidates, source, kind: 'train' });
    await (await startRun(service, undisturbed)).result();

    const request = createRunRequest({ candidates, source });
    const handle = await startRun(service, request);
    const amid = await until(async () => {
      const fits = await activitiesOf(service, trainWorkflowId(request.runId), 'trainCandidate');
      if (!fits.some(({ completed }) => completed)) return;
      const attempts = await pendingAttempts(service, trainWorkflowId(request.runId));
      const fit = attempts.find((attempt) => isFit(attempt) && attempt.isStarted);
      const candidate = String(fits.find(({ id }) => id === fit?.id)?.input.candidate);
      const [step] = await service.database.db
        .select()
        .from(runSteps)
        .where(and(eq(runSteps.runId, request.runId), eq(runSteps.step, `trainCandidate:${candidate}`)));
      if (fit !== undefined && (step?.progress ?? 0) > 0) return { ...fit, candidate };
    }, 120_000);
    const killedMs = performance.now();
    await workers.get(amid.pid)?.kill();
    await until(async () => {
      const attempts = await pendingAttempts(service, trainWorkflowId(request.runId));
      const fit = attempts.find(({ id }) => id === amid.id);
      return fit !== undefined && fit.attempt > amid.attempt && fit.isStarted;
    });
    expect((performance.now() - killedMs) / 1000).toBeLessThan(mostSecondsToGoOn);
    const outcome = await handle.result();
    expect(outcome.status).toBe('succeeded');

    const fits = await activitiesOf(service, trainWorkflowId(request.runId), 'trainCandidate');
    expect(Object.fromEntries(fits.map(({ input, attempt }) => [input.candidate, attempt]))).toEqual(
      Object.fromEntries(candidates.map((candidate) => [candidate, candidate === amid.candidate ? 2 : 1])),
    );
    expect(fits).toHaveLength(candidates.length);
    expect(await hashesOf(request.runId)).toEqual(await hashesOf(undisturbed.runId));
    const { db } = service.database;
    expect(await db.select({ n: count() }).from(runCandidates)).toEqual([{ n: 2 * candidates.length }]);
    expect(await db.select({ n: count() }).from(modelVersions)).toEqual([{ n: 2 }]);
    expect(await db.select({ n: count() }).from(deployments)).toEqual([{ n: 1 }]);
  });
});

const isFit = ({ activity }: Attempt): boolean => activity === 'trainCandidate';
