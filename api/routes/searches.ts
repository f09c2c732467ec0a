import { createRoute, z } from '@hono/zod-openapi';
import { createSearchSchema, searchSchema, searchStartedSchema } from '../../contracts/http/searches.ts';
import { idempotencyHeaderSchema } from '../../contracts/http/shared.ts';
import { runIdSchema } from '../../contracts/ids.ts';
import type { RunRow } from '../../db/queries/run-views.ts';
import { listTrials } from '../../db/queries/trials.ts';
import { featuresSnippet } from '../../pipelines/features-snippet.ts';
import { settingsSnippet } from '../../pipelines/settings-snippet.ts';
import { jsonAnswer, jsonBody, problemsOf } from '../answers.ts';
import { findPipeline, runParameters } from '../catalog.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { invalid } from '../problem.ts';
import { requestRun } from '../run-requests.ts';
import { findSearch, planFeatures, planSearch, unknownSearch } from '../search-requests.ts';
import { checkSource, defaultSource } from '../sources.ts';
import { toSearch } from '../views.ts';

const tags = ['Searches'];

const create = createRoute({
  method: 'post',
  path: '/api/v1/pipelines/{pipeline}/searches',
  tags,
  summary: 'Search better parameters for candidates, or features for one',
  description:
    'Over the spaces that the candidates declare, or with `generate` over features that could be made, by cross-validation on training rows only. A search is a run of the kind `search`: it is listed, followed and cancelled as one.',
  request: {
    params: z.object({ pipeline: z.string() }),
    headers: idempotencyHeaderSchema,
    body: jsonBody(createSearchSchema),
  },
  responses: {
    202: jsonAnswer(searchStartedSchema, 'Accepted: the search is durable'),
    ...problemsOf(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/searches/{searchId}',
  tags,
  summary: 'A search with its trials and, once it has ended, its winner',
  request: { params: z.object({ searchId: z.string() }) },
  responses: { 200: jsonAnswer(searchSchema, 'The search'), ...problemsOf(401, 404, 503) },
});

export function searchRoutes(deps: AppDependencies) {
  const { db, catalog } = deps;
  const linksOf = ({ id, workflowId }: Pick<RunRow, 'id' | 'workflowId'>) => ({
    search: `/api/v1/searches/${id}`,
    run: `/api/v1/runs/${id}`,
    events: `/api/v1/runs/${id}/events`,
    temporal: temporalLink(deps, workflowId),
  });
  return createRoutes()
    .openapi(create, async (c) => {
      const entry = findPipeline(catalog, c.req.valid('param').pipeline);
      const { source: named, parameters, seed, reason = null, cache, ...asked } = c.req.valid('json');
      if (Object.hasOwn(parameters, 'candidates'))
        throw invalid([{ pointer: '/parameters/candidates', message: 'a search takes `candidates` beside' }]);
      const { generate, ...plan } = asked;
      const search =
        generate === undefined
          ? planSearch(entry.declaration, plan)
          : planFeatures(entry.declaration, { ...plan, generate });
      const source = await checkSource(deps, named ?? (await defaultSource(db, entry.declaration)));
      const row = await requestRun(deps, {
        entry,
        kind: 'search',
        source,
        parameters: runParameters(entry, parameters),
        seed,
        reason,
        search,
        cache,
        requestedBy: c.get('actor'),
        idempotencyKey: c.req.valid('header')['idempotency-key'],
      });
      const links = linksOf(row);
      return c.json({ searchId: row.id, workflowId: row.workflowId, links }, 202, { location: links.search });
    })
    .openapi(show, async (c) => {
      const text = c.req.valid('param').searchId;
      const searchId = runIdSchema.safeParse(text);
      if (!searchId.success) throw unknownSearch(text);
      const row = await findSearch(db, searchId.data);
      const search = toSearch(row, row.search, await listTrials(db, row.id));
      const { result } = search;
      const isOfFeatures = row.search.strategy === 'forward';
      const settings = result === null || isOfFeatures ? null : settingsSnippet(row.pipeline, result.winner);
      const declaration = catalog.get(row.pipeline)?.declaration;
      const features =
        result === null || !isOfFeatures || declaration === undefined
          ? null
          : featuresSnippet(declaration, result);
      return c.json({ ...search, settings, features, links: linksOf(row) }, 200);
    });
}
