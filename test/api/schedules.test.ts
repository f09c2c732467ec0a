import type { Client } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { adoptDeclarations, ensureSchedules } from '../../api/schedules.ts';
import { ensureSearchAttributes } from '../../api/search-attributes.ts';
import { problemSchema } from '../../contracts/http/problem.ts';
import {
  scheduleListSchema,
  scheduleSchema,
  scheduleTriggeredSchema,
} from '../../contracts/http/schedules.ts';
import { pipelineNameSchema } from '../../contracts/ids.ts';
import { schedules } from '../../db/schema/schedules.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { eventually, readAs, type Service, startService } from './service.ts';
import { createNamespace } from './temporal-namespace.ts';

const path = '/api/v1/schedules/valuation';

describeTemporal('schedules', () => {
  let service: Service;
  const reconcile = async () => {
    await adoptDeclarations(service.db, service.catalog);
    await ensureSchedules(service);
  };
  const read = async () => {
    const { items } = await readAs(scheduleListSchema, service.get('/api/v1/schedules'));
    return items;
  };
  const describeSchedule = () =>
    service.temporal.call((client) => client.schedule.getHandle('retrain:valuation').describe());

  beforeAll(async () => {
    service = await startService({ temporal: await createNamespace() });
    // A second time, as each API that starts does.
    await ensureSearchAttributes(service.temporal);
    await reconcile();
  });
  afterAll(() => service.stop());

  test('a declared schedule is in Temporal, paused, with overlap and catch-up bounded', async () => {
    expect(await read()).toMatchObject([
      { pipeline: 'valuation', origin: 'declaration', paused: true, registered: true, nextTimes: [] },
    ]);
    const { policies, state } = await describeSchedule();
    expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: 6 * 60 * 60 * 1000 });
    expect(state.paused).toBe(true);
  });

  test('a declaration is written again where it has changed, and only then', async () => {
    const [declared] = await read();
    await reconcile();
    expect(await read()).toEqual([declared]);
    await service.db.update(schedules).set({ cron: '5 5 * * *', jitter: '1m' });
    await reconcile();
    const [again] = await read();
    expect(again).toMatchObject({ cron: declared?.cron, jitter: declared?.jitter, origin: 'declaration' });
    expect(again?.updatedAt).not.toBe(declared?.updatedAt);
  });

  test('one that Temporal refuses does not keep the others from agreeing', async () => {
    const refused = {
      cron: 'every so often',
      timezone: 'UTC',
      source: 'demo:olist',
      parameters: {},
      jitter: null,
    };
    await service.db
      .insert(schedules)
      .values({ ...refused, pipeline: pipelineNameSchema.parse('wellness'), paused: true, origin: 'api' });
    await service.temporal.call((client) => client.schedule.getHandle('retrain:valuation').delete());
    await reconcile();
    expect((await describeSchedule()).scheduleId).toBe('retrain:valuation');
    await service.db.delete(schedules).where(eq(schedules.pipeline, pipelineNameSchema.parse('wellness')));
  });

  test('resumed, it tells its next five times in its own time zone', async () => {
    const schedule = await readAs(scheduleSchema, service.send(`${path}/resume`));
    expect(schedule).toMatchObject({ paused: false, origin: 'api' });
    const { nextTimes } = await eventually(async () => {
      const [first] = await read();
      return first?.nextTimes.length === 5 ? first : undefined;
    });
    const hours = nextTimes.map((time) =>
      new Date(time).toLocaleString('en-GB', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit' }),
    );
    expect(new Set(hours)).toEqual(new Set(['04:00']));
  });

  test('a schedule that was set here replaces the old times, and the declaration does not come back', async () => {
    const body = { cron: '30 5 * * 1', timezone: 'Asia/Tokyo', jitter: '5m', parameters: { minR2: 0.4 } };
    const set = await readAs(scheduleSchema, service.send(path, body, {}, 'PUT'));
    expect(set).toMatchObject({ cron: '30 5 * * 1', origin: 'api', jitter: '5m', paused: false });
    expect(set.parameters).toMatchObject({ minR2: 0.4 });
    await reconcile();
    const [schedule] = await read();
    expect(schedule).toMatchObject({ cron: '30 5 * * 1', timezone: 'Asia/Tokyo' });
    const { spec } = await describeSchedule();
    expect(spec.calendars).toHaveLength(1);
  });

  test('one that agrees is not written again, one that was changed in Temporal is', async () => {
    const lastUpdate = async () => (await describeSchedule()).info.lastUpdatedAt?.getTime();
    const before = await lastUpdate();
    await reconcile();
    expect(await lastUpdate()).toBe(before);
    const handle = (client: Client) => client.schedule.getHandle('retrain:valuation');
    await service.temporal.call((client) => handle(client).pause());
    await reconcile();
    expect((await describeSchedule()).state.paused).toBe(false);
    await service.temporal.call((client) =>
      handle(client).update(({ spec: _, ...rest }) => ({
        ...rest,
        spec: { cronExpressions: ['0 1 * * *'] },
      })),
    );
    await reconcile();
    expect((await describeSchedule()).spec).toMatchObject({
      timezone: 'Asia/Tokyo',
      jitter: 5 * 60 * 1000,
      calendars: [{ hour: [{ start: 5 }], minute: [{ start: 30 }], dayOfWeek: [{ start: 'MONDAY' }] }],
    });
  });

  test('a cron expression is refused by its field, without Temporal', async () => {
    const { errors } = await readAs(
      problemSchema,
      service.send(path, { cron: '0 4 * 13 *' }, {}, 'PUT'),
      422,
    );
    expect(errors?.[0]?.message).toBe('month "13": "13" is no number from 1 to 12 and no name such as jan');
  });

  test.each([
    [{ cron: 'every day now and then' }, '/cron'],
    [{ cron: '99 5 * * 1' }, '/cron'],
    [{ cron: '* *' }, '/cron'],
    [{ cron: '0 4 * * *', timezone: 'Mars/Olympus' }, '/timezone'],
    [{ cron: '0 4 * * *', parameters: { minR9: 1 } }, '/parameters/minR9'],
    [{ cron: '0 4 * * *', source: 'folder:/etc' }, '/source'],
    [{ cron: '0 4 * * *', jitter: 'some' }, '/jitter'],
  ])('refuses %j', async (body, pointer) => {
    const { errors } = await readAs(problemSchema, service.send(path, body, {}, 'PUT'), 422);
    expect(errors?.map((error) => error.pointer)).toEqual([pointer]);
    expect((await read())[0]?.cron).toBe('30 5 * * 1');
  });

  test('a trigger starts a retraining, and another one is skipped while it runs', async () => {
    await readAs(scheduleTriggeredSchema, service.send(`${path}/trigger`), 202);
    const started = await eventually(async () => {
      const { info } = await describeSchedule();
      return info.recentActions.length > 0 ? info.recentActions : undefined;
    });
    expect(started[0]?.action.workflow.workflowId).toMatch(/^retrain:valuation-/);
    await readAs(scheduleTriggeredSchema, service.send(`${path}/trigger`), 202);
    const skipped = await eventually(async () => {
      const { info } = await describeSchedule();
      return info.numActionsSkippedOverlap > 0 ? info : undefined;
    });
    expect(skipped.recentActions).toHaveLength(1);
  });

  test('a deleted schedule is gone from Temporal and stays gone', async () => {
    expect((await service.send(path, undefined, {}, 'DELETE')).status).toBe(204);
    await reconcile();
    expect(await read()).toEqual([]);
    await expect(describeSchedule()).rejects.toThrow();
    await readAs(problemSchema, service.send(`${path}/pause`), 404);
    await readAs(problemSchema, service.send('/api/v1/schedules/nothing/trigger'), 404);
  });
});
