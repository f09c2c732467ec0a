import { createRoute, z } from '@hono/zod-openapi';
import { CollectorUnknown, findCollector } from '../../collectors/load-collectors.ts';
import { collectionIdSchema, collectScheduleId } from '../../contracts/collections.ts';
import type { Collector } from '../../contracts/collector.ts';
import {
  type Collection,
  type CollectorView,
  collectionListSchema,
  collectionQuerySchema,
  collectionRequestedSchema,
  collectionSchema,
  collectorListSchema,
  collectorViewSchema,
} from '../../contracts/http/collectors.ts';
import { idempotencyHeaderSchema } from '../../contracts/http/shared.ts';
import { listStages } from '../../db/queries/collection-stages.ts';
import {
  type CollectionRow,
  findCollection,
  findCollectorState,
  listCollections,
  pauseCollector,
  readCollectorPauses,
} from '../../db/queries/collections.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { cancelCollection, requestCollection } from '../collection-requests.ts';
import { viewOfRound } from '../collection-view.ts';
import { timedCollection } from '../collector-schedules.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { conflict, notFound } from '../problem.ts';
import { describeTimedWorkflow, ensureTimedWorkflow } from '../timed-workflows.ts';
import { toTime } from '../views.ts';

const tags = ['Collectors'];
const params = z.object({ collector: z.string() });
const path = '/api/v1/collectors/{collector}';

const list = createRoute({
  method: 'get',
  path: '/api/v1/collectors',
  tags,
  summary: 'The collectors of reviews with their last round, and what is wrong with declarations',
  responses: { 200: jsonAnswer(collectorListSchema, 'The collectors'), ...problemsOf(401, 503) },
});
const show = createRoute({
  method: 'get',
  path,
  tags,
  summary: 'A collector',
  request: { params },
  responses: { 200: jsonAnswer(collectorViewSchema, 'The collector'), ...problemsOf(401, 404, 503) },
});
const collect = createRoute({
  method: 'post',
  path: `${path}/collect`,
  tags,
  summary: 'Collect now',
  request: { params, headers: idempotencyHeaderSchema },
  responses: {
    202: jsonAnswer(collectionRequestedSchema, 'Accepted'),
    ...problemsOf(400, 401, 404, 409, 503),
  },
});
const rounds = createRoute({
  method: 'get',
  path: `${path}/collections`,
  tags,
  summary: 'The rounds of a collector, the latest first',
  request: { params, query: collectionQuerySchema },
  responses: { 200: jsonAnswer(collectionListSchema, 'The rounds'), ...problemsOf(400, 401, 404, 503) },
});
const round = createRoute({
  method: 'get',
  path: '/api/v1/collections/{collectionId}',
  tags,
  summary: 'A round',
  request: { params: z.object({ collectionId: z.string() }) },
  responses: { 200: jsonAnswer(collectionSchema, 'The round'), ...problemsOf(401, 404, 503) },
});
const cancel = createRoute({
  method: 'post',
  path: '/api/v1/collections/{collectionId}/cancel',
  tags,
  summary: 'Stop a round; what it has taken in stays',
  request: { params: z.object({ collectionId: z.string() }) },
  responses: { 202: jsonAnswer(collectionSchema, 'Asked to stop'), ...problemsOf(401, 404, 409, 503) },
});
const pauseOrResume = <Verb extends 'pause' | 'resume'>(verb: Verb, summary: string) =>
  createRoute({
    method: 'post',
    path: `${path}/${verb}` as const,
    tags,
    summary,
    request: { params },
    responses: { 200: jsonAnswer(collectorViewSchema, 'The collector'), ...problemsOf(401, 404, 409, 503) },
  });
const pause = pauseOrResume('pause', 'Let a collector’s schedule rest, whatever it declares');
const resume = pauseOrResume('resume', 'Let a collector’s schedule start rounds, whatever it declares');

