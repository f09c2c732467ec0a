import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReviewQueue, type ReviewQueue } from '../../api/reviews/review-queue.ts';
import { freePort } from '../../local/ports.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { describeRedis, startTestRedis, type TestRedis } from '../environment/test-redis.ts';
import { eventually } from './service.ts';

const logger = pino({ level: 'silent' });

/** What the queue promises, whatever carries it. */
function behavesAsQueue(at: () => { databaseUrl: string; redisUrl: string | undefined }): void {
  const queues: ReviewQueue[] = [];
  const open = async (deliver: (ids: readonly string[]) => Promise<void>): Promise<ReviewQueue> => {
    const queue = createReviewQueue({ ...at(), logger, deliver });
    queues.push(queue);
    await queue.ensureOpen();
    return queue;
  };
  afterAll(() => Promise.all(queues.map((queue) => queue.close())));

  test('delivers every id that it was offered, many at a time, and again where that failed', async () => {
    const delivered = new Set<string>();
    let calls = 0;
    const queue = await open(async (ids) => {
      calls += 1;
      if (calls === 1) throw new Error('the workflow could not be told');
      for (const id of ids) delivered.add(id);
    });
    const ids = Array.from({ length: 1_200 }, () => randomUUID());
    for (let from = 0; from < ids.length; from += 3) queue.offer(ids.slice(from, from + 3));
    await eventually(() => (delivered.size === ids.length ? true : undefined));
    expect([...delivered].sort()).toEqual([...ids].sort());
    expect(calls).toBeLessThan(20);
  });

  test('keeps what it is offered before it is open', async () => {
    const delivered: string[] = [];
    const queue = createReviewQueue({
      ...at(),
      logger,
      deliver: async (ids) => {
        delivered.push(...ids);
      },
    });
    // Each file's tests share one queue by its name: this one alone is listening now.
    await Promise.all(queues.splice(0).map((other) => other.close()));
    queues.push(queue);
    queue.offer(['early']);
    await queue.ensureOpen();
    await eventually(() => (delivered.includes('early') ? true : undefined));
  });
}

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe('a queue on PostgreSQL', () => {
  behavesAsQueue(() => ({ databaseUrl: database.url, redisUrl: undefined }));
});

test('a queue that cannot be reached says so, whatever carries it', async () => {
  const port = await freePort();
  for (const at of [
    { databaseUrl: `postgres://nobody@127.0.0.1:${port}/none`, redisUrl: undefined },
    { databaseUrl: database.url, redisUrl: `redis://127.0.0.1:${port}` },
  ]) {
    const queue = createReviewQueue({ ...at, logger, deliver: async () => undefined });
    await expect(queue.ensureOpen()).rejects.toThrow();
    await queue.close();
  }
});

describeRedis('a queue on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.stop());

  behavesAsQueue(() => ({ databaseUrl: database.url, redisUrl: redis.url }));
});
