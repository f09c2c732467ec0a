import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTemporalGateway, type TemporalGateway } from '../../api/temporal.ts';
import { runWorkflowId } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { runs } from '../../db/schema/runs.ts';
import { waitUntil } from '../../local/processes.ts';
import { createNamespace } from '../api/temporal-namespace.ts';
import { startRelay } from '../environment/relay.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { startApi } from './api-process.ts';
import { valuation } from './valuation.ts';

describeTemporal('an API killed while it starts the workflow of a run', () => {
  let database: TestDatabase;
  let client: DatabaseClient;
  let temporal: { address: string; namespace: string };
  let gateway: TemporalGateway;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
    temporal = await createNamespace();
    const { address, namespace } = temporal;
    gateway = createTemporalGateway({ connectionOptions: { address }, namespace, deadlineMs: 10_000 });
  });
  afterAll(async () => {
    await gateway.close();
    await client.close();
    await database.drop();
  });

  const started = (workflowId: string) =>
    gateway.call(async ({ workflow }) => {
      const found: string[] = [];
      for await (const { runId } of workflow.list({ query: `WorkflowId = "${workflowId}"` }))
        found.push(runId);
      return found;
    });
  const onlyRun = async () => {
    const rows = await client.db.select().from(runs);
    return rows.length === 1 ? rows[0] : undefined;
  };

  // The call to Temporal is under way, and what it says or is answered never arrives.
  for (const held of ['call', 'answer'] as const)
    test(`leaves it to the next, which begins it once: the ${held} was lost`, async () => {
      await client.db.delete(runs);
      const relay = await startRelay(Number(new URL(`http://${temporal.address}`).port));
      const api = await startApi({
        databaseUrl: database.url,
        temporal: { ...temporal, address: `127.0.0.1:${relay.port}` },
      });
      // Its connection to Temporal stands, and its housekeeping, which uses it, is over.
      await waitUntil(async () => (await fetch(`${api.url}/api/v1/schedules`)).ok || undefined, {
        withinMs: 20_000,
        what: 'the API to reach Temporal',
      });
      relay.hold(held);
      const request = fetch(`${api.url}/api/v1/pipelines/${valuation.name}/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'train', source: 'demo:olist?rows=1500&seed=7' }),
      });
      const refused = expect(request).rejects.toThrow('fetch failed');
      const { id } = await waitUntil(onlyRun, { withinMs: 20_000, what: 'the row of the run' });
      const workflowId = runWorkflowId(id);
      if (held === 'answer')
        await waitUntil(async () => (await started(workflowId)).length === 1 || undefined, {
          withinMs: 20_000,
          what: 'the workflow to be started',
        });
      await api.kill();
      await refused;
      await relay.close();
      expect(await onlyRun()).toMatchObject({ id, status: 'queued', startedAt: null });
      expect(await started(workflowId)).toHaveLength(held === 'call' ? 0 : 1);

      // As old as one that counts as forgotten.
      await client.db.update(runs).set({ createdAt: sql`now() - interval '1 minute'` });
      const next = await Promise.all([
        startApi({ databaseUrl: database.url, temporal }),
        startApi({ databaseUrl: database.url, temporal }),
      ]);
      await waitUntil(async () => (await started(workflowId)).length > 0 || undefined, {
        withinMs: 20_000,
        what: 'the workflow to be started',
      });
      await Promise.all(next.map((one) => one.stop()));
      expect(await started(workflowId)).toHaveLength(1);
      expect(await onlyRun()).toMatchObject({ id, status: 'queued' });
    });
});
