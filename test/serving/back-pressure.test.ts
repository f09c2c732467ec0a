import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { deployFirst } from '../api/models.ts';
import { type ApiProcess, startApi, waitUntilServed } from './api-process.ts';
import { type Outage, sufferOutage } from './outage.ts';
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts';
import { valuation } from './valuation.ts';

const connections = 16;
let server: OwnPostgres;
let client: DatabaseClient;
let api: ApiProcess;
beforeAll(async () => {
  server = await startOwnPostgres();
  client = createDatabaseClient({ url: server.url, poolSize: 2, applicationName: 'test' });
  await deployFirst(client.db, valuation);
  api = await startApi({ databaseUrl: server.url });
  await waitUntilServed(api, valuation.name, 1);
});
afterAll(async () => {
  await api.stop();
  await client.close();
  await server.remove();
});

/** Four seconds is the bound of the log; the rest is for a machine that has other work. */
const waitBoundMs = 8_000;
const returnBoundMs = 10_000;

function expectBackPressure(outage: Outage): void {
  const { '503': refused = 0, predicted = 0, ...others } = outage.counts;
  expect(others).toEqual({});
  expect(refused).toBeGreaterThan(0);
  expect(predicted).toBeGreaterThan(0);
  expect(outage.withoutRetryAfter).toBe(0);
  expect(outage.longestMs).toBeLessThan(waitBoundMs);
  expect(outage.returnMs).toBeLessThan(returnBoundMs);
  expect(outage.lost).toEqual([]);
  expect(outage.grownMb).toBeLessThan(100);
}

test('while another session holds the table, predictions are refused in time, and come again by themselves', async () => {
  const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
  const session = await sql.reserve();
  const outage = await sufferOutage({
    api,
    client,
    connections,
    async begin() {
      await session`begin`;
      await session`lock table predictions in access exclusive mode`;
    },
    async end() {
      await session`commit`;
    },
  });
  session.release();
  await sql.end();
  expectBackPressure(outage);
  expect(outage.named).toContain('no answer within');
});

test('while PostgreSQL stands still, predictions are refused in time, and come again by themselves', async () => {
  const outage = await sufferOutage({
    api,
    client,
    connections,
    begin: server.pause,
    end: async () => server.resume(),
  });
  expectBackPressure(outage);
  expect(outage.named).toContain('does not answer');
});

test('while PostgreSQL is away, predictions are refused at once, and come again by themselves', async () => {
  const outage = await sufferOutage({ api, client, connections, begin: server.stop, end: server.start });
  expectBackPressure(outage);
});
