import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  deploymentSchema,
  deploymentStartedSchema,
  ledgerSchema,
  modelListSchema,
  modelVersionListSchema,
  modelVersionSchema,
} from '../../contracts/http/models.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { promoteVersion } from '../../db/queries/deployments.ts';
import { decodeArtifact } from '../../ml/artifact.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { fitModel, promote, registerModel } from './models.ts';
import { valuation } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const models = '/api/v1/models/valuation';

describeTemporal('models and deployments', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
    for (const slope of [2, 3, 4]) await registerModel(service.db, valuation, fitModel(valuation, slope));
    await promote(service.db, valuation.name, 1, null);
    await promote(service.db, valuation.name, 2, 1);
  });
  afterAll(() => service.stop());
  const endDeployment = () =>
    service.temporal.call((client) =>
      client.workflow.getHandle('deploy:valuation').terminate('end of the test'),
    );

  test('versions come newest first with lineage, aliases and their artifact', async () => {
    const { items } = await readAs(modelListSchema, service.get('/api/v1/models'));
    expect(items[0]).toMatchObject({ pipeline: 'valuation', versions: 3, latest: 3, production: 2 });
    const first = await readAs(modelVersionListSchema, service.get(`${models}/versions?limit=2`));
    const rest = await readAs(
      modelVersionListSchema,
      service.get(`${models}/versions?limit=2&cursor=${first.nextCursor}`),
    );
    const versions = [...first.items, ...rest.items];
    expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
      [3, []],
      [2, ['production']],
      [1, []],
    ]);
    const one = await readAs(modelVersionSchema, service.get(`${models}/versions/3`));
    expect(one.lineage).toMatchObject({ seed: 7, codeVersion: 'test' });
    const answer = await service.get(one.artifact.href);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    expect(bytes).toHaveLength(one.artifact.bytes);
    expect(decodeArtifact(bytes).baseline).toBe(4);
    await readAs(problemSchema, service.get(`${models}/versions/9`), 404);
  });

  test('a promotion starts one deployment; the same key answers it again, another waits its turn', async () => {
    const headers = { 'idempotency-key': 'promote-3' };
    const started = await readAs(
      deploymentStartedSchema,
      service.send(`${models}/versions/3/promote`, { reason: 'better' }, headers),
      202,
    );
    expect(started).toMatchObject({ version: 3, requestId: 'promote-3', workflowId: 'deploy:valuation' });
    const workflow = await service.temporal.call((client) =>
      client.workflow.getHandle(started.workflowId).describe(),
    );
    expect(workflow.type).toBe('deployModel');
    await readAs(deploymentStartedSchema, service.send(`${models}/versions/3/promote`, {}, headers), 202);
    const problem = await readAs(problemSchema, service.send(`${models}/versions/1/promote`, {}), 409);
    expect(problem.detail).toContain('under way');
    await endDeployment();
  });

  test('of a deployment is told that it runs, or why it failed, until the next one begins', async () => {
    const promote = (key: string) =>
      readAs(
        deploymentStartedSchema,
        service.send(`${models}/versions/3/promote`, {}, { 'idempotency-key': key }),
        202,
      );
    const { links } = await promote('told/1');
    const show = () => readAs(deploymentSchema, service.get(links.deployment));
    const asked = { pipeline: 'valuation', requestId: 'told/1' };
    expect(await show()).toEqual({ ...asked, status: 'running', entry: null, failure: null });
    await endDeployment();
    expect(await show()).toMatchObject({
      ...asked,
      status: 'failed',
      entry: null,
      failure: { type: 'TerminatedFailure' },
    });
    await promote('told/2');
    await endDeployment();
    await readAs(problemSchema, service.get(links.deployment), 404);
  });

  test('what is in production already, or is no version, is not promoted', async () => {
    await readAs(problemSchema, service.send(`${models}/versions/2/promote`, {}), 409);
    await readAs(problemSchema, service.send(`${models}/versions/8/promote`, {}), 404);
  });

  test('a rollback goes back to what the present version replaced, two of them two steps', async () => {
    await promote(service.db, valuation.name, 3, 2);
    const first = await readAs(
      deploymentStartedSchema,
      service.send(`${models}/rollback`, { reason: 'wrong' }, { 'idempotency-key': 'back' }),
      202,
    );
    expect(first.version).toBe(2);
    await endDeployment();
    await promoteVersion(service.db, {
      pipeline: valuation.name,
      version: 2,
      expected: 3,
      action: 'rollback',
      actor: 'test',
      reason: 'wrong',
      runId: null,
      requestId: 'back',
    });
    const repeated = await readAs(
      deploymentStartedSchema,
      service.send(`${models}/rollback`, { reason: 'wrong' }, { 'idempotency-key': 'back' }),
      202,
    );
    expect(repeated.version).toBe(2);
    expect(await readAs(deploymentSchema, service.get(repeated.links.deployment))).toMatchObject({
      status: 'done',
      entry: { action: 'rollback', fromVersion: 3, toVersion: 2 },
      failure: null,
    });
    const second = await readAs(deploymentStartedSchema, service.send(`${models}/rollback`), 202);
    expect(second.version).toBe(1);
    await endDeployment();
  });

  test('the ledger tells what was in production at a moment', async () => {
    const now = await readAs(ledgerSchema, service.get(`${models}/ledger`));
    expect(now.items.map(({ toVersion, action }) => [toVersion, action])).toEqual([
      [2, 'rollback'],
      [3, 'promote'],
      [2, 'promote'],
      [1, 'promote'],
    ]);
    expect(now.production).toMatchObject({ toVersion: 2, reason: 'wrong', actor: 'test' });
    const before = await readAs(ledgerSchema, service.get(`${models}/ledger?at=2020-01-01T00:00:00Z`));
    expect(before).toEqual({ items: [], nextCursor: null, production: null });
    const asked = await readAs(ledgerSchema, service.get(`${models}/ledger?requestId=back`));
    expect(asked.items).toHaveLength(1);
    await readAs(problemSchema, service.get(`${models}/ledger?at=yesterday`), 400);
  });
});
