import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reviewsAcceptedSchema } from '../../contracts/http/reviews.ts';
import { reviewsWorkflowId } from '../../contracts/ids.ts';
import { type IngestStats, ingestMessages } from '../../contracts/ingest.ts';
import { generateDemo } from '../../data/demo/registry.ts';
import { readReviewFile } from '../../data/reviews/review-files.ts';
import { reviewBatches, reviews } from '../../db/schema/reviews.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { type ApiProcess, startApi } from '../serving/api-process.ts';
import { signalBatches } from './scenarios.ts';
import { createRunRequest, createTestService, startRun, type TestService, until } from './test-service.ts';

describeTemporal('reviews on their way from a request to the workflow of their source', () => {
  let service: TestService;
  let api: ApiProcess;
  beforeAll(async () => {
    service = await createTestService();
    // What is sent here would be reason to retrain on it.
    const settings = join(service.home, 'perennial.yaml');
    writeFileSync(settings, 'pipelines: { review-insights: { retrain: { afterLabels: null } } }');
    api = await startApi({
      ...service.apiOptions,
      environment: { PERENNIAL_HOME: service.home, PERENNIAL_SETTINGS: settings },
    });
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

  const rowsOf = (source: string) =>
    service.database.db.select().from(reviews).where(eq(reviews.source, source));
  const batchesOf = (source: string) =>
    service.database.db.select().from(reviewBatches).where(eq(reviewBatches.source, source));
  const statsOf = (source: string) =>
    service.client.workflow.getHandle(reviewsWorkflowId(source)).query<IngestStats>(ingestMessages.stats);

  test('wait there while no model is in production, and are scored once there is one', {
    timeout: 240_000,
  }, async () => {
    const source = 'waiting.example';
    expect(await send(lines(source, 0, 1_500))).toMatchObject({ accepted: 1_500 });
    expect(await send(lines(source, 1_000, 2_500))).toMatchObject({ accepted: 1_000, duplicates: 500 });
    await until(async () => {
      const batches = await batchesOf(source);
      return batches.length > 0 && batches.every(({ status }) => status === 'waiting');
    });
    await until(async () => (await statsOf(source)).waiting === 0);
    expect(await statsOf(source)).toMatchObject({ scored: 0, quarantined: 0, failures: 0 });

    const handle = await startRun(
      service,
      createRunRequest({
        pipeline: 'review-insights',
        source: 'demo:reviews?rows=1200&seed=7',
        candidates: ['words'],
        topics: true,
        parameters: { minAccuracy: 0, minF1Macro: 0 },
      }),
    );
    expect(await handle.result()).toMatchObject({ status: 'succeeded' });
    await until(async () => (await batchesOf(source)).every(({ status }) => status === 'done'), 120_000);
    const scored = await rowsOf(source);
    expect(scored).toHaveLength(2_500);
    for (const { status, sentiment, probabilities, language, scoredPipeline, scoredVersion } of scored) {
      expect({ status, scoredPipeline, scoredVersion, language }).toEqual({
        status: 'scored',
        scoredPipeline: 'review-insights',
        scoredVersion: 1,
        language: 'en',
      });
      expect(Object.keys(probabilities ?? {})).toContain(sentiment);
    }
    expect(await statsOf(source)).toMatchObject({ scored: 2_500, quarantined: 0 });

    // Of the same making as what the topics were learned from.
    const { files } = await generateDemo({ name: 'reviews', rows: 40, seed: 2, folder: service.sources });
    const told = 'topics.example';
    for (const { path } of files)
      await readReviewFile({
        path,
        source: told,
        async onRecords(records) {
          const sent = records.flatMap((record) => ('line' in record ? [record.line] : []));
          if (sent.length > 0) await send(sent.map((line) => Buffer.from(line).toString()).join('\n'));
        },
      });
    const withTopics = await until(async () => {
      const stored = await rowsOf(told);
      return stored.length === 40 && stored.every(({ status }) => status === 'scored') && stored;
    });
    for (const { topic, topicWeights } of withTopics) expect(topicWeights?.[0]?.topic ?? null).toBe(topic);
    expect(new Set(withTopics.map(({ topic }) => topic)).size).toBeGreaterThan(2);
  });

  test('are told to the workflow in few signals, and one that says nothing costs no other its score', async () => {
    const source = 'busy.example';
    const requests = Array.from({ length: 40 }, (_, n) => send(lines(source, n * 10, n * 10 + 10)));
    await Promise.all([...requests, send(JSON.stringify({ source, id: 'empty', text: '<br> &nbsp;' }))]);
    await until(async () => {
      const stored = await rowsOf(source);
      return stored.length === 401 && stored.every(({ status }) => status !== 'received');
    });
    const refused = (await rowsOf(source)).filter(({ status }) => status === 'quarantined');
    expect(refused.map(({ externalId, reason }) => [externalId, reason])).toEqual([
      ['empty', 'nothing is left of its text without markup and blanks'],
    ]);
    const { events } = await service.client.workflow.getHandle(reviewsWorkflowId(source)).fetchHistory();
    const signals = (events ?? []).filter(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal != null,
    );
    expect(signals.length).toBeLessThan(10);
    const timesMs = signals.map(
      ({ eventTime }) => Number(eventTime?.seconds) * 1000 + (eventTime?.nanos ?? 0) / 1e6,
    );
    const gapsMs = timesMs.slice(1).map((time, i) => time - (timesMs[i] ?? 0));
    expect(Math.min(1_000, ...gapsMs)).toBeGreaterThan(700);
  });

  test('begin a new run of the workflow before its history is full, and it goes on', {
    timeout: 120_000,
  }, async () => {
    const source = 'long.example';
    const maxEvents = 60;
    await signalBatches(service, { source, signals: 20, maxEvents });
    expect(await statsOf(source)).toMatchObject({ failures: 0, waiting: 0 });
    const lengths = await until(async () => {
      const found: number[] = [];
      const query = `WorkflowId = '${reviewsWorkflowId(source)}'`;
      for await (const run of service.client.workflow.list({ query })) found.push(run.historyLength);
      return found.length > 1 && found;
    });
    expect(Math.max(...lengths)).toBeLessThan(maxEvents + 20);
  });
});
