import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCatalog } from '../../api/catalog.ts';
import { createTemporalGateway } from '../../api/temporal.ts';
import { projectRoot } from '../../config/paths.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { rescoredSchema } from '../../contracts/http/reviews.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { refreshWorkflowId } from '../../contracts/refresh.ts';
import { reviews } from '../../db/schema/reviews.ts';
import { loadPipelines } from '../../pipelines/registry.ts';
import { takeIn } from '../db/new-reviews.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const name = pipelineNameSchema.parse('review-insights');
const shipped = loadPipelines({ folders: [join(projectRoot, 'pipelines')] }).get(name);
if (shipped === undefined) throw new Error(`${name} is declared`);
const catalogWith = (rescore: boolean) =>
  createCatalog(new Map([[name, { ...shipped, retrain: { ...shipped.retrain, rescore } }]]));

describeTemporal('reviews that another version has scored', () => {
  let temporal: Awaited<ReturnType<typeof createNamespace>>;
  const services: Service[] = [];
  const start = async (rescore: boolean): Promise<Service> => {
    const service = await startService({
      temporal,
      scoringVersion: { pipeline: name, version: 2 },
      change: { catalog: catalogWith(rescore) },
    });
    services.push(service);
    await takeIn(service.db, [{ externalId: '1' }, { externalId: '2' }]);
    return service;
  };
  const outdate = ({ db }: Service) =>
    db
      .update(reviews)
      .set({ status: 'scored', sentiment: 'positive', scoredPipeline: name, scoredVersion: 1 })
      .where(eq(reviews.externalId, '2'));
  const ask = ({ send }: Service) => send('/api/v1/reviews/rescore', {});

  beforeAll(async () => {
    temporal = await createNamespace();
  });
  afterAll(() => Promise.all(services.map((service) => service.stop())));

  test('are scored again by a refresh that somebody asks for, whatever is declared', async () => {
    const service = await start(false);
    expect(await readAs(rescoredSchema, ask(service), 202)).toEqual({ version: 2, reviews: 0 });
    await outdate(service);
    expect(await readAs(rescoredSchema, ask(service), 202)).toEqual({ version: 2, reviews: 1 });
    const gateway = createTemporalGateway({
      connectionOptions: { address: temporal.address },
      namespace: temporal.namespace,
      deadlineMs: 10_000,
    });
    const { status } = await gateway.call((client) =>
      client.workflow.getHandle(refreshWorkflowId).describe(),
    );
    await gateway.close();
    expect(status.name).toBe('RUNNING');
    // The one that is under way began before, and may leave them.
    const { detail } = await readAs(problemSchema, ask(service), 409);
    expect(detail).toMatch(/a refresh is under way, which leaves them/);
  });

  test('are left to the refresh under way, where that scores them by itself', async () => {
    const service = await start(true);
    await outdate(service);
    expect(await readAs(rescoredSchema, ask(service), 202)).toEqual({ version: 2, reviews: 1 });
  });
});

test('cannot be scored again where no version is in production', async () => {
  const service = await startService({});
  await readAs(problemSchema, service.send('/api/v1/reviews/rescore', {}), 409);
  await service.stop();
});
