import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidV7 } from 'uuid';
import {
  deploymentSchema,
  deploymentStartedSchema,
  ledgerQuerySchema,
  ledgerSchema,
  promoteSchema,
  rollbackSchema,
} from '../../contracts/http/models.ts';
import { idempotencyHeaderSchema, maxVersion, wholeNumber } from '../../contracts/http/shared.ts';
import type { PipelineName } from '../../contracts/ids.ts';
import { findDeployment, findProductionEntry, listLedger } from '../../db/queries/ledger.ts';
import { jsonAnswer, optionalJsonBody, problemsOf } from '../answers.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { createCursor, number, toPage } from '../cursor.ts';
import { requestDeployment, rollbackTarget } from '../deployment-requests.ts';
import { readDeployment } from '../deployment-status.ts';
import { toLedgerEntry } from '../views.ts';

const tags = ['Models'];
const pipelineParams = z.object({ pipeline: z.string() });
const started = {
  202: jsonAnswer(deploymentStartedSchema, 'Started; `links.deployment` tells what becomes of it'),
  ...problemsOf(400, 401, 404, 409, 415, 422, 503),
};

const promote = createRoute({
  method: 'post',
  path: '/api/v1/models/{pipeline}/versions/{version}/promote',
  tags,
  summary: 'Bring a version into production, past no gate',
  request: {
    params: pipelineParams.extend({ version: wholeNumber(maxVersion) }),
    headers: idempotencyHeaderSchema,
    body: optionalJsonBody(promoteSchema),
  },
  responses: started,
});

const rollback = createRoute({
  method: 'post',
  path: '/api/v1/models/{pipeline}/rollback',
  tags,
  summary: 'Bring the version before the present one back into production',
  request: {
    params: pipelineParams,
    headers: idempotencyHeaderSchema,
    body: optionalJsonBody(rollbackSchema),
  },
  responses: started,
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/models/{pipeline}/deployments/{requestId}',
  tags,
  summary: 'What has become of a promotion or rollback that was asked for',
  description: 'One that failed is known until the next deployment of the pipeline begins.',
  request: { params: pipelineParams.extend({ requestId: z.string() }) },
  responses: { 200: jsonAnswer(deploymentSchema, 'The deployment'), ...problemsOf(400, 401, 404, 503) },
});

const ledger = createRoute({
  method: 'get',
  path: '/api/v1/models/{pipeline}/ledger',
  tags,
  summary: 'What was in production, when, by whom and why; newest first',
  request: { params: pipelineParams, query: ledgerQuerySchema },
  responses: { 200: jsonAnswer(ledgerSchema, 'A page of the ledger'), ...problemsOf(400, 401, 404, 503) },
});

const ledgerCursor = createCursor('ledger', number);

export function deploymentRoutes(deps: AppDependencies) {
  const { db, catalog } = deps;
  const start = async (wish: Parameters<typeof requestDeployment>[1]) => {
    const { workflowId } = await requestDeployment(deps, wish);
    const { pipeline, version, requestId } = wish;
    const model = `/api/v1/models/${pipeline}`;
    const request = encodeURIComponent(requestId);
    const links = {
      deployment: `${model}/deployments/${request}`,
      ledger: `${model}/ledger?requestId=${request}`,
      temporal: temporalLink(deps, workflowId),
    };
    return { pipeline, version, requestId, workflowId, links };
  };
  /** A repeated rollback goes where the first one went, although production has moved since. */
  const targetOf = async (
    pipeline: PipelineName,
    requestId: string,
  ): Promise<{ version: number; expected?: number }> => {
    const done = await findDeployment(db, pipeline, requestId);
    return done?.action === 'rollback' ? { version: done.toVersion } : rollbackTarget(db, pipeline);
  };
  return createRoutes()
    .openapi(promote, async (c) => {
      const { pipeline, version } = c.req.valid('param');
      const { name } = findPipeline(catalog, pipeline);
      const actor = c.get('actor');
      const answer = await start({
        pipeline: name,
        version,
        mode: 'promote',
        actor,
        reason: c.req.valid('json').reason ?? `promoted by ${actor}`,
        requestId: c.req.valid('header')['idempotency-key'] ?? uuidV7(),
      });
      return c.json(answer, 202);
    })
    .openapi(rollback, async (c) => {
      const { name } = findPipeline(catalog, c.req.valid('param').pipeline);
      const actor = c.get('actor');
      const { version, reason = `rolled back by ${actor}` } = c.req.valid('json');
      const requestId = c.req.valid('header')['idempotency-key'] ?? uuidV7();
      const answer = await start({
        pipeline: name,
        ...(version === undefined ? await targetOf(name, requestId) : { version }),
        mode: 'rollback',
        actor,
        reason,
        requestId,
      });
      return c.json(answer, 202);
    })
    .openapi(show, async (c) => {
      const { pipeline, requestId } = c.req.valid('param');
      const { name } = findPipeline(catalog, pipeline);
      const found = await readDeployment(deps, name, requestId);
      const entry = found.status === 'done' ? toLedgerEntry(found.entry) : null;
      const failure = found.status === 'failed' ? found.failure : null;
      return c.json({ pipeline: name, requestId, status: found.status, entry, failure }, 200);
    })
    .openapi(ledger, async (c) => {
      const { name } = findPipeline(catalog, c.req.valid('param').pipeline);
      const { limit, cursor, at, requestId } = c.req.valid('query');
      const after = ledgerCursor.decode(cursor);
      const [rows, production] = await Promise.all([
        listLedger(db, { pipeline: name, at, requestId, after, limit }),
        findProductionEntry(db, name, at),
      ]);
      const page = toPage({
        rows,
        limit,
        toItem: toLedgerEntry,
        cursor: ledgerCursor,
        keyOf: ({ id }) => id,
      });
      return c.json({ ...page, production: production === null ? null : toLedgerEntry(production) }, 200);
    });
}
