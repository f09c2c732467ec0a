import { afterEach, beforeEach, expect, it, vi } from 'vitest';

type Failure = { type: string; message: string };
type Answer = { status: number; body: unknown };
const script = new URL('../../web/assets/api.js', import.meta.url).href;
const { followDeployment }: { followDeployment(address: string): Promise<Failure | null> } = await import(
  script
);

let asked: string[];
beforeEach(() => {
  asked = [];
  vi.useFakeTimers();
  vi.stubGlobal('sessionStorage', { getItem: () => null });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What the page comes to know of a deployment of which the service gives these answers, one after the other. */
async function follow(answers: readonly Answer[]): Promise<Failure | null> {
  const rest = [...answers];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(path);
    const answer = rest.shift();
    if (answer === undefined) throw new Error('asked once too often');
    return Response.json(answer.body, { status: answer.status });
  });
  const followed = followDeployment('/api/v1/models/valuation/deployments/back');
  // What it refuses is looked at below.
  followed.catch(() => undefined);
  await vi.runAllTimersAsync();
  return followed;
}

const running = { status: 200, body: { status: 'running', entry: null, failure: null } };
const done = { status: 200, body: { status: 'done', entry: {}, failure: null } };
const failure = { type: 'NotServable', message: 'version 1 cannot be loaded by the API' };
const failed = { status: 200, body: { status: 'failed', entry: null, failure } };

it('waits for the end of a rollback, by paths of the page', async () => {
  expect(await follow([running, running, done])).toBeNull();
  expect(asked).toEqual(Array(3).fill('api/v1/models/valuation/deployments/back'));
});

it('tells why a rollback that was accepted changed nothing', async () => {
  expect(await follow([running, failed])).toEqual(failure);
});

it('goes on while the service is away, and ends where nothing is known of the deployment', async () => {
  const away = { status: 503, body: { title: 'Service Unavailable', detail: 'Temporal does not answer' } };
  const unknown = { status: 404, body: { title: 'Not Found', detail: 'no deployment is known' } };
  expect(await follow([away, done])).toBeNull();
  await expect(follow([unknown])).rejects.toThrow('no deployment is known');
});