export function collectorRoutes(deps: AppDependencies) {
  const { db, temporal, readCollectors } = deps;

  const find = (name: string): Collector => {
    try {
      return findCollector(readCollectors(), name);
    } catch (error) {
      throw error instanceof CollectorUnknown ? notFound(error.message) : error;
    }
  };
  const findRound = async (text: string): Promise<CollectionRow> => {
    const id = collectionIdSchema.safeParse(text);
    const row = id.success ? await findCollection(db, id.data) : null;
    if (row === null) throw notFound(`no round has the id "${text}"`);
    return row;
  };
  const viewsOfRounds = async (rows: readonly CollectionRow[]): Promise<Collection[]> => {
    const stages = await listStages(
      db,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => ({
      ...viewOfRound(row, stages.get(row.id) ?? []),
      links: { self: `/api/v1/collections/${row.id}`, temporal: temporalLink(deps, row.workflowId) },
    }));
  };
  const viewOf = async (row: CollectionRow): Promise<Collection> => {
    const [round] = await viewsOfRounds([row]);
    if (round === undefined) throw new Error('one row has one view');
    return round;
  };
  const view = async (collector: Collector): Promise<CollectorView> => {
    const { name, title, description, kind, source } = collector;
    const [state, [last]] = await Promise.all([
      findCollectorState(db, name),
      listCollections(db, { collector: name, limit: 1 }),
    ]);
    return {
      name,
      title,
      description,
      kind,
      source,
      reads: collector.kind === 'folder' ? collector.path : collector.start,
      schedule: await scheduleOf(collector),
      completedAt: state?.completedAt == null ? null : toTime(state.completedAt),
      goesOnAt: state?.cursor ?? null,
      last: last === undefined ? null : await viewOf(last),
    };
  };
  const scheduleOf = async (collector: Collector): Promise<CollectorView['schedule']> => {
    const timed = timedCollection(collector, await readCollectorPauses(db));
    if (timed === null) return null;
    const { cron, timezone, paused } = timed;
    const described = await describeTimedWorkflow(temporal, collectScheduleId(collector.name));
    const nextTimes = paused ? [] : (described?.info.nextActionTimes ?? []);
    return {
      cron,
      timezone,
      paused,
      nextTimes: nextTimes.slice(0, 5).map((at) => at.toISOString()),
      registered: described !== null,
    };
  };
  const setPaused = async (name: string, paused: boolean): Promise<CollectorView> => {
    const collector = find(name);
    const timed = timedCollection(collector, new Map([[name, paused]]));
    if (timed === null) throw conflict(`${name} declares no schedule`);
    await pauseCollector(db, collector.name, paused);
    await ensureTimedWorkflow(temporal, timed);
    return view(collector);
  };

  return createRoutes()
    .openapi(list, async (c) => {
      const { collectors, problems } = readCollectors();
      return c.json(
        { items: await Promise.all([...collectors.values()].map(view)), problems: [...problems] },
        200,
      );
    })
    .openapi(show, async (c) => c.json(await view(find(c.req.valid('param').collector)), 200))
    .openapi(collect, async (c) => {
      const { name } = find(c.req.valid('param').collector);
      const { collectionId, workflowId } = await requestCollection(deps, {
        collector: name,
        requestedBy: c.get('actor'),
        idempotencyKey: c.req.valid('header')['idempotency-key'],
      });
      const links = {
        collection: `/api/v1/collections/${collectionId}`,
        temporal: temporalLink(deps, workflowId),
      };
      return c.json({ collectionId, collector: name, workflowId, links }, 202);
    })
    .openapi(rounds, async (c) => {
      const { name } = find(c.req.valid('param').collector);
      const { limit } = c.req.valid('query');
      const rows = await listCollections(db, { collector: name, limit });
      return c.json({ items: await viewsOfRounds(rows) }, 200);
    })
    .openapi(round, async (c) =>
      c.json(await viewOf(await findRound(c.req.valid('param').collectionId)), 200),
    )
    .openapi(cancel, async (c) => {
      const row = await findRound(c.req.valid('param').collectionId);
      await cancelCollection(deps, row);
      return c.json(await viewOf(await findRound(row.id)), 202);
    })
    .openapi(pause, async (c) => c.json(await setPaused(c.req.valid('param').collector, true), 200))
    .openapi(resume, async (c) => c.json(await setPaused(c.req.valid('param').collector, false), 200));
}
