import { count, eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reviewsAcceptedSchema } from '../../contracts/http/reviews.ts';
import { reviewsWorkflowId } from '../../contracts/ids.ts';
import { type IngestStats, ingestMessages } from '../../contracts/ingest.ts';
import { reviewBatches, reviews } from '../../db/schema/reviews.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { type ApiProcess, startApi } from '../serving/api-process.ts';
import { createTestService, type TestService, until } from './test-service.ts';

describeTemporal('reviews on their way from a request to the workflow of their source', () => {
  let service: TestService;
  let api: ApiProcess;
  beforeAll(async () => {
    service = await createTestService();
    api = await startApi({ ...service.apiOptions, environment: { PERENNIAL_HOME: service.home } });
    await service.startWorker();
  });
  afterAll(async () => {
    await api.stop();
    await service.close();
  });

  const send = async (body: string) => {
    const headers = { 'content-type': 'application/x-ndjson' };
    const answer = await fetch(`${api.url}/api/v1/reviews`, { method: 'POST', headers, body });
    return reviewsAcceptedSchema.parse(await answer.json());
  };
  const lines = (source: string, from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) =>
      JSON.stringify({
        source,
        id: String(from + n),
        text: `Order ${from + n} arrived in good order.`,
        rating: 4,
      }),
    ).join('\n');

  test('wait there while no model is in production, and none is lost', async () => {
    const source = 'waiting.example';
    expect(await send(lines(source, 0, 1_500))).toMatchObject({ accepted: 1_500 });
    expect(await send(lines(source, 1_000, 2_500))).toMatchObject({ accepted: 1_000, duplicates: 500 });
    const { db } = service.database;
    await until(async () => {
      const batches = await db.select().from(reviewBatches).where(eq(reviewBatches.source, source));
      return batches.length > 0 && batches.every(({ status }) => status === 'waiting');
    });
    const [stored] = await db.select({ count: count() }).from(reviews).where(eq(reviews.source, source));
    expect(stored?.count).toBe(2_500);
    const workflow = service.client.workflow.getHandle(reviewsWorkflowId(source));
    const stats = await until(async () => {
      const found = await workflow.query<IngestStats>(ingestMessages.stats);
      return found.waiting === 0 && found;
    });
    expect(stats).toMatchObject({ scored: 0, quarantined: 0, failures: 0 });
  });
});
