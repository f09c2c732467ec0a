import { setImmediate } from 'node:timers/promises';
import { v7 as uuidV7 } from 'uuid';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { timeOfId } from '../../api/serving/prediction-id.ts';
import { createPredictionLog, PredictionsNotStored } from '../../api/serving/prediction-log.ts';
import { type LoggedPrediction, packPredictions } from '../../db/prediction-columns.ts';
import { createPredictionStore } from '../../db/queries/predictions.ts';
import { countPredictions, deployFirst } from './models.ts';
import { valuation } from './pipelines.ts';
import { type Service, startService } from './service.ts';

let service: Service;
let storePredictions: ReturnType<typeof createPredictionStore>;
beforeAll(async () => {
  service = await startService({});
  storePredictions = createPredictionStore(service.db);
  await deployFirst(service.db, valuation);
});
afterAll(() => service.stop());

const row = (change: Partial<LoggedPrediction> = {}): LoggedPrediction => {
  const id = uuidV7();
  return {
    id,
    at: timeOfId(id),
    pipeline: valuation.name,
    version: 1,
    pinned: false,
    label: null,
    tier: null,
    score: 1.5,
    instance: '{"area":5}',
    output: '{"value":1.5}',
    requestId: 'test',
    ...change,
  };
};
const rows = (count: number): LoggedPrediction[] => Array.from({ length: count }, () => row());

/** A store that says how many rows it was given, and holds them until they are released. */
function holdingStore() {
  const flushed: number[] = [];
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store: Parameters<typeof createPredictionLog>[0] = async (batch) => {
    flushed.push(batch.length);
    await released;
    return new Map();
  };
  return { flushed, store, release };
}

test('what arrives at one time, and what arrives while two flushes run, is stored by one statement', async () => {
  const { flushed, store, release } = holdingStore();
  const log = createPredictionLog(store, { beatMs: 60_000 });
  const append = (requests: number) => Array.from({ length: requests }, () => log.append([row()]));
  const appended = append(3);
  await vi.waitFor(() => expect(flushed).toEqual([3]));
  appended.push(...append(3));
  await vi.waitFor(() => expect(flushed).toEqual([3, 3]));
  appended.push(...append(1), ...append(20));
  release();
  await Promise.all(appended);
  expect(flushed).toEqual([3, 3, 21]);
});

test('a second flush starts when as many requests wait as the first one holds', async () => {
  const { flushed, store, release } = holdingStore();
  const log = createPredictionLog(store, { beatMs: 60_000 });
  const first = [log.append([row()]), log.append([row()])];
  await vi.waitFor(() => expect(flushed).toEqual([2]));
  const lone = log.append([row()]);
  await setImmediate();
  expect(flushed).toEqual([2]);
  const another = log.append([row()]);
  await vi.waitFor(() => expect(flushed).toEqual([2, 2]));
  release();
  await Promise.all([...first, lone, another]);
});

test('a lone request does not wait for a flush that hangs', async () => {
  const { flushed, store, release } = holdingStore();
  const log = createPredictionLog(store, { beatMs: 5 });
  // Sixteen beats later each is refused, which is of no concern here.
  const hung = Promise.allSettled([log.append([row()]), log.append([row()])]);
  await vi.waitFor(() => expect(flushed).toEqual([2]));
  const lone = Promise.allSettled([log.append([row()])]);
  await vi.waitFor(() => expect(flushed).toEqual([2, 1]));
  release();
  await Promise.all([hung, lone]);
});

test('a big request flushes alone, one at a time, beside the small ones', async () => {
  const flushed: number[] = [];
  let bigUnderWay = 0;
  let mostBigUnderWay = 0;
  const log = createPredictionLog(async (batch) => {
    flushed.push(batch.length);
    const big = batch.length > 500 ? 1 : 0;
    bigUnderWay += big;
    mostBigUnderWay = Math.max(mostBigUnderWay, bigUnderWay);
    const production = await storePredictions(batch);
    bigUnderWay -= big;
    return production;
  });
  const packed = packPredictions(rows(700));
  await Promise.all([
    ...[1, 1, 3, 900, 2].map((count) => log.append(rows(count))),
    log.append(packed),
    ...[800, 4].map((count) => log.append(rows(count))),
  ]);
  expect(flushed.filter((count) => count > 500)).toEqual([900, 700, 800]);
  expect(flushed.filter((count) => count < 500)).toEqual([11]);
  expect(mostBigUnderWay).toBe(1);
});

test('a row that the database refuses fails its own request only', async () => {
  const log = createPredictionLog((batch) => storePredictions(batch));
  const before = await countPredictions(service.db);
  const outcomes = await Promise.allSettled([
    ...Array.from({ length: 10 }, () => log.append([row()])),
    log.append([row({ instance: '{"town":"\\u0000"}' })]),
    ...Array.from({ length: 10 }, () => log.append([row()])),
  ]);
  expect(outcomes.map(({ status }) => status).filter((status) => status === 'rejected')).toHaveLength(1);
  expect(outcomes[10]?.status).toBe('rejected');
  expect(await countPredictions(service.db)).toBe(before + 20);
});

test('a version out of production is stored only where the request named it', async () => {
  const before = await countPredictions(service.db);
  const production = await storePredictions([row({ version: 7 }), row({ version: 7, pinned: true }), row()]);
  expect(production.get(valuation.name)).toBe(1);
  expect(await countPredictions(service.db)).toBe(before + 2);
});

test('keeps quotes, backslashes, commas and braces of an instance as they are', async () => {
  const instance = { town: 'a "b" \\ {c}, ü 😀 NULL' };
  const stored = row({ instance: JSON.stringify(instance), label: 'NULL', tier: '{"x"}' });
  await storePredictions([stored]);
  const answer = await service.get(`/api/v1/predictions/${stored.id}`);
  expect(await answer.json()).toMatchObject({ instance, label: 'NULL', tier: '{"x"}', score: 1.5 });
});

test('holds a bounded number, and takes more once those are stored', async () => {
  const { flushed, store, release } = holdingStore();
  const log = createPredictionLog(store);
  const many = rows(1);
  const accepted = [log.append(many)];
  await vi.waitFor(() => expect(flushed).toEqual([1]));
  accepted.push(log.append(many));
  await vi.waitFor(() => expect(flushed).toEqual([1, 1]));
  const big = Array.from({ length: 50_000 }, () => many[0] ?? row());
  accepted.push(log.append(big));
  await expect(log.append(many)).rejects.toThrow(PredictionsNotStored);
  release();
  await Promise.all(accepted);
  await log.drain();
  await log.append(many);
});
