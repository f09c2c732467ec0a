import { randomUUID } from 'node:crypto';
import { count, eq, type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pipelineNameSchema, type RunId, sha256Schema } from '../../contracts/ids.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { AttemptSuperseded, StaleVersion } from '../../db/errors.ts';
import { type Promotion, promoteVersion } from '../../db/queries/deployments.ts';
import { readProduction, registerVersion } from '../../db/queries/models.ts';
import { beatReplica, reportReplica } from '../../db/queries/replica-reports.ts';
import { readReplicaStates, requestPreload } from '../../db/queries/replicas.ts';
import { finishRun, recordCandidate, setRunStatus, startRun } from '../../db/queries/runs.ts';
import { endStep, recordProgress, startStep, writeAsAttempt } from '../../db/queries/steps.ts';
import { deployments } from '../../db/schema/deployments.ts';
import { runCandidates, runSteps, runs } from '../../db/schema/runs.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { createStartedRun } from './started-run.ts';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 10, applicationName: 'test' });
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

const sha256 = sha256Schema.parse('a'.repeat(64));

const createRun = (pipeline: string): Promise<RunId> =>
  createStartedRun(client.db, { pipeline: pipelineNameSchema.parse(pipeline) });

const readRun = async (id: RunId) => {
  const [run] = await client.db.select().from(runs).where(eq(runs.id, id));
  if (run === undefined) throw new Error(`there is no run ${id}`);
  return run;
};

async function register(pipeline: string, runId?: RunId): Promise<number> {
  const id = runId ?? (await createRun(pipeline));
  return registerVersion(
    client.db,
    {
      pipeline: pipelineNameSchema.parse(pipeline),
      runId: id,
      candidate: 'linear',
      learner: 'linear',
      metrics: { r2: 0.5 },
      baseline: { r2: 0 },
      intervals: {},
      variants: [],
      lineage: {
        runId: id,
        snapshotId: sha256,
        source: 'demo:olist',
        rowsSha256: sha256,
        lookupsSha256: null,
        split: { by: 'key', share: 0.2, salt: 's' },
        pipelineSha256: sha256,
        codeVersion: 'test',
        nodeVersion: process.version,
        seed: 1,
        parameters: {},
      },
    },
    { sha256, content: Buffer.from('model'), bytes: 5 },
  );
}

describe('a run', () => {
  test('ends once: a later outcome changes nothing', async () => {
    const id = await createRun('ends-once');
    await finishRun(client.db, id, { status: 'cancelled', reason: 'first' });
    await finishRun(client.db, id, { status: 'succeeded', modelVersion: 1, verdict: null });
    await setRunStatus(client.db, id, 'running');
    expect(await readRun(id)).toMatchObject({ status: 'cancelled', outcome: { reason: 'first' } });
  });

  test('that is started twice is one row, and does not start anew after its end', async () => {
    const id = await createRun('started-twice');
    await finishRun(client.db, id, { status: 'skipped', reason: 'unchanged' });
    const ended = await readRun(id);
    await startRun(client.db, ended);
    expect(await readRun(id)).toEqual(ended);
  });

  test('tells its listeners and raises its revision with each change of it or of a step', async () => {
    const heard: string[] = [];
    const { unlisten } = await client.listen('run_changed', (payload) => heard.push(payload));
    const id = await createRun('tells');
    await startStep(client.db, { runId: id, step: 'loadData', attempt: 1, position: 1 });
    await recordProgress(client.db, {
      runId: id,
      step: 'loadData',
      attempt: 1,
      progress: 0.5,
      message: null,
    });
    await expect.poll(() => heard.filter((payload) => payload === id).length).toBe(3);
    expect((await readRun(id)).revision).toBe(3);
    await unlisten();
  });
});

describe('the list of runs', () => {
  test('reads its page from an index, sorting nothing', async () => {
    const plan = (where: SQL) =>
      client.db.transaction(async (tx) => {
        // A table this small is sorted unless that is made dear: then only where no index has the order.
        await tx.execute(sql`set local enable_sort = off`);
        const lines = await tx.execute(
          sql`explain select * from runs where ${where} order by created_at desc, id desc limit 51`,
        );
        return JSON.stringify(lines);
      });
    for (const where of [sql`true`, sql`pipeline = 'once'`]) expect(await plan(where)).not.toContain('Sort');
  });
});

