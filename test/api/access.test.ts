import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pipelineDetailSchema, pipelineListSchema } from '../../contracts/http/pipelines.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { deployFirst } from './models.ts';
import { valuation } from './pipelines.ts';
import { eventually, readAs, type Service, startService } from './service.ts';

const key = 'a-key-of-sixteen-characters';
let open: Service;
let keyed: Service;

beforeAll(async () => {
  open = await startService({ change: { allowedHosts: ['models.example'] } });
  keyed = await startService({ change: { apiKeys: ['another-key-0123456789', key] } });
});
afterAll(() => Promise.all([open.stop(), keyed.stop()]));

describe('without keys', () => {
  test.each(['localhost:3000', '127.0.0.1', '127.8.9.1:80', '[::1]:3000', 'models.example'])(
    'takes requests to %s',
    async (host) => {
      expect((await open.get('/api/v1/pipelines', { host })).status).toBe(200);
    },
  );

  test.each(['evil.example', 'localhost.evil.example', '10.0.0.1', '127.0.0.1.evil.example'])(
    'refuses a Host of %s',
    async (host) => {
      await readAs(problemSchema, open.get('/api/v1/pipelines', { host }), 403);
    },
  );

  test.each<Record<string, string>>([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://localhost:9999' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
  ])('refuses a POST with %j', async (headers) => {
    await readAs(problemSchema, open.send('/api/v1/pipelines/valuation/runs', {}, headers), 403);
  });

  test('lets a link of another site lead here, and the own page ask', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await open.get('/docs', link)).status).toBe(200);
    const own = { 'sec-fetch-site': 'same-origin', origin: 'http://localhost', host: 'localhost' };
    expect((await open.get('/api/v1/pipelines', own)).status).toBe(200);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded'])('refuses a body of %s', async (type) => {
    const answer = open.send('/api/v1/models/valuation/predict', '{"instances":[{}]}', {
      'content-type': type,
    });
    await readAs(problemSchema, answer, 415);
  });
});

describe('with keys', () => {
  test('asks who it is, and takes any of the keys', async () => {
    const refused = await keyed.get('/api/v1/pipelines');
    expect(refused.headers.get('www-authenticate')).toContain('Bearer');
    await readAs(problemSchema, refused, 401);
    await readAs(problemSchema, keyed.get('/api/v1/pipelines', { authorization: `Bearer ${key}x` }), 401);
    await readAs(problemSchema, keyed.get('/metrics'), 401);
    const authorization = `Bearer ${key}`;
    await readAs(pipelineListSchema, keyed.get('/api/v1/pipelines', { authorization, host: 'any.example' }));
  });

  test('keeps probes and pages open', async () => {
    expect((await keyed.get('/healthz')).status).toBe(200);
    expect((await keyed.get('/docs')).status).toBe(200);
    expect((await keyed.get('/openapi.json')).status).toBe(200);
  });
});

test('every answer carries a request id, the given one where it can be taken', async () => {
  const given = await open.get('/healthz', { 'x-request-id': 'mine-1' });
  expect(given.headers.get('x-request-id')).toBe('mine-1');
  const made = await open.get('/nowhere', { 'x-request-id': 'not <this>' });
  const problem = await readAs(problemSchema, made, 404);
  expect(problem.requestId).toBe(made.headers.get('x-request-id'));
  expect(problem.requestId).not.toContain('<');
});

test('refuses a body over the limit', async () => {
  const body = `{"reason":"${'x'.repeat(33 * 1024 * 1024)}"}`;
  await readAs(problemSchema, open.send('/api/v1/pipelines/valuation/runs', body), 413);
});

test('a prediction obeys the same rules, and its answers carry the same headers', async () => {
  const predict = '/api/v1/models/valuation/predict';
  const body = { instances: [{ area: 5 }] };
  await readAs(problemSchema, open.send(predict, body, { host: 'evil.example' }), 403);
  await readAs(problemSchema, keyed.send(predict, body), 401);
  await readAs(problemSchema, keyed.send(predict, body, { authorization: `Bearer ${key}` }), 409);
  await readAs(problemSchema, open.send('/api/v1/models/nothing/predict', body), 404);
  const tooLarge = `{"instances":[{}]${' '.repeat(33 * 1024 * 1024)}}`;
  await readAs(problemSchema, open.send(predict, tooLarge), 413);

  await deployFirst(open.db, valuation);
  await eventually(() => open.production.version(valuation.name));
  const answers = [
    await open.send(predict, body, { 'x-request-id': 'mine-2' }),
    await open.send(predict, {}, { 'x-request-id': 'mine-2' }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 422]);
  const other = await open.get('/api/v1/pipelines', { 'x-request-id': 'mine-2' });
  const headersOf = ({ headers }: Response) =>
    Object.fromEntries([...headers].filter(([name]) => name !== 'content-type'));
  for (const answer of answers) expect(headersOf(answer)).toEqual(headersOf(other));
  expect(other.headers.get('x-frame-options')).toBe('DENY');
});

test('a pipeline shows what an instance is and which parameters a run takes', async () => {
  const pipeline = await readAs(pipelineDetailSchema, open.get('/api/v1/pipelines/valuation'));
  expect(pipeline.instanceSchema).toMatchObject({ type: 'object', required: ['area'] });
  expect(pipeline.parameters).toMatchObject({ minR2: { type: 'number', default: 0.1 } });
  expect(pipeline.example).toMatchObject({ area: 80 });
  expect(pipeline.settings).toEqual({
    sha256: 'e'.repeat(64),
    changes: [{ key: 'parameters.minR2', declared: 0.2, value: 0.1 }],
  });
});

test('the contract names every route, and the page shows each', async () => {
  const document = await (await open.get('/openapi.json')).text();
  const { openapi, paths } = JSON.parse(document);
  expect(openapi).toBe('3.1.0');
  const page = await (await open.get('/docs')).text();
  for (const path of Object.keys(paths)) expect(page).toContain(`<code>${path}</code>`);
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/api/v1/models/{pipeline}/predict', '/api/v1/runs/{runId}/events', '/readyz']),
  );
  expect(page).not.toContain('<script');
});

test('the examples of the page name the address at which it is read', async () => {
  const page = await open.app.request('http://localhost:3200/docs', { headers: { host: 'localhost:3200' } });
  const text = await page.text();
  expect(text).toContain('http://localhost:3200/api/v1/pipelines/olist-score');
  expect(text).not.toContain(':3000');
});
