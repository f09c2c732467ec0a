import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqlOf } from '../../activities/declared.ts';
import type { RowsRef } from '../../contracts/data.ts';
import { sha256Schema } from '../../contracts/ids.ts';
import { recipeFor } from '../../pipelines/recipe-for.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import { createThreadPool, type ThreadPool } from '../../threads/pool.ts';
import type { TaskInput } from '../../threads/tasks.ts';
import { declared, snapshotOrders } from './olist.ts';

const { loaded, pipeline } = declared('olist-score');

describe('a pool of threads', () => {
  let folder: string;
  let pool: ThreadPool;
  let input: Pick<TaskInput<'buildRows'>, 'pipeline' | 'joined' | 'tables'>;
  let rows: RowsRef;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'perennial-threads-'));
    pool = createThreadPool({ size: 1, blobFolder: folder });
    const snapshot = await snapshotOrders(pipeline, 3000, await createFolderStore(folder));
    const { tables } = await pool.run('validateData', { pipeline, snapshot, parameters: {} });
    input = { pipeline, joined: snapshot.joined, tables };
    rows = await pool.run('buildRows', { ...input, sql: sqlOf(loaded), parameters: {} });
  });
  afterAll(async () => {
    await pool.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const train = (
    name: string,
    options: Parameters<ThreadPool['run']>[2] = {},
    of: Partial<RowsRef> = rows,
    inPool: ThreadPool = pool,
  ) => {
    const candidate = pipeline.candidates[name];
    if (candidate === undefined) throw new Error(`${name} is a candidate`);
    const recipe = recipeFor(pipeline, name);
    const { moment } = pipeline;
    return inPool.run(
      'trainCandidate',
      { pipeline, recipe, candidate, moment, rows: { ...rows, ...of }, seed: 1 },
      options,
    );
  };

  test('trains the same model to the bit from the same rows and seed', async () => {
    const [first, second] = [await train('linear'), await train('linear')];
    expect(second.artifact.artifactSha256).toBe(first.artifact.artifactSha256);
    expect(second.selectionScore).toBe(first.selectionScore);
    expect(first.selectionScore).toBeGreaterThan(0.1);
  });

  test('stops a computation when its signal aborts, and has the thread free for the next', async () => {
    const abort = new AbortController();
    const reports: number[] = [];
    const training = train('random-forest', {
      signal: abort.signal,
      onProgress(progress) {
        reports.push(progress);
        abort.abort(new Error('no longer needed'));
      },
    });
    await expect(training).rejects.toThrow('no longer needed');
    expect(reports.at(-1)).toBeLessThan(1);
    expect((await train('linear')).metrics.r2).toBeDefined();
  });

  test('starts nothing for a signal that has aborted', async () => {
    await expect(train('linear', { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
  });

  test('tells an error of the thread by its name', async () => {
    const absent = { blob: { sha256: sha256Schema.parse('f'.repeat(64)), bytes: 1 } };
    await expect(train('linear', {}, absent)).rejects.toMatchObject({ name: 'BlobMissing' });
  });

  test('replaces a thread that died at rest', async () => {
    const started: Worker[] = [];
    const onWorker = (worker: Worker) => started.push(worker);
    process.on('worker', onWorker);
    const own = createThreadPool({ size: 1, blobFolder: folder });
    await own.warm();
    process.off('worker', onWorker);
    expect(started).toHaveLength(1);
    await started[0]?.terminate();
    const absent = { blob: { sha256: sha256Schema.parse('f'.repeat(64)), bytes: 1 } };
    await expect(train('linear', {}, absent, own)).rejects.toMatchObject({ name: 'BlobMissing' });
    await own.close();
  });

  test('leaves a query the time it takes, though it reports nothing', async () => {
    const patience = { stallTimeoutMs: 500 };
    const impatient = createThreadPool({ size: 1, blobFolder: folder, ...patience });
    await impatient.warm();
    const sql = sqlOf(loaded);
    const slow = `SELECT r.* FROM (${sql.rows}) r, (SELECT sum(sqrt(a.range * b.range)) AS total
      FROM range(100000) a, range(2500) b) WHERE total > 0`;
    const startedMs = performance.now();
    const built = await impatient.run('buildRows', { ...input, sql: { ...sql, rows: slow }, parameters: {} });
    expect(performance.now() - startedMs).toBeGreaterThan(2 * patience.stallTimeoutMs);
    expect(built.blob.sha256).toBe(rows.blob.sha256);
    await impatient.close();
  });

  test('gives up a task that reports nothing for too long', async () => {
    const impatient = createThreadPool({ size: 1, blobFolder: folder, stallTimeoutMs: 1 });
    await impatient.warm();
    const candidate = pipeline.candidates['random-forest'];
    if (candidate === undefined) throw new Error('random-forest is a candidate');
    await expect(
      impatient.run('trainCandidate', {
        pipeline,
        recipe: recipeFor(pipeline, 'random-forest'),
        candidate,
        moment: pipeline.moment,
        rows,
        seed: 1,
      }),
    ).rejects.toMatchObject({ name: 'ThreadLost' });
    await impatient.close();
  });
});
