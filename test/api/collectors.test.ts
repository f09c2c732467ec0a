import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureCollectorSchedules } from '../../api/collector-schedules.ts';
import { collectionIdOf, collectionIdSchema } from '../../contracts/collections.ts';
import { type Collector, collectorSchema } from '../../contracts/collector.ts';
import {
  collectionListSchema,
  collectionRequestedSchema,
  collectionSchema,
  collectorListSchema,
  collectorViewSchema,
} from '../../contracts/http/collectors.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import { beginCollection, endCollection } from '../../db/queries/collections.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const declare = (name: string, more: Record<string, unknown> = {}): [string, Collector] => [
  name,
  collectorSchema.parse({
    kind: 'folder',
    name,
    title: `Files of ${name}`,
    source: name,
    path: '/srv',
    ...more,
  }),
];

describeTemporal('collectors', () => {
  let service: Service;
  let collectors = new Map([declare('plain'), declare('timed', { schedule: { cron: '0 4 * * *' } })]);
  let problems: string[] = [];
  beforeAll(async () => {
    const temporal = await createNamespace();
    service = await startService({ temporal, change: { readCollectors: () => ({ collectors, problems }) } });
  });
  afterAll(() => service.stop());
  const agree = () => ensureCollectorSchedules(service);
  const registered = async (name: string) =>
    (await readAs(collectorViewSchema, service.get(`/api/v1/collectors/${name}`))).schedule;

  test('are listed with their last round, and with what is wrong with declarations', async () => {
    problems = ['/srv/x.yaml:3:1: pace: unknown key'];
    const list = await readAs(collectorListSchema, service.get('/api/v1/collectors'));
    expect(list.problems).toEqual(problems);
    expect(list.items.map(({ name, reads, last }) => [name, reads, last])).toEqual([
      ['plain', '/srv', null],
      ['timed', '/srv', null],
    ]);
    problems = [];
    const unknown = await readAs(problemSchema, service.get('/api/v1/collectors/none'), 404);
    expect(unknown.detail).toBe('no collector is named "none"; there are: plain, timed');
  });

  test('begin one round at a time, which is shown and can be stopped', async () => {
    const path = '/api/v1/collectors/plain/collect';
    const headers = { 'idempotency-key': randomUUID() };
    const asked = await readAs(collectionRequestedSchema, service.send(path, {}, headers), 202);
    const again = await readAs(collectionRequestedSchema, service.send(path, {}, headers), 202);
    expect(again).toEqual(asked);
    expect(asked.collectionId).toBe(collectionIdOf(asked.workflowId));

    // No worker is here: its first step is done for it.
    const { collectionId: id, workflowId } = asked;
    const [, collector] = declare('plain');
    await beginCollection(service.db, { id, workflowId, collector: collector.name, requestedBy: 'test' });
    const busy = await readAs(problemSchema, service.send(path, {}), 409);
    expect(busy.detail).toBe(`round ${id} of plain is under way`);
    const rounds = await readAs(collectionListSchema, service.get('/api/v1/collectors/plain/collections'));
    expect(rounds.items.map((round) => [round.id, round.status])).toEqual([[id, 'running']]);
    await readAs(collectionSchema, service.send(`/api/v1/collections/${id}/cancel`, {}), 202);
    const end = { status: 'cancelled', message: 'it was cancelled' } as const;
    await endCollection(service.db, id, { end, score: end });
    await readAs(problemSchema, service.send(`/api/v1/collections/${id}/cancel`, {}), 409);
    expect(await readAs(collectorViewSchema, service.get('/api/v1/collectors/plain'))).toMatchObject({
      last: {
        id,
        ...end,
        stages: [
          { stage: 'collect', ...end },
          { stage: 'score', ...end },
        ],
      },
    });
    await readAs(problemSchema, service.get(`/api/v1/collections/${randomUUID()}`), 404);
  });

  test('that Temporal knows nothing of any more are ended where they stand', async () => {
    const id = collectionIdSchema.parse(randomUUID());
    const [, { name }] = declare('plain');
    await beginCollection(service.db, { id, workflowId: `gone:${id}`, collector: name, requestedBy: 'test' });
    const ended = await readAs(collectionSchema, service.send(`/api/v1/collections/${id}/cancel`, {}), 202);
    expect(ended).toMatchObject({ status: 'cancelled', message: 'it was ended from outside' });
  });

  test('have the schedules that they declare, paused and resumed by whoever asks', async () => {
    expect(await registered('plain')).toBeNull();
    expect(await registered('timed')).toMatchObject({ registered: false });
    await agree();
    const schedule = await registered('timed');
    expect(schedule).toMatchObject({ cron: '0 4 * * *', paused: false, registered: true });
    expect(schedule?.nextTimes).toHaveLength(5);
    await readAs(collectorViewSchema, service.send('/api/v1/collectors/timed/pause', {}));
    await agree();
    expect(await registered('timed')).toMatchObject({ paused: true, nextTimes: [] });
    await readAs(collectorViewSchema, service.send('/api/v1/collectors/timed/resume', {}));
    expect(await registered('timed')).toMatchObject({ paused: false });
    const none = await readAs(problemSchema, service.send('/api/v1/collectors/plain/pause', {}), 409);
    expect(none.detail).toBe('plain declares no schedule');

    const declared = collectors;
    collectors = new Map([declare('plain')]);
    problems = ['timed.yaml:1:1: broken'];
    await agree();
    collectors = declared;
    expect(await registered('timed')).toMatchObject({ registered: true });
  });
});
