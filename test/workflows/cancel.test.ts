import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { and, eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runWorkflowId } from '../../contracts/ids.ts';
import { type RunRequest, runMessages } from '../../contracts/runs.ts';
import { readProduction } from '../../db/queries/models.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runSteps, runs } from '../../db/schema/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { secondsUntilIdle, tellsProcessorTime, threadSeconds } from './processor-time.ts';
import {
  createRunRequest,
  createTestService,
  startRetraining,
  startRun,
  type TestService,
  until,
  type WorkerProcess,
} from './test-service.ts';

const mostSeconds = 5;
const reason = 'no longer needed';

describeTemporal('a cancelled run', () => {
  let service: TestService;
  let worker: WorkerProcess;
  /** Cancelled before a worker was there to hear it. */
  let early: Awaited<ReturnType<typeof startRun>>;
  beforeAll(async () => {
    service = await createTestService();
    early = await startRun(service, createRunRequest({ kind: 'train' }));
    await early.signal(runMessages.cancel, reason);
    worker = await service.startWorker();
    writeNumbers('small.csv', 100);
    writeNumbers('slow.csv', 3_000);
    writeNumbers('big.csv', 8_000_000);
  });
  afterAll(() => service.close());

  const writeNumbers = (name: string, lines: number): void => {
    const file = openSync(join(service.sources, name), 'w');
    writeSync(file, 'id,code,value\n');
    for (let from = 0; from < lines; from += 100_000) {
      const block = Array.from({ length: Math.min(100_000, lines - from) }, (_, i) => {
        const id = from + i;
        return `${id},c${id % 400},${(id * 7919) % 1000}\n`;
      });
      writeSync(file, block.join(''));
    }
    closeSync(file);
  };
  const source = (name: string) => `folder:${join(service.sources, name)}`;
  const readRun = async ({ runId }: RunRequest) => {
    const [run] = await service.database.db.select().from(runs).where(eq(runs.id, runId));
    return run;
  };

  /** `threads`: how many are to be at work, of which all but one help a fit. */
  const cases: { at: string; during: string; threads?: number; request: () => RunRequest }[] = [
    {
      at: 'loadData',
      during: 'the making of demo data, on the main thread',
      request: () => createRunRequest({ source: 'demo:olist?rows=2000000&seed=7' }),
    },
    {
      at: 'validateData',
      during: 'the reading of a big file',
      request: () => createRunRequest({ pipeline: 'endless-query', source: source('big.csv') }),
    },
    {
      at: 'buildRows',
      during: 'a query of hours',
      request: () => createRunRequest({ pipeline: 'endless-query', source: source('small.csv') }),
    },
    {
      at: 'trainCandidate:tree',
      during: 'a fit that cannot be interrupted',
      request: () =>
        createRunRequest({ pipeline: 'slow-fit', candidates: ['tree'], source: source('slow.csv') }),
    },
    {
      at: 'trainCandidate:random-forest',
      during: 'a fit that stops between its trees, and is lent another core',
      threads: 2,
      request: () =>
        createRunRequest({ candidates: ['random-forest'], source: 'demo:olist?rows=20000&seed=7' }),
    },
  ];

  for (const { at, during, threads = 1, request: create } of cases)
    test.skipIf(!tellsProcessorTime)(
      `frees the processor within ${mostSeconds} s in ${at}: ${during}`,
      async () => {
        const request = create();
        const handle = await startRun(service, request);
        const step = and(eq(runSteps.runId, request.runId), like(runSteps.step, at));
        let usedBefore: ReadonlyMap<string, number> | undefined;
        await until(async () => {
          const [running] = await service.database.db.select().from(runSteps).where(step);
          if (running?.status !== 'running') return false;
          const used = threadSeconds(worker.pid);
          usedBefore ??= used;
          const atWork = [...used].filter(([id, seconds]) => seconds - (usedBefore?.get(id) ?? 0) > 0.25);
          // Well into the work, and not about to begin it.
          return atWork.length >= threads;
        });
        await handle.executeUpdate(runMessages.cancel, { args: [reason] });
        const seconds = await secondsUntilIdle(worker.pid);
        expect(seconds).toBeLessThan(mostSeconds);
        const outcome = await handle.result();
        expect(outcome).toEqual({ status: 'cancelled', reason });
        expect(await readRun(request)).toMatchObject({ status: 'cancelled', outcome: { reason } });
        const [ended] = await service.database.db.select().from(runSteps).where(step);
        expect(ended).toMatchObject({ status: 'cancelled', attempt: 1 });
        expect(await service.database.db.select().from(modelVersions)).toEqual([]);
        expect(await readProduction(service.database.db, request.pipeline)).toBeNull();
      },
    );

  test('keeps the reason though no worker was there to hear it', async () => {
    expect(await early.result()).toEqual({ status: 'cancelled', reason });
  });

  test('keeps the reason where it comes while a retraining hands over to its child', async () => {
    const request = createRunRequest({ kind: 'retrain', reason: 'asked for' });
    const handle = await startRetraining(service, request);
    await until(() => service.client.workflow.getHandle(runWorkflowId(request.runId)).describe());
    await handle.executeUpdate(runMessages.cancel, { args: [reason] });
    const outcome = await handle.result();
    expect(outcome).toEqual({ status: 'cancelled', reason });
    const [run] = await service.database.db.select().from(runs).where(eq(runs.id, request.runId));
    expect(run).toMatchObject({ status: 'cancelled', outcome: { reason } });
  });
});
