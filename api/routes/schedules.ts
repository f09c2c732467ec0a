import { createRoute, z } from '@hono/zod-openapi';
import {
  pauseScheduleSchema,
  putScheduleSchema,
  type Schedule,
  scheduleListSchema,
  scheduleSchema,
  scheduleTriggeredSchema,
} from '../../contracts/http/schedules.ts';
import { retrainScheduleId } from '../../contracts/ids.ts';
import {
  changeWantedSchedule,
  findWantedSchedule,
  listWantedSchedules,
  putWantedSchedule,
  type WantedSchedule,
} from '../../db/queries/schedules.ts';
import { jsonAnswer, jsonBody, optionalJsonBody, problemsOf } from '../answers.ts';
import { type CatalogEntry, findPipeline, runParameters } from '../catalog.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { conflict, invalid, notFound } from '../problem.ts';
import { describeSchedule, ensureSchedule, removeSchedule, triggerSchedule } from '../schedules.ts';
import { checkSource, defaultSource } from '../sources.ts';
import { refusedArgument } from '../temporal.ts';
import { toTime } from '../views.ts';

const tags = ['Schedules'];
const params = z.object({ pipeline: z.string() });
const path = '/api/v1/schedules/{pipeline}';

const list = createRoute({
  method: 'get',
  path: '/api/v1/schedules',
  tags,
  summary: 'The schedules with their next five times',
  responses: { 200: jsonAnswer(scheduleListSchema, 'The schedules'), ...problemsOf(401, 503) },
});
const put = createRoute({
  method: 'put',
  path,
  tags,
  summary: 'Set the schedule of a pipeline; from then on it is no longer the declaration’s',
  request: { params, body: jsonBody(putScheduleSchema) },
  responses: { 200: jsonAnswer(scheduleSchema, 'The schedule'), ...problemsOf(400, 401, 404, 415, 422, 503) },
});
const remove = createRoute({
  method: 'delete',
  path,
  tags,
  summary: 'Remove the schedule of a pipeline',
  request: { params },
  responses: { 204: { description: 'Removed' }, ...problemsOf(401, 404, 503) },
});
const trigger = createRoute({
  method: 'post',
  path: `${path}/trigger`,
  tags,
  summary: 'Retrain now, unless a retraining of this schedule is running',
  request: { params },
  responses: { 202: jsonAnswer(scheduleTriggeredSchema, 'Triggered'), ...problemsOf(401, 404, 409, 503) },
});
const pauseOrResume = <Verb extends 'pause' | 'resume'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `${path}/${verb}`,
    tags,
    summary,
    request: { params, body: optionalJsonBody(pauseScheduleSchema) },
    responses: { 200: jsonAnswer(scheduleSchema, 'The schedule'), ...problemsOf(401, 404, 415, 503) },
  });
const pause = pauseOrResume('pause', 'Stop firing; the schedule stays');
const resume = pauseOrResume('resume', 'Fire again');

export function scheduleRoutes(deps: AppDependencies) {
  const { db, catalog, temporal } = deps;

  const show = async (wanted: WantedSchedule): Promise<Schedule> => {
    const { pipeline, cron, timezone, source, parameters, jitter, paused, origin, updatedAt } = wanted;
    const described = await describeSchedule(temporal, pipeline);
    const lastTime = described?.info.recentActions.at(-1)?.takenAt;
    const nextTimes = paused ? [] : (described?.info.nextActionTimes ?? []);
    return {
      pipeline,
      cron,
      timezone,
      source,
      parameters,
      jitter,
      paused,
      origin,
      nextTimes: nextTimes.slice(0, 5).map((time) => time.toISOString()),
      lastTime: lastTime?.toISOString() ?? null,
      registered: described !== null,
      updatedAt: toTime(updatedAt),
    };
  };
  const find = async (name: string): Promise<{ entry: CatalogEntry; wanted: WantedSchedule }> => {
    const entry = findPipeline(catalog, name);
    const wanted = await findWantedSchedule(db, entry.name);
    if (wanted === null) throw notFound(`${entry.name} has no schedule`);
    return { entry, wanted };
  };
  const setPaused = async (name: string, paused: boolean): Promise<Schedule> => {
    const { entry, wanted } = await find(name);
    await changeWantedSchedule(db, entry.name, { paused });
    const changed = { ...wanted, paused, origin: 'api' as const };
    await ensureSchedule(temporal, changed, entry);
    return show(changed);
  };

  return createRoutes()
    .openapi(list, async (c) => {
      const wanted = (await listWantedSchedules(db)).filter(
        ({ deleted, pipeline }) => !deleted && catalog.has(pipeline),
      );
      return c.json({ items: await Promise.all(wanted.map(show)) }, 200);
    })
    .openapi(put, async (c) => {
      const entry = findPipeline(catalog, c.req.valid('param').pipeline);
      const { declaration } = entry;
      const body = c.req.valid('json');
      const source = body.source ?? declaration.schedule?.source ?? (await defaultSource(db, declaration));
      // Kept as it was written: a snapshot's name means, at each firing, what it then means.
      await checkSource(deps, source);
      const change = {
        pipeline: entry.name,
        cron: body.cron,
        timezone: body.timezone,
        source,
        parameters: runParameters(entry, body.parameters),
        jitter: body.jitter ?? null,
        paused: body.paused,
      };
      const wanted = { ...change, origin: 'api' as const, deleted: false, updatedAt: '' };
      // Temporal first: should it refuse the expression all the same, nothing is to be kept of it.
      await ensureSchedule(temporal, wanted, entry).catch((error: unknown) => {
        const message = refusedArgument(error);
        throw message === null ? error : invalid([{ pointer: '/cron', message }]);
      });
      return c.json(await show(await putWantedSchedule(db, change)), 200);
    })
    .openapi(remove, async (c) => {
      const { entry } = await find(c.req.valid('param').pipeline);
      await changeWantedSchedule(db, entry.name, { deleted: true });
      await removeSchedule(temporal, entry.name);
      return c.body(null, 204);
    })
    .openapi(trigger, async (c) => {
      const { entry } = await find(c.req.valid('param').pipeline);
      if (!(await triggerSchedule(temporal, entry.name))) {
        throw conflict(`the schedule of ${entry.name} is not in Temporal yet; try again shortly`);
      }
      return c.json({ pipeline: entry.name, scheduleId: retrainScheduleId(entry.name) }, 202);
    })
    .openapi(pause, async (c) => c.json(await setPaused(c.req.valid('param').pipeline, true), 200))
    .openapi(resume, async (c) => c.json(await setPaused(c.req.valid('param').pipeline, false), 200));
}
