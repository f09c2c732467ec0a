import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deploymentSchema, deploymentStartedSchema } from '../../contracts/http/models.ts';
import { deployWorkflowId } from '../../contracts/ids.ts';
import { readProduction } from '../../db/queries/models.ts';
import { removeDeadReplicas } from '../../db/queries/replicas.ts';
import { replicaHeartbeats, replicas } from '../../db/schema/replicas.ts';
import { waitUntil } from '../../local/processes.ts';
import { fitModel, promote, registerModel } from '../api/models.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createTestService, type TestService, type WorkerProcess } from '../workflows/test-service.ts';
import { type ApiProcess, startApi, waitUntilServed } from './api-process.ts';
import { valuation } from './valuation.ts';

const { name } = valuation;

describeTemporal('a deployment asked of the API', () => {
  let service: TestService;
  let api: ApiProcess;
  let worker: WorkerProcess;
  beforeAll(async () => {
    service = await createTestService();
    const { db } = service.database;
    for (const slope of [2, 3, 4]) await registerModel(db, valuation, fitModel(valuation, slope));
    await promote(db, name, 1, null);
    await promote(db, name, 2, 1);
    api = await startApi(service.apiOptions);
    worker = await service.startWorker();
    await waitUntilServed(api, name, 2);
  });
  afterAll(async () => {
    await api.stop();
    await service.close();
  });

  const post = async (path: string): Promise<Response> =>
    fetch(`${api.url}/api/v1/models/valuation/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
  const production = async () => (await readProduction(service.database.db, name))?.version;
  /** Type and message of what the deployment failed with; undefined where it succeeded. */
  const endOfDeployment = async (): Promise<{ type: string; message: string } | undefined> => {
    try {
      await service.client.workflow.getHandle(deployWorkflowId(name)).result();
      return undefined;
    } catch (error) {
      let cause = error;
      while (
        cause instanceof WorkflowFailedError ||
        cause instanceof ActivityFailure ||
        cause instanceof ChildWorkflowFailure
      )
        cause = cause.cause;
      if (!(cause instanceof ApplicationFailure)) throw error;
      return { type: cause.type ?? '', message: cause.message };
    }
  };

  test('of a version that does not reproduce its golden rows fails and says so; production stays', async () => {
    const artifact = fitModel(valuation, 5);
    const [first, ...others] = artifact.goldenRows;
    const goldenRows = first === undefined ? [] : [{ ...first, score: [1] }, ...others];
    const version = await registerModel(service.database.db, valuation, { ...artifact, goldenRows });
    expect((await post(`versions/${version}/promote`)).status).toBe(202);
    const failure = await endOfDeployment();
    expect(failure?.type).toBe('NotServable');
    expect(failure?.message).toMatch(/replica .* cannot load valuation version 4: golden row 0 scores/);
    expect(await production()).toBe(2);
  });

  test('is held back no longer by a replica that was killed than by its last heartbeat, and its rows go', async () => {
    const killed = await startApi(service.apiOptions);
    await waitUntilServed(killed, name, 2);
    await killed.kill();
    const beganMs = performance.now();
    expect((await post('versions/3/promote')).status).toBe(202);
    expect(await endOfDeployment()).toBeUndefined();
    expect(await production()).toBe(3);
    // Ten seconds is the life of a heartbeat; twenty the bound for a replica that lives and is silent.
    expect(performance.now() - beganMs).toBeLessThan(18_000);

    const { db } = service.database;
    const ghost = randomUUID();
    await db.insert(replicaHeartbeats).values({ replicaId: ghost, seenAt: '2020-01-01T00:00:00Z' });
    await db.insert(replicas).values({
      replicaId: ghost,
      pipeline: name,
      version: 1,
      state: 'loaded',
      at: '2020-01-01T00:00:00Z',
    });
    await removeDeadReplicas(db);
    const left = await db.select({ replicaId: replicas.replicaId }).from(replicas);
    expect(left.map(({ replicaId }) => replicaId)).not.toContain(ghost);
    const beats = await db.select({ replicaId: replicaHeartbeats.replicaId }).from(replicaHeartbeats);
    expect(beats.map(({ replicaId }) => replicaId)).not.toContain(ghost);
    expect(beats.length).toBeGreaterThan(0);
  });

  test('to roll back is refused where another version came into production meanwhile', async () => {
    await worker.stop();
    expect(await production()).toBe(3);
    const { links } = deploymentStartedSchema.parse(await (await post('rollback')).json());
    await promote(service.database.db, name, 1, 3);
    worker = await service.startWorker();
    const failure = await endOfDeployment();
    expect(failure).toMatchObject({ type: 'StaleVersion' });
    expect(failure?.message).toContain(
      'production is at version 1, but the promotion was decided against version 3',
    );
    const shown = await fetch(`${api.url}${links.deployment}`);
    expect(deploymentSchema.parse(await shown.json())).toMatchObject({ status: 'failed', failure });
    expect(await production()).toBe(1);
    await waitUntil(async () => ((await post('rollback')).status === 409 ? true : undefined), {
      withinMs: 10_000,
      what: 'a rollback with nothing to go back to to be refused',
    });
  });
});
