import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '../../contracts/http/problem.ts';
import {
  runDetailSchema,
  runListSchema,
  runProgressSchema,
  runSchema,
  runStartedSchema,
} from '../../contracts/http/runs.ts';
import { changeRun, finishRun } from '../../db/queries/runs.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { eventually, readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const path = '/api/v1/pipelines/valuation/runs';
const source = 'demo:olist?rows=50&seed=3';

describeTemporal('runs', () => {
  let service: Service;
  const start = (body: unknown = {}, key?: string) =>
    readAs(
      runStartedSchema,
      service.send(path, body, key === undefined ? {} : { 'idempotency-key': key }),
      202,
    );
  const describeWorkflow = (workflowId: string) =>
    service.temporal.call((client) => client.workflow.getHandle(workflowId).describe());

  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
  });
  afterAll(() => service.stop());

  test('a run is in the database, and its workflow started, before it is answered', async () => {
    const { runId, workflowId, links } = await start({
      kind: 'train',
      source,
      parameters: { minR2: 0.3 },
      seed: 5,
    });
    const run = await readAs(runDetailSchema, service.get(links.run));
    expect(run).toMatchObject({
      runId,
      pipeline: 'valuation',
      kind: 'train',
      status: 'queued',
      source,
      seed: 5,
      settingsSha256: 'e'.repeat(64),
      requestedBy: 'local',
      steps: [],
      candidates: [],
      verdict: null,
    });
    expect(run.parameters).toMatchObject({ minR2: 0.3, candidates: ['linear', 'forest'] });
    const workflow = await describeWorkflow(workflowId);
    expect(workflow.type).toBe('continuousDeployment');
    expect(links.temporal).toContain(encodeURIComponent(workflowId));
  });

  test('refuses a body that is nested without end', async () => {
    const nested = `{"parameters":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;
    const problem = await readAs(problemSchema, service.send(path, nested), 422);
    expect(problem.errors).toEqual([
      { pointer: '/parameters/a/a', message: 'is nested deeper than 64 levels' },
    ]);
  });

  test('shows which steps it may take from earlier runs, and names them where another is asked for', async () => {
    const { runId } = await start({ kind: 'train', from: 'trainCandidate' });
    expect(await readAs(runDetailSchema, service.get(`/api/v1/runs/${runId}`))).toMatchObject({
      cache: true,
      from: 'trainCandidate',
    });
    const { detail } = await readAs(
      problemSchema,
      service.send(path, { kind: 'train', from: 'training' }),
      422,
    );
    expect(detail).toContain(
      'no step is named "training"; the run\'s are loadData, validateData, buildRows, trainCandidate, trainCandidate:',
    );
  });

  test('a retraining starts its own workflow', async () => {
    const { runId, workflowId } = await start({ kind: 'retrain' });
    expect(workflowId).toBe(`retrain:${runId}`);
    expect((await describeWorkflow(workflowId)).type).toBe('retrainModel');
  });

  test('the same key answers the same run, however often and at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => start({ source }, 'once')));
    expect(new Set(answers.map(({ runId }) => runId)).size).toBe(1);
  });

  test.each([
    ['seed', { seed: 8 }],
    ['reason', { reason: 'another' }],
    ['cache', { cache: false }],
    ['from', { from: 'buildRows' }],
  ])('another %s under a used key is a conflict', async (name, change) => {
    await start({ source }, `mine-${name}`);
    const problem = await readAs(
      problemSchema,
      service.send(path, { source, ...change }, { 'idempotency-key': `mine-${name}` }),
      409,
    );
    expect(problem.detail).toContain(name);
  });

  test.each([
    [{ parameters: { minR2: 'high' } }, '/parameters/minR2'],
    [{ parameters: { minR3: 1 } }, '/parameters/minR3'],
    [{ source: 'table:x' }, '/source'],
    [{ source: 'demo:nope' }, '/source'],
    [{ source: 'upload:6d0a1a51-0d4e-4a33-8a2b-0a35a0f0c8a1' }, '/source'],
    [{ source: 'folder:/etc' }, '/source'],
    [{ kind: 'sell' }, '/kind'],
    [{ seed: -1 }, '/seed'],
    [{ reason: 'a\u0000b' }, '/reason'],
    [{ sauce: 'x' }, '/sauce'],
    [{ from: 'train' }, '/from'],
    [{ kind: 'train', from: 'promoteModel' }, '/from'],
    [{ cache: false, from: 'buildRows' }, '/from'],
  ])('refuses %j and names %s', async (body, pointer) => {
    const { errors } = await readAs(problemSchema, service.send(path, body), 422);
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test('says that a body is no JSON, and that a pipeline or run is unknown', async () => {
    await readAs(problemSchema, service.send(path, '{"kind":'), 400);
    await readAs(problemSchema, service.send('/api/v1/pipelines/nothing/runs', {}), 404);
    await readAs(problemSchema, service.get('/api/v1/runs/7'), 404);
    await readAs(problemSchema, service.get('/api/v1/runs/6d0a1a51-0d4e-4a33-8a2b-0a35a0f0c8a1'), 404);
  });

  test('lists newest first, by status and kind, in pages that neither lose nor repeat a run', async () => {
    const all = await readAs(runListSchema, service.get('/api/v1/runs?limit=200'));
    const ids: string[] = [];
    let query = 'limit=2';
    for (;;) {
      const page = await readAs(runListSchema, service.get(`/api/v1/runs?${query}`));
      ids.push(...page.items.map(({ runId }) => runId));
      if (page.nextCursor === null) break;
      query = `limit=2&cursor=${page.nextCursor}`;
    }
    expect(ids).toEqual(all.items.map(({ runId }) => runId));
    const retrainings = await readAs(runListSchema, service.get('/api/v1/runs?kind=retrain&status=queued'));
    expect(retrainings.items.map(({ kind }) => kind)).toEqual(['retrain']);
    await readAs(problemSchema, service.get('/api/v1/runs?limit=0'), 400);
    await readAs(problemSchema, service.get('/api/v1/runs?cursor=abc'), 400);
  });

  test('cancelling reaches the workflow although no worker runs, and a run that has ended is a conflict', async () => {
    const { runId, workflowId } = await start({ source });
    await readAs(runSchema, service.send(`/api/v1/runs/${runId}/cancel`), 202);
    const history = await service.temporal.call((client) =>
      client.workflow.getHandle(workflowId).fetchHistory(),
    );
    expect(history.events?.some(({ workflowExecutionSignaledEventAttributes: asked }) => asked)).toBe(true);
    await finishRun(service.db, runId, { status: 'cancelled', reason: 'asked' });
    await readAs(problemSchema, service.send(`/api/v1/runs/${runId}/cancel`, { reason: 'again' }), 409);
    const run = await readAs(runDetailSchema, service.get(`/api/v1/runs/${runId}`));
    expect(run).toMatchObject({ status: 'cancelled', outcomeReason: 'asked' });
  });

  test('events follow a run to its end, each under its revision', async () => {
    const { runId, links } = await start({ source });
    const response = await service.get(links.events);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const events = readEvents(response);
    const first = await events.next();
    expect(first.value).toMatchObject({ event: 'run' });
    await changeRun(service.db, runId, { status: 'running' });
    const second = await events.next();
    const progress = runProgressSchema.parse(JSON.parse(second.value?.data ?? ''));
    expect(progress.status).toBe('running');
    expect(second.value?.id).toBe(String(progress.revision));
    await finishRun(service.db, runId, { status: 'skipped', reason: 'nothing new' });
    const rest: string[] = [];
    for await (const { event } of events) rest.push(event);
    expect(rest).toEqual(['run', 'end']);

    const resumed = await service.get(links.events, { 'last-event-id': second.value?.id ?? '' });
    const missed: string[] = [];
    for await (const { event } of readEvents(resumed)) missed.push(event);
    expect(missed).toEqual(['run', 'end']);
  });
});

test('answers 503 and keeps no run while Temporal is away', async () => {
  const service = await startService({});
  try {
    const answer = await service.send(path, {}, { 'idempotency-key': 'later' });
    expect(answer.headers.get('retry-after')).toBe('5');
    await readAs(problemSchema, answer, 503);
    const { items } = await readAs(runListSchema, service.get('/api/v1/runs'));
    expect(items).toEqual([]);
    const ready = await service.get('/readyz');
    expect(ready.status).toBe(503);
    expect(ready.headers.get('retry-after')).toBe('2');
    expect(await ready.json()).toMatchObject({
      dependencies: { postgres: { state: 'ok' }, temporal: { state: 'down' } },
    });
    await eventually(() => (service.production.state().state === 'ok' ? true : undefined));
  } finally {
    await service.stop();
  }
});

type Event = { event: string; id: string; data: string };

async function* readEvents(response: Response): AsyncGenerator<Event, void, void> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (block.startsWith(':')) continue;
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1] ?? '';
      yield { event: field('event'), id: field('id'), data: field('data') };
    }
  }
}
