import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { HttpProblem } from '../../api/problem.ts';
import { createServingThreads } from '../../api/serving/threads/pool.ts';
import { encodeArtifact } from '../../ml/artifact.ts';
import { fitModel } from './models.ts';
import { valuation } from './pipelines.ts';

const threads = createServingThreads(1);
afterAll(() => threads.close());

const artifact = fitModel(valuation, 2);
const content = gzipSync(encodeArtifact(artifact));
const model = { version: 1, declaration: valuation, artifact };
const body = new TextEncoder().encode(JSON.stringify({ instances: [{ area: 10 }] }));
const ask = () => threads.run('predict', { body, requestId: 'test' }, model);

test('loads a model, whose numbers lie in memory that all threads share', async () => {
  const loaded = await threads.run('loadModel', { content });
  expect(loaded.learner).toEqual(artifact.learner);
  for (const section of Object.values(loaded.sections))
    expect(section.buffer).toBeInstanceOf(SharedArrayBuffer);
});

test('loads a model before the big requests that wait, and refuses more than a bounded number', async () => {
  const ended: string[] = [];
  const asked = Array.from({ length: 20 }, () => ask().finally(() => ended.push('request')));
  const loading = threads.run('loadModel', { content }).finally(() => ended.push('load'));
  const outcomes = await Promise.allSettled([...asked, loading]);
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused).toHaveLength(3);
  for (const reason of refused) {
    expect(reason).toBeInstanceOf(HttpProblem);
    expect(reason).toMatchObject({ status: 503, retryAfterSeconds: 1 });
  }
  // Behind the three refused at once and the one under way.
  expect(ended.indexOf('load')).toBe(4);
});

test('a thread that failed a job does the next one', async () => {
  await expect(threads.run('loadModel', { content: content.subarray(0, 100) })).rejects.toThrow();
  await expect(
    threads.run('predict', { body: new Uint8Array([123]), requestId: 'test' }, model),
  ).rejects.toThrow('the body ends');
  expect(await ask()).toMatchObject({ done: true, pinned: false });
});

test('a model that was forgotten is given anew', async () => {
  threads.forget({ pipeline: valuation.name, version: 1 });
  expect(await ask()).toMatchObject({ done: true });
});
