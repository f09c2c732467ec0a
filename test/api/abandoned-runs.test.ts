import { eq, sql } from 'drizzle-orm';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAbandonedRuns } from '../../api/abandoned-runs.ts';
import { runDetailSchema, runStartedSchema } from '../../contracts/http/runs.ts';
import { type RunId, runIdSchema } from '../../contracts/ids.ts';
import { runs } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { valuation } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

describeTemporal('a run that has begun', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
  });
  afterAll(() => service.stop());

  const begin = async (): Promise<{ runId: RunId; workflowId: string }> => {
    const answer = service.send('/api/v1/pipelines/valuation/runs', { kind: 'train' });
    const { runId, workflowId } = await readAs(runStartedSchema, answer, 202);
    const twoMinutesAgo = sql`now() - interval '2 minutes'`;
    await service.db
      .update(runs)
      .set({ status: 'running', startedAt: twoMinutesAgo })
      .where(sql`${runs.id} = ${runId}`);
    return { runId, workflowId };
  };
  const read = (runId: RunId) => readAs(runDetailSchema, service.get(`/api/v1/runs/${runId}`));

  test('fails once its workflow was found terminated twice; one that runs is left alone', async () => {
    const terminated = await begin();
    const running = await begin();
    await service.temporal.call((client) => client.workflow.getHandle(terminated.workflowId).terminate());
    const abandoned = createAbandonedRuns(service);

    await abandoned.end();
    expect((await read(terminated.runId)).status).toBe('running');
    await abandoned.end();
    await abandoned.end();
    expect(await read(terminated.runId)).toMatchObject({
      status: 'failed',
      failure: { type: 'WorkflowEnded', message: `workflow ${terminated.workflowId} has ended: TERMINATED` },
    });
    expect((await read(running.runId)).status).toBe('running');
  });

  test('is found behind more runs than are read at a time', async () => {
    const running = await begin();
    const columns = {
      pipeline: valuation.name,
      kind: 'train',
      source: 'demo:olist',
      parameters: {},
      seed: 1,
    } as const;
    // What they are to the sweep: rows whose workflow runs.
    const many = Array.from({ length: 120 }, () => ({
      ...columns,
      id: runIdSchema.parse(uuidV7()),
      requestedBy: 'test',
      status: 'running' as const,
      startedAt: sql`now() - interval '1 hour'`,
      workflowId: running.workflowId,
    }));
    await service.db.insert(runs).values(many);
    // The newest row and the highest id.
    const terminated = await begin();
    await service.temporal.call((client) => client.workflow.getHandle(terminated.workflowId).terminate());
    const abandoned = createAbandonedRuns(service);
    await abandoned.end();
    await abandoned.end();
    expect((await read(terminated.runId)).status).toBe('failed');
    const rows = await service.db
      .select({ status: runs.status })
      .from(runs)
      .where(eq(runs.workflowId, running.workflowId));
    expect(rows.map(({ status }) => status)).toEqual(Array(many.length + 1).fill('running'));
  });

  test('can be cancelled though its workflow was terminated', async () => {
    const { runId, workflowId } = await begin();
    await service.temporal.call((client) => client.workflow.getHandle(workflowId).terminate());
    const answer = await service.send(`/api/v1/runs/${runId}/cancel`, { reason: 'not needed' });
    expect(answer.ok).toBe(true);
    expect(await read(runId)).toMatchObject({ status: 'cancelled', outcomeReason: 'not needed' });
  });
});
