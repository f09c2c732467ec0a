import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problemSchema } from '../../contracts/http/problem.ts';
import { runDetailSchema, runStartedSchema } from '../../contracts/http/runs.ts';
import { scheduleSchema } from '../../contracts/http/schedules.ts';
import {
  snapshotDetailSchema,
  snapshotListSchema,
  snapshotRequestedSchema,
  snapshotRequestSchema,
} from '../../contracts/http/snapshots.ts';
import { type PipelineName, sha256Schema } from '../../contracts/ids.ts';
import { nameSnapshot, recordSnapshot } from '../../db/queries/snapshots.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { valuation, wellness } from './pipelines.ts';
import { readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const hashOf = (text: string) => sha256Schema.parse(createHash('sha256').update(text).digest('hex'));

/** A snapshot of one file, as a worker records it. */
async function record(
  service: Service,
  id: string,
  { pipeline = null }: { pipeline?: PipelineName | null } = {},
) {
  const blob = await service.store.put(Buffer.from(`a\n${id}\n`));
  const file = { name: 'ünusual "name".csv', table: null, blob, format: 'csv' as const };
  const manifest = { source: 'demo:olist', files: [file], ignoredFiles: [], joined: false };
  await recordSnapshot(service.db, pipeline, { id: sha256Schema.parse(id), ...manifest });
  return { id: sha256Schema.parse(id), blob };
}

describe('snapshots', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({});
  });
  afterAll(() => service.stop());

  test('are found by id, the beginning of one, and a name that moves', async () => {
    const first = await record(service, `abcdef1${'0'.repeat(57)}`);
    const second = await record(service, `abcdef1${'1'.repeat(57)}`);
    const show = (ref: string) => service.get(`/api/v1/snapshots/${ref}`);
    for (const ref of [first.id, first.id.slice(0, 12)])
      expect((await readAs(snapshotDetailSchema, show(ref))).id).toBe(first.id);
    const { detail } = await readAs(problemSchema, show('abcdef1'), 404);
    expect(detail).toBe(`several snapshots begin with "abcdef1": ${first.id}, ${second.id}`);
    await readAs(problemSchema, show('a_b'), 404);

    await nameSnapshot(service.db, 'a_b', first.id);
    expect((await readAs(snapshotDetailSchema, show('a_b'))).names).toEqual(['a_b']);
    await nameSnapshot(service.db, 'a_b', second.id);
    expect((await readAs(snapshotDetailSchema, show('a_b'))).id).toBe(second.id);
    expect((await readAs(snapshotDetailSchema, show(first.id))).names).toEqual([]);
  });

  test.each(['1', 'abcdef', 'ABCDEF1%25', 'a%2Fb'])('%s refers to none', async (ref) => {
    await record(service, hashOf('the only one'));
    await readAs(problemSchema, service.get(`/api/v1/snapshots/${ref}`), 404);
  });

  test('give their files back byte for byte', async () => {
    const { id, blob } = await record(service, hashOf('download'));
    const { contents } = await readAs(snapshotDetailSchema, service.get(`/api/v1/snapshots/${id}`));
    const [file] = contents;
    const answer = await service.get(file?.href ?? '');
    expect(await answer.text()).toBe(`a\n${id}\n`);
    expect(answer.headers.get('etag')).toBe(`"${blob.sha256}"`);
    expect(answer.headers.get('content-length')).toBe(String(blob.bytes));
    const again = await service.get(file?.href ?? '', { 'if-none-match': `"${blob.sha256}"` });
    expect(again.status).toBe(304);
    await readAs(problemSchema, service.get(`/api/v1/snapshots/${id}/files/none.csv`), 404);
  });

  test('are listed newest first, a page at a time, by pipeline where one is named', async () => {
    const ids = [];
    for (const n of [1, 2, 3])
      ids.unshift((await record(service, hashOf(`page ${n}`), { pipeline: valuation.name })).id);
    const path = `/api/v1/snapshots?pipeline=${valuation.name}&limit=2`;
    const first = await readAs(snapshotListSchema, service.get(path));
    const rest = await readAs(snapshotListSchema, service.get(`${path}&cursor=${first.nextCursor}`));
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(ids);
    expect(rest.nextCursor).toBeNull();
    expect(first.items[0]).toMatchObject({ pipeline: valuation.name, files: 1, rows: null });
    await readAs(problemSchema, service.get('/api/v1/snapshots?cursor=nonsense'), 400);
  });

  test.each([
    [{}, '/source'],
    [{ source: 'nonsense' }, '/source'],
    [{ source: 'snapshot:nosuch' }, '/source'],
    [{ source: 'demo:olist', name: 'no name' }, '/name'],
    [{ source: 'demo:olist', name: 'deadbeef' }, '/name'],
  ])('%j is refused at %s', async (body, pointer) => {
    const problem = await readAs(problemSchema, service.send('/api/v1/snapshots', body), 422);
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer]);
  });

  test('of two pipelines are compared by none without being told', async () => {
    const one = await record(service, hashOf('of one'), { pipeline: valuation.name });
    const other = await record(service, hashOf('of another'), {
      pipeline: wellness.name,
    });
    const body = { from: one.id, to: other.id };
    const problem = await readAs(problemSchema, service.send('/api/v1/snapshot-diffs', body), 422);
    expect(problem.errors?.[0]).toMatchObject({ pointer: '/pipeline' });
    for (const from of ['nosuch', ''])
      await readAs(problemSchema, service.send('/api/v1/snapshot-diffs', { from, to: one.id }), 404);
    await readAs(problemSchema, service.get('/api/v1/snapshot-diffs/nosuch'), 404);
  });
});

describeTemporal('a snapshot that is asked for', () => {
  let service: Service;
  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
  });
  afterAll(() => service.stop());

  test('is answered once its work is durable, and the same key answers the same request', async () => {
    const ask = (body: unknown, key: string) =>
      service.send('/api/v1/snapshots', body, { 'idempotency-key': key });
    const body = { source: 'demo:olist', name: 'orders' };
    const asked = await readAs(snapshotRequestedSchema, ask(body, 'one'), 202);
    expect(await readAs(snapshotRequestedSchema, ask(body, 'one'), 202)).toEqual(asked);
    await readAs(problemSchema, ask({ ...body, name: 'others' }, 'one'), 409);
    const { links, requestId } = asked;
    const request = await readAs(snapshotRequestSchema, service.get(links.request));
    expect(request).toEqual({ requestId, status: 'running', failure: null, snapshotId: null });
    await readAs(problemSchema, service.get('/api/v1/snapshot-requests/nosuch'), 404);
  });

  test('by a name is the same for a run whatever the name comes to mean, and what it then means for a schedule', async () => {
    const first = await record(service, hashOf('first'));
    await nameSnapshot(service.db, 'moving', first.id);
    const source = 'snapshot:moving';
    const path = `/api/v1/pipelines/${valuation.name}`;
    const { links } = await readAs(runStartedSchema, service.send(`${path}/runs`, { source }), 202);
    const run = await readAs(runDetailSchema, service.get(links.run));
    expect(run.source).toBe(`snapshot:${first.id}`);
    const { usedBy } = await readAs(snapshotDetailSchema, service.get('/api/v1/snapshots/moving'));
    expect(usedBy.lastRuns.map(({ runId }) => runId)).toEqual([run.runId]);

    const schedule = { cron: '0 4 * * *', source, paused: true };
    const put = service.send(`/api/v1/schedules/${valuation.name}`, schedule, {}, 'PUT');
    expect((await readAs(scheduleSchema, put)).source).toBe(source);
  });
});
