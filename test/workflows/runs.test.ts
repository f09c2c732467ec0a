import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunOutcome } from '../../contracts/activities.ts';
import { deployWorkflowId, type RunId, scheduledRunId, sha256Schema } from '../../contracts/ids.ts';
import { payloadLimitBytes } from '../../contracts/payload.ts';
import {
  type RunRequest,
  runMessages,
  type ScheduledRetraining,
  workflowTypes,
} from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { readProduction } from '../../db/queries/models.ts';
import { deployments } from '../../db/schema/deployments.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runArtifacts, runSteps, runs } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import {
  createRunRequest,
  createTestService,
  startRetraining,
  startRun,
  type TestService,
  until,
} from './test-service.ts';

describeTemporal('runs on a real server', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
    await service.startWorker();
  });
  afterAll(() => service.close());

  const start = (request: RunRequest) => startRun(service, request);
  const finish = async (request: RunRequest): Promise<RunOutcome> => (await start(request)).result();
  const readRun = async (runId: RunId) => {
    const [run] = await service.database.db.select().from(runs).where(eq(runs.id, runId));
    if (run === undefined) throw new Error(`there is no run ${runId}`);
    return run;
  };
  const fileNames = async ({ runId }: RunRequest): Promise<string[]> => {
    const { db } = service.database;
    const files = await db
      .select({ name: runArtifacts.name })
      .from(runArtifacts)
      .where(eq(runArtifacts.runId, runId));
    return files.map(({ name }) => name);
  };
  const productionVersion = async () =>
    (await readProduction(service.database.db, createRunRequest().pipeline))?.version ?? null;

  test('a training run ends at a registered version, with its steps and files recorded', async () => {
    const request = createRunRequest({ kind: 'train' });
    const outcome = await finish(request);
    const run = await readRun(request.runId);
    expect(outcome).toMatchObject({ status: 'succeeded', modelVersion: run.modelVersion });
    expect(run).toMatchObject({ status: 'succeeded', champion: 'linear' });
    expect(await productionVersion()).toBeNull();
    const [version] = await service.database.db
      .select()
      .from(modelVersions)
      .where(eq(modelVersions.runId, request.runId));
    const { r2 } = version?.intervals ?? {};
    expect(r2?.low).toBeLessThan(version?.metrics.r2 ?? Number.NaN);
    expect(r2?.high).toBeGreaterThan(version?.metrics.r2 ?? Number.NaN);
    expect(r2?.minusBaseline?.low).toBeGreaterThan(0);

    const steps = await service.database.db.select().from(runSteps).where(eq(runSteps.runId, request.runId));
    expect(
      steps
        .sort((a, b) => a.position - b.position)
        .map(({ step, status, attempt }) => [step, status, attempt]),
    ).toEqual(
      [
        'loadData',
        'validateData',
        'buildRows',
        'trainCandidate:linear',
        'evaluateCandidate',
        'registerModel',
        'explainModel',
      ].map((step) => [step, 'succeeded', 1]),
    );
    expect(await fileNames(request)).toEqual(
      expect.arrayContaining([
        'validation.json',
        'validation.html',
        'rows.parquet',
        'evaluation.json',
        'importances.json',
        'candidates.json',
        'model.gz',
        'columns.json',
        'preparation.json',
        'model-check.json',
        'prepared.parquet',
        'explanation.json',
        'explanation.html',
      ]),
    );
  });

  test('a run that passes its gate is in production, with one row in the ledger', async () => {
    const request = createRunRequest();
    const outcome = await finish(request);
    expect(outcome.status).toBe('succeeded');
    const run = await readRun(request.runId);
    expect(await productionVersion()).toBe(run.modelVersion);
    const ledger = await service.database.db
      .select()
      .from(deployments)
      .where(eq(deployments.runId, request.runId));
    expect(ledger).toMatchObject([{ action: 'promote', toVersion: run.modelVersion, actor: 'test' }]);
  });

  test('segments pass their gate, and those of the next version are matched to them', async () => {
    const segments = (seed: number): RunRequest =>
      createRunRequest({
        pipeline: 'customer-segments',
        // Of about 300 customers: with fewer than 200 in common there is nothing to match.
        source: 'demo:retail?rows=12000&seed=7',
        candidates: ['kmeans'],
        seed,
      });
    const first = await finish(segments(1));
    expect(first).toMatchObject({ status: 'succeeded', verdict: { comparison: 'no-production' } });
    const request = segments(2);
    const second = await finish(request);
    expect(second).toMatchObject({ status: 'succeeded', verdict: { comparison: 'continuous' } });
    expect(await fileNames(request)).toEqual(
      expect.arrayContaining([
        'segments.json',
        'segments.html',
        'assignments.csv',
        'clusters-compared.json',
        'projection.json',
        'cluster-plot.svg',
        'elbow.svg',
        'continuity.json',
      ]),
    );
  });

  test('a run that falls short of minR2 0.92 is rejected by that number, and production stays', async () => {
    const before = await productionVersion();
    const request = createRunRequest({ parameters: { minR2: 0.92 } });
    const outcome = await finish(request);
    if (outcome.status !== 'rejected') throw new Error(`the run ended as ${outcome.status}`);
    const [short] = outcome.verdict.checks.filter(({ passed }) => !passed);
    const [version] = await service.database.db
      .select()
      .from(modelVersions)
      .where(eq(modelVersions.runId, request.runId));
    expect(short).toMatchObject({ check: 'minR2', bound: 0.92, value: version?.metrics.r2 });
    expect(short?.message).toContain('0.92');
    expect(await productionVersion()).toBe(before);
    expect(await readRun(request.runId)).toMatchObject({
      status: 'rejected',
      verdict: { outcome: 'rejected' },
    });
  });

  test('a scheduled retraining on unchanged data is skipped, and says why', async () => {
    const { runId: _, kind: __, reason: ___, ...scheduled } = createRunRequest();
    const workflowId = 'retrain:olist-score-2026-01-01T03:00:00Z';
    const outcome: RunOutcome = await service.client.workflow.execute(workflowTypes.retrainModel, {
      workflowId,
      taskQueue: taskQueues.workflow,
      args: [scheduled satisfies ScheduledRetraining],
    });
    expect(outcome).toMatchObject({ status: 'skipped', reason: expect.stringContaining('unchanged') });
    expect(await readRun(scheduledRunId(workflowId))).toMatchObject({ status: 'skipped', kind: 'retrain' });
    const { events } = await service.client.workflow.getHandle(workflowId).fetchHistory();
    const deciding = events?.find(
      ({ activityTaskScheduledEventAttributes: scheduled }) =>
        scheduled?.activityType?.name === 'decideRetraining',
    )?.activityTaskScheduledEventAttributes;
    // It reads as much as `loadData` does.
    expect(Number(deciding?.startToCloseTimeout?.seconds)).toBe(15 * 60);
    expect(Number(deciding?.heartbeatTimeout?.seconds)).toBe(8);
  });

  test('a retraining with a reason trains and goes through the gate', async () => {
    const request = createRunRequest({ kind: 'retrain', source: 'demo:olist?rows=1600&seed=8' });
    const outcome = await (await startRetraining(service, request)).result();
    expect(['succeeded', 'rejected']).toContain(outcome.status);
    const run = await readRun(request.runId);
    expect(run.reason).toContain('new data');
    expect(run.modelVersion).not.toBeNull();
  });

  test('cancelling stops the training within 5 seconds and leaves production untouched', async () => {
    const before = await productionVersion();
    // A depth and a number of trees that keep a thread busy for minutes.
    const request = createRunRequest({
      candidates: ['random-forest'],
      source: 'demo:olist?rows=20000&seed=7',
    });
    const handle = await start(request);
    await until(async () => {
      const steps = await service.database.db
        .select()
        .from(runSteps)
        .where(eq(runSteps.runId, request.runId));
      return steps.some(({ step, progress }) => step === 'trainCandidate:random-forest' && progress > 0);
    });
    const askedMs = performance.now();
    await handle.executeUpdate(runMessages.cancel, { args: ['no longer needed'] });
    const outcome = await handle.result();
    expect(performance.now() - askedMs).toBeLessThan(5_000);
    expect(outcome).toEqual({ status: 'cancelled', reason: 'no longer needed' });
    expect(await readRun(request.runId)).toMatchObject({ status: 'cancelled', modelVersion: null });
    expect(await productionVersion()).toBe(before);
    const [step] = await service.database.db
      .select()
      .from(runSteps)
      .where(eq(runSteps.step, 'trainCandidate:random-forest'));
    expect(step?.status).toBe('cancelled');
  });

  test('a deployment waits, queued, while another of its pipeline is under way', async () => {
    const request = createRunRequest();
    // Whatever holds the workflow id is a deployment to those who come after.
    const holder = await service.client.workflow.start(workflowTypes.continuousDeployment, {
      workflowId: deployWorkflowId(request.pipeline),
      taskQueue: taskQueues.workflow,
      args: [createRunRequest({ candidates: ['random-forest'], source: 'demo:olist?rows=20000&seed=7' })],
    });
    const handle = await start(request);
    await until(async () => (await readRun(request.runId)).status === 'queued');
    await holder.executeUpdate(runMessages.cancel, { args: ['makes room'] });
    expect(await handle.result()).toMatchObject({ status: 'succeeded' });
    expect(await readRun(request.runId)).toMatchObject({ status: 'succeeded' });
  });

  test('a cancellation without a reason is refused', async () => {
    const request = createRunRequest({ kind: 'train' });
    const handle = await start(request);
    await expect(handle.executeUpdate(runMessages.cancel, { args: [' '] })).rejects.toMatchObject({
      cause: { type: 'CancelRefused' },
    });
    await expect(
      handle.executeUpdate(runMessages.cancel, { args: ['x'.repeat(2_001)] }),
    ).rejects.toMatchObject({ cause: { type: 'CancelRefused' } });
    expect(await handle.result()).toMatchObject({ status: 'succeeded' });
  });

  test('a cancellation takes a reason as long as the API takes', async () => {
    const handle = await start(createRunRequest({ kind: 'train' }));
    const reason = 'x'.repeat(2_000);
    await handle.executeUpdate(runMessages.cancel, { args: [reason] });
    expect(await handle.result()).toEqual({ status: 'cancelled', reason });
  });

  test('a source that does not exist fails the run at once, naming step and cause', async () => {
    const request = createRunRequest({ source: `upload:${crypto.randomUUID()}` });
    await expect(finish(request)).rejects.toThrow();
    const run = await readRun(request.runId);
    expect(run.outcome).toMatchObject({
      status: 'failed',
      failure: { type: 'NotFound', step: 'loadData', message: expect.stringContaining('there is no upload') },
    });
  });

  test('a run accepted with other settings than the worker’s fails at once and says so', async () => {
    const settingsSha256 = sha256Schema.parse('f'.repeat(64));
    const request = createRunRequest({ settingsSha256 });
    await expect(finish(request)).rejects.toThrow();
    expect(await readRun(request.runId)).toMatchObject({
      settingsSha256,
      outcome: {
        failure: {
          type: 'SettingsDiffer',
          step: 'loadData',
          message: expect.stringContaining(`accepted with the settings ${settingsSha256} of olist-score`),
        },
      },
    });
  });

  test('a candidate that its learner refuses is left out, with its reason; the run goes on with the others', async () => {
    const request = createRunRequest({ pipeline: 'refused-candidate', candidates: ['unfit', 'linear'] });
    expect(await finish(request)).toMatchObject({ status: 'succeeded' });
    expect(await readRun(request.runId)).toMatchObject({ status: 'succeeded', champion: 'linear' });
    const steps = await service.database.db.select().from(runSteps).where(eq(runSteps.runId, request.runId));
    const trained = steps.filter(({ step }) => step.startsWith('trainCandidate:'));
    expect(Object.fromEntries(trained.map(({ step, status }) => [step, status]))).toEqual({
      'trainCandidate:unfit': 'failed',
      'trainCandidate:linear': 'succeeded',
    });
    expect(trained.find(({ status }) => status === 'failed')?.message).toContain('linear: ');
  });

  test('a run whose every candidate is refused fails with the reason of the first', async () => {
    const request = createRunRequest({ pipeline: 'refused-candidate', candidates: ['unfit'] });
    await expect(finish(request)).rejects.toThrow();
    expect((await readRun(request.runId)).outcome).toMatchObject({
      status: 'failed',
      failure: { type: 'LearnerFailed', step: 'trainCandidate' },
    });
  });

  test('an oversize payload fails its own run before the server ends it', async () => {
    const request = createRunRequest({ source: `folder:/${'x'.repeat(payloadLimitBytes)}` });
    const handle = await start(request);
    await expect(handle.result()).rejects.toThrow();
    const { status } = await handle.describe();
    expect(status.name).toBe('FAILED');
  });
});
