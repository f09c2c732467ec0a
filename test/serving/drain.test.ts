import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { waitUntil } from '../../local/processes.ts';
import { deployFirst } from '../api/models.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { type ApiProcess, startApi, waitUntilServed } from './api-process.ts';
import { countBy, startLoad } from './load.ts';
import { type OwnPostgres, startOwnPostgres } from './own-postgres.ts';
import { findLost } from './stored.ts';
import { predictPath, valuation } from './valuation.ts';

let database: TestDatabase;
let client: DatabaseClient;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
  await deployFirst(client.db, valuation);
});
afterAll(async () => {
  await client.close();
  await database.drop();
});

const start = async (databaseUrl: string): Promise<ApiProcess> => {
  const api = await startApi({ databaseUrl });
  await waitUntilServed(api, valuation.name, 1);
  return api;
};

test('an API told to stop under load answers what it took, stores it, and ends', async () => {
  const connections = 16;
  const api = await start(database.url);
  const load = startLoad({ urls: [api.url], connections });
  await waitUntil(() => load.outcomes.length > 200 || undefined, {
    withinMs: 30_000,
    what: 'the load to run',
  });
  const beganMs = performance.now();
  expect(await api.stop()).toBe(0);
  const tookMs = performance.now() - beganMs;
  const outcomes = await load.stop();
  const { predicted = 0, cut, ...others } = countBy(outcomes);
  expect(others).toEqual({});
  expect(predicted).toBeGreaterThan(200);
  // Each connection ends where it asks for a new one, which nobody accepts; none ends under a request.
  expect(cut).toBe(connections);
  expect(outcomes.flatMap((one) => (one.kind === 'cut' ? [one.code] : []))).toEqual(
    Array.from({ length: connections }, () => 'ECONNREFUSED'),
  );
  expect(await findLost(client.db, outcomes)).toEqual([]);
  expect(tookMs).toBeLessThan(10_000);
});

test('a request that had begun is answered, and readiness says that the API drains', async () => {
  const api = await start(database.url);
  const body = JSON.stringify({ instances: [{ area: 10 }] });
  const head = 'Host: 127.0.0.1\r\nContent-Type: application/json\r\n';
  const predicting = await open(
    api,
    `POST ${predictPath} HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n{`,
  );
  const probing = await open(api, 'GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  await waitForListeners(api);
  api.signal('SIGTERM');
  await waitUntil(async () => ((await isRefused(api)) ? true : undefined), {
    withinMs: 20_000,
    what: 'new connections to be refused',
  });
  expect(await finish(probing, '\r\n')).toMatch(
    /^HTTP\/1\.1 503 [\s\S]*connection: close[\s\S]*"status":"draining"/i,
  );
  expect(await finish(predicting, body.slice(1))).toMatch(/^HTTP\/1\.1 200 [\s\S]*"value":(19\.9|20)/);
  expect(await api.exited).toBe(0);
});

test('an API ends in bounded time though its database stands still', async () => {
  const server: OwnPostgres = await startOwnPostgres();
  const own = createDatabaseClient({ url: server.url, poolSize: 1, applicationName: 'test' });
  try {
    await deployFirst(own.db, valuation);
    const api = await start(server.url);
    await server.pause();
    const beganMs = performance.now();
    expect(await api.stop()).toBe(0);
    expect(performance.now() - beganMs).toBeLessThan(10_000);
    server.resume();
  } finally {
    await own.close();
    await server.remove();
  }
});

async function open({ url }: ApiProcess, sent: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise<void>((resolve) => socket.write(sent, () => resolve()));
  return socket;
}

/** What was sent on connections opened before has been read when one opened after has its answer. */
async function waitForListeners({ url }: ApiProcess): Promise<void> {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
}

async function finish(socket: Socket, rest: string): Promise<string> {
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(rest);
  await new Promise<void>((resolve, reject) => {
    socket.once('end', resolve);
    socket.once('error', reject);
  });
  return text;
}

function isRefused({ url }: ApiProcess): Promise<boolean> {
  return new Promise((resolve) => {
    const agent = new Agent();
    const asked = request(`${url}/healthz`, { agent }, (response) => {
      response.resume();
      response.on('end', () => resolve(false));
    });
    asked.on('error', () => resolve(true));
    asked.end();
  });
}
