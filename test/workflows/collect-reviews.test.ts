import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { count, countDistinct, eq, sql } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/create-activities.ts';
import { compiledFile } from '../../config/paths.ts';
import {
  type CollectionEnd,
  type CollectionRequest,
  collectionIdOf,
  collectWorkflowId,
  refreshStages,
} from '../../contracts/collections.ts';
import { type Collector, collectorSchema } from '../../contracts/collector.ts';
import { runIdSchema } from '../../contracts/ids.ts';
import { type RefreshReport, type RefreshRequest, refreshWorkflowId } from '../../contracts/refresh.ts';
import { workflowTypes } from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { listStages } from '../../db/queries/collection-stages.ts';
import { findCollection } from '../../db/queries/collections.ts';
import { findRun } from '../../db/queries/run-views.ts';
import { reviews } from '../../db/schema/reviews.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool } from '../../threads/pool.ts';
import { createWorkers } from '../../worker/create-workers.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { type Answer, sends, startReviewServer, trustpilotPage } from '../data/collect/review-server.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { sourceReaders } from '../source-readers.ts';
import { createRunRequest, createTestService, startRun, type TestService, until } from './test-service.ts';

describeTemporal('a round of a collector', () => {
  let service: TestService;
  beforeAll(async () => {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: { logging: { filter: { core: 'ERROR' } } },
    });
    service = await createTestService();
  });
  afterAll(() => service.close());

  const start = (
    { name }: Pick<Collector, 'name'>,
    round = 'test',
    more: Partial<CollectionRequest> = {},
  ) => {
    const workflowId = collectWorkflowId(name, round);
    return service.client.workflow.start<(request: CollectionRequest) => Promise<CollectionEnd>>(
      workflowTypes.collectReviews,
      {
        workflowId,
        taskQueue: taskQueues.workflow,
        args: [{ collector: name, requestedBy: 'test', ...more }],
      },
    );
  };
  const idOf = ({ name }: Pick<Collector, 'name'>, round = 'test') =>
    collectionIdOf(collectWorkflowId(name, round));
  const roundOf = (collector: Pick<Collector, 'name'>, round?: string) =>
    findCollection(service.database.db, idOf(collector, round));
  const declare = (name: string): { collector: Collector; path: string } => {
    const path = join(service.sources, name);
    const collector = collectorSchema.parse({ kind: 'folder', name, title: 'x', source: name, path });
    mkdirSync(path);
    mkdirSync(join(service.home, 'collectors'), { recursive: true });
    // JSON is YAML.
    writeFileSync(join(service.home, 'collectors', `${name}.yaml`), JSON.stringify(collector));
    return { collector, path };
  };
  /** A file that nobody has written to for a minute. */
  const put = (file: string, lines: readonly string[]): void => {
    writeFileSync(file, `id,text,rating\n${lines.join('\n')}\n`);
    utimesSync(file, 0, Date.now() / 1000 - 60);
  };
  const storedOf = async (source: string) => {
    const [row] = await service.database.db
      .select({ all: count(), ids: countDistinct(reviews.externalId) })
      .from(reviews)
      .where(eq(reviews.source, source));
    return row;
  };

  test('goes on where its worker was killed, and takes in everything once', {
    timeout: 180_000,
  }, async () => {
    const files = 16;
    const perFile = 200;
    const { collector, path } = declare('killed');
    for (let file = 0; file < files; file++)
      put(
        join(path, `${file}.csv`),
        Array.from({ length: perFile }, (_, i) => `${file * perFile + i},It works,5`),
      );
    const doomed = await service.startWorker();
    const handle = await start(collector);
    await until(async () => ((await roundOf(collector))?.parts ?? 0) >= 3);
    await doomed.kill();
    const before = (await roundOf(collector))?.parts ?? 0;
    expect(before).toBeLessThan(files);
    const worker = await service.startWorker();
    expect(await handle.result()).toEqual({
      status: 'succeeded',
      message: 'no file is left that has not been taken',
    });
    expect(await storedOf('killed')).toEqual({ all: files * perFile, ids: files * perFile });
    expect(await roundOf(collector)).toMatchObject({
      status: 'succeeded',
      parts: files,
      accepted: files * perFile,
      duplicates: 0,
      rejected: 0,
    });
    await worker.stop();
  });

  test('goes on in a new run before its history is full, and reads nothing twice', {
    timeout: 120_000,
  }, async () => {
    const worker = await service.startWorker();
    const { collector, path } = declare('long');
    const files = 12;
    for (let file = 0; file < files; file++) put(join(path, `${file}.csv`), [`${file},It works,5`]);
    const handle = await start(collector, 'test', { maxEvents: 40 });
    expect(await handle.result()).toMatchObject({ status: 'succeeded' });
    expect(await roundOf(collector)).toMatchObject({ parts: files, accepted: files, duplicates: 0 });
    expect(await storedOf('long')).toEqual({ all: files, ids: files });
    const query = `WorkflowId = '${collectWorkflowId(collector.name, 'test')}'`;
    const lengths = await until(async () => {
      const found: number[] = [];
      for await (const run of service.client.workflow.list({ query })) found.push(run.historyLength);
      return found.length > 2 && found;
    });
    // What was read last, its scoring, and the end of the round come after the bound.
    expect(Math.max(...lengths)).toBeLessThan(40 + 40);
    await worker.stop();
  });

  test('is followed by a refresh, of which a part that fails undoes no other and is done by the next', {
    timeout: 240_000,
  }, async () => {
    const { db } = service.database;
    await db.delete(reviews);
    const worker = await service.startWorker();
    // That of an earlier round outlives it, and this one's would leave the stages to it.
    const open = `WorkflowId = '${refreshWorkflowId}' and ExecutionStatus = 'Running'`;
    await until(async () => (await service.client.workflow.count(open)).count === 0 || undefined, 120_000);
    const { collector, path } = declare('feelings');
    /** What the round has come to once its refresh has ended. */
    const collectOnce = async (round: string) => {
      expect(await (await start(collector, round)).result()).toMatchObject({ status: 'succeeded' });
      const id = idOf(collector, round);
      const stages = await until(async () => {
        const found = (await listStages(db, [id])).get(id) ?? [];
        return (
          refreshStages.every((name) => found.some(({ stage }) => stage === name)) &&
          found.every(({ status }) => status !== 'running') &&
          new Map(found.map((row) => [row.stage, row]))
        );
      }, 120_000);
      return ['score', ...refreshStages].map((name) => {
        const stage = [...stages.values()].find((row) => row.stage === name);
        return { status: stage?.status, message: stage?.message, run: stage?.runId ?? null };
      });
    };
    const said = { 1: 'awful and slow', 3: 'neither good nor bad', 5: 'wonderful and quick' } as const;
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => {
        const rating = ([1, 3, 5] as const)[i % 3] ?? 5;
        return `${from + i},The claim number ${from + i} was ${said[rating]},${rating}`;
      });

    put(join(path, 'first.csv'), lines(0, 90));
    expect(await collectOnce('first')).toEqual([
      {
        status: 'succeeded',
        message: '0 scored, 0 in quarantine; others wait for a model in production',
        run: null,
      },
      { status: 'skipped', message: 'feelings has no version in production', run: null },
      { status: 'skipped', message: 'no model that scores reviews is in production', run: null },
      { status: 'skipped', message: 'no model that scores reviews is in production', run: null },
    ]);
    const request = createRunRequest({
      pipeline: 'feelings',
      source: 'reviews:*',
      candidates: ['words'],
    });
    expect(await (await startRun(service, request)).result()).toMatchObject({ status: 'succeeded' });

    // One without a rating: the pipeline declares that it cannot be retrained on such.
    put(join(path, 'second.csv'), [...lines(90, 150), '150,The claim was paid,']);
    const [scored, failed, rescored] = await collectOnce('second');
    expect(scored).toMatchObject({ status: 'succeeded', message: '61 scored, 0 in quarantine' });
    expect(failed).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('rating'),
      run: expect.any(String),
    });
    expect(rescored).toMatchObject({ status: 'skipped', message: 'all are scored by version 1 of feelings' });

    await db.delete(reviews).where(eq(reviews.externalId, '150'));
    put(join(path, 'third.csv'), lines(151, 200));
    const [, retrained, again, drift] = await collectOnce('third');
    expect(retrained).toMatchObject({
      status: 'succeeded',
      message: 'version 2 of feelings is in production',
    });
    expect(again).toMatchObject({
      status: 'succeeded',
      // The third file's were scored by the first version too.
      message: expect.stringMatching(
        /^109 were scored again, 0 went to quarantine: all are scored by version 2/,
      ),
    });
    expect(drift).toMatchObject({ status: 'succeeded', message: '1 days with 109 reviews were measured' });
    const run = await findRun(db, runIdSchema.parse(retrained?.run));
    expect(run).toMatchObject({
      kind: 'retrain',
      status: 'succeeded',
      requestedBy: 'labels',
      modelVersion: 2,
    });
    expect(run?.id).not.toBe(failed?.run);
    const versions = await db
      .select({ version: reviews.scoredVersion, reviews: count() })
      .from(reviews)
      .where(eq(reviews.status, 'scored'))
      .groupBy(reviews.scoredVersion);
    expect(versions).toEqual([{ version: 2, reviews: 109 }]);
    expect((await collectOnce('fourth')).map(({ status }) => status)).toEqual([
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);

    // More than one part of a refresh scores: each begins a new run of the workflow where its history is full at once.
    const many = 5_100;
    await db.execute(sql`
      insert into reviews (id, source, external_id, content_hash, text, at, batch_id, status, sentiment, probabilities,
        scored_pipeline, scored_version)
      select gen_random_uuid(), 'many', i::text, repeat('0', 64), 'It was wonderful', now(), gen_random_uuid(), 'scored',
        'negative', '{}', 'feelings', 1
      from generate_series(1, ${many}::integer) as i`);
    const refreshed = await service.client.workflow.execute<
      (request: RefreshRequest) => Promise<RefreshReport>
    >(workflowTypes.refreshReviews, {
      workflowId: refreshWorkflowId,
      taskQueue: taskQueues.workflow,
      args: [{ collection: null, maxEvents: 1 }],
    });
    expect(refreshed.rescore?.message).toMatch(`${many} were scored again, 0 went to quarantine`);
    const scoredBy = await db
      .selectDistinct({ version: reviews.scoredVersion })
      .from(reviews)
      .where(eq(reviews.status, 'scored'));
    expect(scoredBy).toEqual([{ version: 2 }]);
    const query = `WorkflowId = '${refreshWorkflowId}' and ExecutionStatus = 'ContinuedAsNew'`;
    expect((await service.client.workflow.count(query)).count).toBeGreaterThan(0);
    await worker.stop();
  });

  test('outlasts a server that misbehaves at every page, and fails by what will not mend', async () => {
    const server = await startReviewServer();
    const stopping = new AbortController();
    const { address } = service.apiOptions.temporal;
    const connection = await NativeConnection.connect({ address });
    const paged = (name: string) =>
      collectorSchema.parse({
        kind: 'pages',
        name,
        title: 'x',
        source: name,
        start: `${server.origin}/${name}`,
        next: { parameter: 'page' },
        reviewId: 'last-part',
        paceSeconds: 0,
      });
    const collectors = ['flaky', 'closed'].map(paged);
    const { namespace } = service.apiOptions.temporal;
    const threads = createThreadPool({ size: 1, blobFolder: service.home });
    const workers = await createWorkers({
      connection,
      namespace,
      bundlePath: compiledFile('workflow-bundle.js'),
      activities: createActivities({
        db: service.database.db,
        store: await createFolderStore(join(service.home, 'store')),
        pipelines: new Map(),
        threads,
        sources: sourceReaders(),
        logger: pino({ level: 'silent' }),
        codeVersion: 'test',
        stepCode: 'test',
        nowMs: Date.now,
        pages: server.createReader({ limits: { idleMs: 1_000 } }),
        readCollectors: () => ({
          collectors: new Map(collectors.map((collector) => [collector.name, collector])),
          problems: [],
        }),
        sourceRoots: [],
      }),
      cpuSlots: 1,
    });
    const running = runWorkers(workers, stopping.signal);

    const pages = [['1', '2'], ['3', '4'], ['3', '4'], ['5']].map((ids) =>
      trustpilotPage(ids.map((id) => ({ id }))),
    );
    /** The first time that a page is asked for. */
    const misbehaviours: Answer[] = [
      sends('', {}, 500),
      (_, response) => {
        response.writeHead(200, { 'content-length': '10000' });
        response.write('<html>', () => response.destroy());
      },
      sends((pages[2] ?? '').slice(0, 700)),
      () => undefined,
    ];
    const asked = new Map<string, number>();
    server.answers.set('/flaky', (request, response) => {
      const { url = '' } = request;
      const times = (asked.get(url) ?? 0) + 1;
      asked.set(url, times);
      const index = Number(new URL(url, server.origin).searchParams.get('page') ?? 1) - 1;
      const page = pages[index];
      const misbehave = times === 1 ? misbehaviours[index] : undefined;
      if (misbehave !== undefined) misbehave(request, response);
      else sends(page ?? '', {}, page === undefined ? 404 : 200)(request, response);
    });
    server.answers.set('/closed', sends('', {}, 403));
    try {
      const [flaky, closed] = await Promise.all(collectors.map((collector) => start(collector)));
      expect(await flaky?.result()).toMatchObject({ status: 'succeeded' });
      expect(await storedOf('flaky')).toEqual({ all: 5, ids: 5 });
      expect([...asked.values()]).toEqual([2, 2, 2, 2, 1]);
      await expect(closed?.result()).rejects.toThrow();
      expect(await roundOf({ name: paged('closed').name })).toMatchObject({
        status: 'failed',
        message: expect.stringContaining('answered 403 to /closed'),
      });
    } finally {
      stopping.abort();
      await running;
      await connection.close();
      await threads.close();
      await server.close();
    }
  });
});
