import { createRoute, z } from '@hono/zod-openapi';
import {
  cancelRunSchema,
  createRunSchema,
  runDetailSchema,
  runListSchema,
  runQuerySchema,
  runSchema,
  runStartedSchema,
} from '../../contracts/http/runs.ts';
import { idempotencyHeaderSchema } from '../../contracts/http/shared.ts';
import type { RunKind, RunParameters } from '../../contracts/runs.ts';
import { stepsToBeginFrom } from '../../contracts/steps.ts';
import { readHoldOut } from '../../db/queries/model-views.ts';
import { findRun, listRuns, readRunView, readValidationReport } from '../../db/queries/run-views.ts';
import { trainingPlan } from '../../pipelines/training-plan.ts';
import { jsonAnswer, jsonBody, optionalJsonBody, problemsOf } from '../answers.ts';
import { type CatalogEntry, findPipeline, runParameters } from '../catalog.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { createCursor, timeAndId, toPage } from '../cursor.ts';
import { invalid } from '../problem.ts';
import { asRunId, cancelRun, requestRun, unknownRun } from '../run-requests.ts';
import { tunedBy } from '../search-requests.ts';
import { checkSource, defaultSource } from '../sources.ts';
import { toRun, toRunProgress } from '../views.ts';

const tags = ['Runs'];
const params = z.object({ runId: z.string() });

const create = createRoute({
  method: 'post',
  path: '/api/v1/pipelines/{pipeline}/runs',
  tags,
  summary: 'Start a run',
  description:
    '`train` ends at a registered version; `deploy` goes on through the gate to production; `retrain` first asks whether there is a reason and may end as `skipped`.',
  request: {
    params: z.object({ pipeline: z.string() }),
    headers: idempotencyHeaderSchema,
    body: jsonBody(createRunSchema),
  },
  responses: {
    202: jsonAnswer(runStartedSchema, 'Accepted: the run is durable'),
    ...problemsOf(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/runs',
  tags,
  summary: 'Runs, newest first',
  request: { query: runQuerySchema },
  responses: { 200: jsonAnswer(runListSchema, 'A page of runs'), ...problemsOf(400, 401, 503) },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/runs/{runId}',
  tags,
  summary: 'A run with its steps, candidates, validation report, gate verdict and failure',
  request: { params },
  responses: { 200: jsonAnswer(runDetailSchema, 'The run'), ...problemsOf(401, 404, 503) },
});

const cancel = createRoute({
  method: 'post',
  path: '/api/v1/runs/{runId}/cancel',
  tags,
  summary: 'Stop a run, CPU included; production stays as it is',
  request: { params, body: optionalJsonBody(cancelRunSchema) },
  responses: {
    202: jsonAnswer(runSchema, 'Asked to stop; its status becomes `cancelled`'),
    ...problemsOf(401, 404, 409, 415, 422, 503),
  },
});

/** @throws HttpProblem 422 listing the steps */
function checkFrom(
  from: string,
  run: { entry: CatalogEntry; kind: RunKind; parameters: RunParameters; cache: boolean },
): void {
  const refuse = (message: string) => invalid([{ pointer: '/from', message }]);
  if (!run.cache)
    throw refuse('says which steps may be taken from earlier runs, but with `cache: false` none may');
  const steps = stepsToBeginFrom({ kind: run.kind, ...trainingPlan(run.entry.declaration, run.parameters) });
  if (!steps.includes(from)) throw refuse(`no step is named "${from}"; the run's are ${steps.join(', ')}`);
}

const runsCursor = createCursor('runs', timeAndId);

export function runRoutes(deps: AppDependencies) {
  const { db, catalog } = deps;
  return createRoutes()
    .openapi(create, async (c) => {
      const entry = findPipeline(catalog, c.req.valid('param').pipeline);
      const { kind, seed, reason = null, search, cache, from, ...wish } = c.req.valid('json');
      const tuning = search === undefined ? null : await tunedBy(deps, { entry, search, wish });
      const named = wish.source ?? tuning?.source ?? (await defaultSource(db, entry.declaration));
      const source = await checkSource(deps, named);
      const parameters = tuning?.parameters ?? runParameters(entry, wish.parameters);
      if (from !== undefined) checkFrom(from, { entry, kind, parameters, cache });
      const row = await requestRun(deps, {
        entry,
        kind,
        source,
        parameters,
        seed,
        reason,
        tuned: tuning?.tuned,
        cache,
        from,
        requestedBy: c.get('actor'),
        idempotencyKey: c.req.valid('header')['idempotency-key'],
      });
      const run = `/api/v1/runs/${row.id}`;
      const links = { run, events: `${run}/events`, temporal: temporalLink(deps, row.workflowId) };
      return c.json({ runId: row.id, workflowId: row.workflowId, links }, 202, { location: run });
    })
    .openapi(list, async (c) => {
      const { limit, cursor, ...filter } = c.req.valid('query');
      const rows = await listRuns(db, { ...filter, after: runsCursor.decode(cursor), limit });
      const page = toPage({
        rows,
        limit,
        toItem: toRun,
        cursor: runsCursor,
        keyOf: ({ createdAt, id }): [string, string] => [createdAt, id],
      });
      return c.json(page, 200);
    })
    .openapi(show, async (c) => {
      const runId = asRunId(c.req.valid('param').runId);
      const view = await readRunView(db, runId);
      if (view === null) throw unknownRun(runId);
      const path = `/api/v1/runs/${runId}`;
      const links = {
        events: `${path}/events`,
        artifacts: `${path}/artifacts`,
        temporal: temporalLink(deps, view.run.workflowId),
      };
      const [validation, holdOut] = await Promise.all([
        readValidationReport(db, runId),
        readHoldOut(db, runId),
      ]);
      return c.json({ ...toRunProgress(view), validation, holdOut, links }, 200);
    })
    .openapi(cancel, async (c) => {
      const runId = asRunId(c.req.valid('param').runId);
      const row = await findRun(db, runId);
      if (row === null) throw unknownRun(runId);
      const { reason = `cancelled by ${c.get('actor')}` } = c.req.valid('json');
      await cancelRun(deps, row, reason);
      return c.json(toRun((await findRun(db, runId)) ?? row), 202);
    });
}
