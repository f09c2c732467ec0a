import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { createDatabaseProbe } from '../../db/probe.ts';
import { waitUntil } from '../../local/processes.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('the probe cancels statements of its process that run for too long, and no others', async () => {
  const [own, other] = ['bounded', 'unbounded'].map((applicationName) =>
    createDatabaseClient({ url: database.url, poolSize: 1, applicationName }),
  );
  if (own === undefined || other === undefined) throw new Error('two clients were made');
  const probe = createDatabaseProbe({
    url: database.url,
    applicationName: 'bounded',
    statementLimitSeconds: 0.2,
  });
  const ended: string[] = [];
  const sleep = (who: DatabaseClient, seconds: number, as: string) =>
    who.db.execute(sql`select pg_sleep(${seconds})`).then(
      () => ended.push(`${as} finished`),
      () => ended.push(`${as} cancelled`),
    );
  const sleeping = [sleep(own, 60, 'own'), sleep(other, 2, 'other')];
  await waitUntil(
    async () => {
      await probe.ask();
      return ended.length > 0 || undefined;
    },
    { withinMs: 20_000, what: 'the statement to be cancelled' },
  );
  await Promise.all(sleeping);
  expect(ended).toEqual(['own cancelled', 'other finished']);
  probe.close();
  await Promise.all([own.close(), other.close()]);
});
