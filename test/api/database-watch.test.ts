import { sql } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseWatch, type DatabaseWatch } from '../../api/database-watch.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { runListSchema } from '../../contracts/http/runs.ts';
import { eventually, readAs, type Service, startService } from './service.ts';

/** A statement that waits for a lock stands for a server that hangs. */
let service: Service;
let watch: DatabaseWatch;
beforeAll(async () => {
  watch = createDatabaseWatch({
    ping: () => service.db.execute(sql`select from snapshots limit 0`),
    logger: pino({ level: 'silent' }),
    everyMs: 20,
  });
  service = await startService({ change: { databaseWatch: watch } });
});
afterAll(async () => {
  watch.close();
  await service.stop();
});

test('while the database hangs, requests are answered 503, and as ever once it is back', async () => {
  await eventually(() => (watch.isAway() ? undefined : true));
  await readAs(runListSchema, service.get('/api/v1/runs'));
  await service.db.transaction(async (transaction) => {
    await transaction.execute(sql`lock table runs, snapshots in access exclusive mode`);
    const waiting = await service.get('/api/v1/runs');
    expect(waiting.headers.get('retry-after')).toBe('2');
    await readAs(problemSchema, waiting, 503);
    await readAs(problemSchema, service.get('/api/v1/pipelines'), 503);
    expect((await service.get('/healthz')).status).toBe(200);
  });
  await eventually(() => (watch.isAway() ? undefined : true));
  await readAs(runListSchema, service.get('/api/v1/runs'));
});

test('a database that refuses connections is away too', async () => {
  const refused = createDatabaseWatch({
    ping: () => Promise.reject(new Error('refused')),
    logger: pino({ level: 'silent' }),
    everyMs: 5,
  });
  await eventually(() => (refused.isAway() ? true : undefined));
  refused.close();
});
