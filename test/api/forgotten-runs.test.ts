import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAbandonedRuns } from '../../api/abandoned-runs.ts';
import { createCatalog } from '../../api/catalog.ts';
import { startForgottenRuns } from '../../api/run-requests.ts';
import { type RunId, runIdSchema, runWorkflowId } from '../../contracts/ids.ts';
import { acknowledgeRun, findRun } from '../../db/queries/run-views.ts';
import { runs } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { valuation } from './pipelines.ts';
import { type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const logger = pino({ level: 'silent' });
const forgottenAfterSeconds = 15;

describeTemporal('a run whose API died before it started the workflow', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
  });
  afterAll(() => service.stop());

  /** What such an API leaves: the row, and nothing else. */
  const leave = async (ageSeconds: number): Promise<RunId> => {
    const id = runIdSchema.parse(randomUUID());
    await acknowledgeRun(service.db, {
      id,
      pipeline: valuation.name,
      kind: 'train',
      source: 'demo:olist',
      parameters: {},
      seed: 1,
      reason: null,
      requestedBy: 'test',
      idempotencyKey: null,
      settingsSha256: null,
      workflowId: runWorkflowId(id),
    });
    await service.db
      .update(runs)
      .set({ createdAt: sql`now() - make_interval(secs => ${ageSeconds})` })
      .where(sql`${runs.id} = ${id}`);
    return id;
  };
  const sweep = (catalog = service.catalog) =>
    startForgottenRuns({ ...service, catalog, logger }, forgottenAfterSeconds);
  const startsOf = (id: RunId) =>
    service.temporal.call(async (client) => {
      const found: string[] = [];
      for await (const { runId } of client.workflow.list({ query: `WorkflowId = "${runWorkflowId(id)}"` }))
        found.push(runId);
      return found;
    });

  test('is begun once, however many APIs find it', async () => {
    const id = await leave(forgottenAfterSeconds + 1);
    await Promise.all([sweep(), sweep(), sweep()]);
    await sweep();
    const { status } = await service.temporal.call((client) =>
      client.workflow.getHandle(runWorkflowId(id)).describe(),
    );
    expect(status.name).toBe('RUNNING');
    await expect.poll(() => startsOf(id)).toHaveLength(1);
    expect(await findRun(service.db, id)).toMatchObject({ status: 'queued' });
  });

  test('is left to its API while that may still be at it', async () => {
    const id = await leave(1);
    await sweep();
    await expect(
      service.temporal.call((client) => client.workflow.getHandle(runWorkflowId(id)).describe()),
    ).rejects.toThrow();
  });

  test('fails with a reason where no API has known its pipeline for ten minutes', async () => {
    const nothing = createCatalog(new Map());
    const recent = await leave(forgottenAfterSeconds + 1);
    const old = await leave(601);
    await sweep(nothing);
    expect(await findRun(service.db, recent)).toMatchObject({ status: 'queued' });
    expect(await findRun(service.db, old)).toMatchObject({
      status: 'failed',
      outcome: { failure: { type: 'NotStarted', message: `pipeline ${valuation.name} is not declared` } },
    });
  });

  test('fails where its workflow was ended before it had begun', async () => {
    const id = await leave(120);
    await sweep();
    await service.temporal.call((client) => client.workflow.getHandle(runWorkflowId(id)).terminate());
    const abandoned = createAbandonedRuns({ ...service, logger });
    await abandoned.end();
    await abandoned.end();
    expect(await findRun(service.db, id)).toMatchObject({
      status: 'failed',
      outcome: { failure: { type: 'WorkflowEnded' } },
    });
  });
});