describe('a step', () => {
  const succeeded = { status: 'succeeded' as const, results: [], cachedFrom: null };
  test('refuses every write of an attempt before the recorded one', async () => {
    const runId = await createRun('fenced');
    const of = (attempt: number) => ({ runId, step: 'trainCandidate:linear', attempt });
    expect(await startStep(client.db, { ...of(1), position: 4 })).toBe(true);
    expect(await startStep(client.db, { ...of(2), position: 4 })).toBe(true);
    expect(await startStep(client.db, { ...of(1), position: 4 })).toBe(false);
    expect(await recordProgress(client.db, { ...of(1), progress: 0.9, message: 'zombie' })).toBe(false);
    expect(await endStep(client.db, of(1), succeeded)).toBe(false);
    expect(await endStep(client.db, of(2), succeeded)).toBe(true);
    const [step] = await client.db.select().from(runSteps).where(eq(runSteps.runId, runId));
    expect(step).toMatchObject({ attempt: 2, status: 'succeeded', progress: 1, message: null });
  });

  test('keeps the results of its newest attempt, whichever writes last', async () => {
    const runId = await createRun('fenced-results');
    const of = (attempt: number) => ({ runId, step: 'trainCandidate:linear', attempt });
    const write = (attempt: number) =>
      writeAsAttempt(client.db, of(attempt), (tx) =>
        recordCandidate(tx, {
          runId,
          candidate: 'linear',
          learner: 'linear',
          selectionScore: 0.5,
          metrics: {},
          artifactSha256: sha256,
          seconds: attempt,
        }),
      );
    await startStep(client.db, { ...of(1), position: 4 });
    await write(1);
    await startStep(client.db, { ...of(2), position: 4 });
    await expect(write(1)).rejects.toBeInstanceOf(AttemptSuperseded);
    await write(2);
    await endStep(client.db, of(2), succeeded);
    await expect(write(1)).rejects.toBeInstanceOf(AttemptSuperseded);
    const kept = await client.db.select().from(runCandidates).where(eq(runCandidates.runId, runId));
    expect(kept).toMatchObject([{ candidate: 'linear', seconds: 2 }]);
  });

  test('that nobody ended is ended with its run', async () => {
    const runId = await createRun('left-open');
    await startStep(client.db, { runId, step: 'buildRows', attempt: 1, position: 3 });
    await finishRun(client.db, runId, { status: 'cancelled', reason: 'stop' });
    const [step] = await client.db.select().from(runSteps).where(eq(runSteps.runId, runId));
    expect(step?.status).toBe('cancelled');
  });
});

describe('a version', () => {
  test('is registered once for a run, however often it is asked', async () => {
    const runId = await createRun('once');
    expect(await register('once', runId)).toBe(1);
    expect(await register('once', runId)).toBe(1);
    expect((await readRun(runId)).modelVersion).toBe(1);
  });

  test('takes the next number, without gaps, where many are registered at once', async () => {
    const versions = await Promise.all(Array.from({ length: 8 }, () => register('many')));
    expect(versions.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});

describe('a promotion', () => {
  const promotion = (pipeline: string, overrides: Partial<Promotion>): Promotion => ({
    pipeline: pipelineNameSchema.parse(pipeline),
    version: 1,
    expected: null,
    action: 'promote',
    actor: 'test',
    reason: 'test',
    runId: null,
    requestId: randomUUID(),
    ...overrides,
  });
  const ledgerRows = async (pipeline: string) => {
    const [row] = await client.db
      .select({ n: count() })
      .from(deployments)
      .where(eq(deployments.pipeline, pipelineNameSchema.parse(pipeline)));
    return row?.n;
  };

  test('that is repeated answers what the first did, with one row in the ledger', async () => {
    await register('repeated');
    await register('repeated');
    await promoteVersion(client.db, promotion('repeated', {}));
    const second = promotion('repeated', { version: 2, expected: 1 });
    expect(await promoteVersion(client.db, second)).toEqual({ previous: 1 });
    expect(await promoteVersion(client.db, second)).toEqual({ previous: 1 });
    expect(await ledgerRows('repeated')).toBe(2);
  });

  test('decided against a version that left production is refused, and leaves no row', async () => {
    await register('stale');
    await register('stale');
    await promoteVersion(client.db, promotion('stale', {}));
    await expect(promoteVersion(client.db, promotion('stale', { version: 2 }))).rejects.toThrow(StaleVersion);
    await expect(promoteVersion(client.db, promotion('stale', { version: 2, expected: 2 }))).rejects.toThrow(
      'production is at version 1, but the promotion was decided against version 2',
    );
    expect(await ledgerRows('stale')).toBe(1);
    expect((await readProduction(client.db, pipelineNameSchema.parse('stale')))?.version).toBe(1);
  });

  test('wins alone where many are decided against the same version', async () => {
    await Promise.all(Array.from({ length: 6 }, () => register('race')));
    await promoteVersion(client.db, promotion('race', {}));
    const rivals = await Promise.allSettled(
      [2, 3, 4, 5, 6].map((version) =>
        promoteVersion(client.db, promotion('race', { version, expected: 1 })),
      ),
    );
    expect(rivals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await ledgerRows('race')).toBe(2);
  });
});

describe('a replica', () => {
  test('is asked again at each preload, its old answer gone: it may have dropped the version since', async () => {
    const pipeline = pipelineNameSchema.parse('asked-again');
    const failed = randomUUID();
    const loaded = randomUUID();
    const states = async () =>
      new Map(
        (await readReplicaStates(client.db, pipeline, 1)).map(({ replicaId, state }) => [replicaId, state]),
      );
    for (const replicaId of [failed, loaded]) {
      await beatReplica(client.db, replicaId);
      const state = replicaId === failed ? 'failed' : 'loaded';
      await reportReplica(client.db, { replicaId, pipeline, version: 1, state, message: null });
    }
    expect(await states()).toEqual(
      new Map([
        [failed, 'failed'],
        [loaded, 'loaded'],
      ]),
    );
    await requestPreload(client.db, pipeline, 1);
    expect((await states()).get(failed)).toBeNull();
    expect((await states()).get(loaded)).toBeNull();
  });
});
