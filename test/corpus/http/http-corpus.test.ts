import { connect } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listen, type RunningServer } from '../../../api/server.ts';
import { problemSchema } from '../../../contracts/http/problem.ts';
import { runListSchema } from '../../../contracts/http/runs.ts';
import { runIdSchema } from '../../../contracts/ids.ts';
import { runs } from '../../../db/schema/runs.ts';
import { deployFirst } from '../../api/models.ts';
import { valuation } from '../../api/pipelines.ts';
import { eventually, type Service, startService } from '../../api/service.ts';
import { createNamespace } from '../../api/temporal-namespace.ts';
import { describeTemporal } from '../../environment/test-temporal.ts';
import { bytesOf } from '../bytes.ts';
import { readCases } from '../read-cases.ts';
import { type HttpCase, httpCaseSchema } from './http-case.ts';

const corpus = readCases(dirname(fileURLToPath(import.meta.url)), httpCaseSchema);
const all = corpus.flatMap(({ cases }) => cases);
/** No answer may take longer, however broken the request. */
const answerMs = 5_000;
const silenceMs = 400;

let open: Service;
let keyed: Service;
let server: RunningServer;
const known = new Map<string, string>();

beforeAll(async () => {
  open = await startService({});
  keyed = await startService({ change: { apiKeys: ['the-right-key-0001'] } });
  server = await listen(open.app, { host: '127.0.0.1', port: 0, silenceMs });
  await deployFirst(open.db, valuation);
  await eventually(() => open.production.version(valuation.name));
  for (const name of ['run', 'other']) {
    const id = runIdSchema.parse(uuidV7());
    known.set(name, id);
    await open.db.insert(runs).values({
      id,
      pipeline: valuation.name,
      kind: 'train',
      status: 'succeeded',
      source: 'demo:olist?rows=100&seed=1',
      parameters: {},
      seed: 7,
      requestedBy: 'test',
      workflowId: `run:${id}`,
    });
  }
  const page: unknown = await (await open.get('/api/v1/runs?limit=1')).json();
  known.set('cursor', runListSchema.parse(page).nextCursor ?? '');
  known.set('long', 'x'.repeat(1000));
});
afterAll(async () => {
  await server.close();
  await Promise.all([open.stop(), keyed.stop()]);
});

test('the corpus of HTTP holds at least sixty broken requests', () => {
  expect(all.length).toBeGreaterThanOrEqual(60);
});

describe.each(corpus)('broken request: $topic', ({ cases }) => {
  for (const given of cases.filter(({ temporal }) => !temporal))
    test(
      given.case,
      async () => {
        const answer =
          given.socket === undefined ? ask(given, given.keys ? keyed : open) : speak(given.socket);
        await expectAnswer(given, await answer);
      },
      answerMs,
    );
});

describeTemporal('broken request, as Temporal sees it', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
  });
  afterAll(() => service.stop());

  for (const given of all.filter(({ temporal }) => temporal))
    test(given.case, async () => expectAnswer(given, await ask(given, service)), 2 * answerMs);
});

/** What is wrong is a problem document under a request id; and no answer tells of the inside of the server. */
async function expectAnswer({ method, expect: wanted }: HttpCase, answer: Response): Promise<void> {
  const text = await answer.text();
  expect(answer.status, text).toBe(wanted.status);
  for (const [name, value] of Object.entries(wanted.headers)) expect(answer.headers.get(name)).toBe(value);
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]+$/);
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(text).not.toMatch(
    /\bat \S+ \(|\.(?:ts|js):\d+|node_modules|perennial-api-|\b(?:select|insert|update) .* (?:from|into|set) /i,
  );
  if (wanted.body !== undefined) expect(text).toContain(wanted.body);
  if (wanted.status < 400 || method === 'HEAD') return;
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(JSON.parse(text));
  expect(problem).toMatchObject({ status: wanted.status, requestId: answer.headers.get('x-request-id') });
  if (wanted.pointers !== undefined)
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(wanted.pointers);
  if (wanted.message !== undefined) expect(problem.detail).toContain(wanted.message);
}

async function ask(given: HttpCase, service: Service): Promise<Response> {
  const { after, ...self } = given;
  if (after !== undefined) await ask({ ...self, json: after }, service);
  const { method, instances } = given;
  const fill = (text: string) =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => known.get(name) ?? whole);
  const json = instances === undefined ? given.json : { instances: Array(instances).fill(given.json) };
  const body = json === undefined ? given.body : JSON.stringify(json);
  const headers = new Headers(json === undefined ? [] : [['content-type', 'application/json']]);
  for (const [name, value] of Object.entries(given.headers)) headers.set(name, fill(value));
  return service.app.request(fill(given.path), {
    method,
    headers,
    ...(body === undefined ? {} : { body: Uint8Array.from(bytesOf(body)) }),
  });
}

/** Sends bytes as they are and reads the last answer that comes until the server closes. */
async function speak({ send, ending }: NonNullable<HttpCase['socket']>): Promise<Response> {
  const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.write(bytesOf(send));
  if (ending === 'half-close') socket.end();
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(Buffer.from(chunk));
  socket.destroy();
  const text = Buffer.concat(chunks).toString();
  const last = text.slice(text.lastIndexOf('HTTP/1.1 '));
  const [head = '', body = ''] = last.split('\r\n\r\n', 2);
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return new Response(body, { status: Number(status.split(' ')[1]), headers });
}
