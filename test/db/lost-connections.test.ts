import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { waitUntil } from '../../local/processes.ts';
import { type Relay, startRelay } from '../environment/relay.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

const poolSize = 4;

let database: TestDatabase;
let relay: Relay;
let direct: DatabaseClient;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  relay = await startRelay(Number(new URL(database.url).port));
  const url = new URL(database.url);
  url.port = String(relay.port);
  direct = createDatabaseClient({ url: database.url, poolSize: 1, applicationName: 'direct' });
  client = createDatabaseClient({ url: url.href, poolSize, applicationName: 'relayed' });
});
afterAll(async () => {
  await client.close();
  await direct.close();
  await relay.close();
  await database.drop();
});

const countSleeping = async (): Promise<number> => {
  const [found] = await direct.db.execute<{ n: number }>(
    sql`select count(*)::int as n from pg_stat_activity
      where application_name = 'relayed' and state = 'active' and query like '%pg_sleep%'`,
  );
  return found?.n ?? 0;
};

/** What came of the work, and of what waited for a connection meanwhile. */
async function loseConnectionsUnder(
  work: () => Promise<unknown>,
  how: 'close' | 'reset',
): Promise<{ cut: string[]; waited: string[] }> {
  const endOf = (one: Promise<unknown>) =>
    one.then(
      () => 'done',
      () => 'failed',
    );
  const cut = Array.from({ length: poolSize }, () => endOf(work()));
  await waitUntil(async () => ((await countSleeping()) === poolSize ? true : undefined), {
    withinMs: 20_000,
    what: 'the statements to be under way',
  });
  const waiting = Array.from({ length: poolSize }, () => endOf(client.db.execute(sql`select 1`)));
  relay.cut(how);
  const ends = { cut: await Promise.all(cut), waited: await Promise.all(waiting) };
  // The server would go on sleeping.
  await direct.db.execute(
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'relayed' and query like '%pg_sleep%'`,
  );
  await waitUntil(async () => ((await countSleeping()) === 0 ? true : undefined), {
    withinMs: 20_000,
    what: 'the statements to end',
  });
  return ends;
}

// The uncaught exception of a driver that writes to a socket no longer there fails the run of the tests.
for (const how of ['close', 'reset'] as const)
  test(`transactions whose connections are lost by a ${how} fail, and the pool goes on at once`, async () => {
    const failed = Array.from({ length: poolSize }, () => 'failed');
    const done = Array.from({ length: poolSize }, () => 'done');
    for (let round = 0; round < 5; round++) {
      const { cut, waited } = await loseConnectionsUnder(
        () =>
          client.db.transaction(async (outer) => {
            await outer.transaction(async (inner) => {
              await inner.execute(sql`select pg_sleep(60)`);
            });
          }),
        how,
      );
      expect(cut).toEqual(failed);
      expect(waited).toEqual(done);
      const startedMs = performance.now();
      const next = Array.from({ length: 2 * poolSize }, () => client.db.execute(sql`select 1`));
      await Promise.all(next);
      // A connection that never writes again would be given up after ten seconds.
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    }
  });
