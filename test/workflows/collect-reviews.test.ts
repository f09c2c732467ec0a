import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { count, countDistinct, eq } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/create-activities.ts';
import { compiledFile } from '../../config/paths.ts';
import { type CollectionEnd, collectionIdOf, collectWorkflowId } from '../../contracts/collections.ts';
import { type Collector, collectorSchema } from '../../contracts/collector.ts';
import { workflowTypes } from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import { findCollection } from '../../db/queries/collections.ts';
import { reviews } from '../../db/schema/reviews.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool } from '../../threads/pool.ts';
import { createWorkers } from '../../worker/create-workers.ts';
import { runWorkers } from '../../worker/run-workers.ts';
import { type Answer, sends, startReviewServer, trustpilotPage } from '../data/collect/review-server.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { sourceReaders } from '../source-readers.ts';
import { createTestService, type TestService, until } from './test-service.ts';

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

  const start = ({ name }: Pick<Collector, 'name'>) => {
    const workflowId = collectWorkflowId(name, 'test');
    return service.client.workflow.start<(request: unknown) => Promise<CollectionEnd>>(
      workflowTypes.collectReviews,
      { workflowId, taskQueue: taskQueues.workflow, args: [{ collector: name, requestedBy: 'test' }] },
    );
  };
  const roundOf = ({ name }: Pick<Collector, 'name'>) =>
    findCollection(service.database.db, collectionIdOf(collectWorkflowId(name, 'test')));
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
    const path = join(service.sources, 'reviews');
    mkdirSync(path);
    for (let file = 0; file < files; file++) {
      const lines = Array.from({ length: perFile }, (_, i) => `${file * perFile + i},It works,5`);
      writeFileSync(join(path, `${file}.csv`), `id,text,rating\n${lines.join('\n')}\n`);
      utimesSync(join(path, `${file}.csv`), 0, Date.now() / 1000 - 60);
    }
    const collector = collectorSchema.parse({
      kind: 'folder',
      name: 'killed',
      title: 'x',
      source: 'killed',
      path,
    });
    mkdirSync(join(service.home, 'collectors'), { recursive: true });
    // JSON is YAML.
    writeFileSync(join(service.home, 'collectors', 'killed.yaml'), JSON.stringify(collector));
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
      const [flaky, closed] = await Promise.all(collectors.map(start));
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
