import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { v7 as uuidV7 } from 'uuid';
import { httpLimits, idempotencyHeaderSchema } from '../../contracts/http/shared.ts';
import {
  addSnapshotSchema,
  createDiffSchema,
  diffRequestedSchema,
  diffSchema,
  type SnapshotView,
  snapshotDetailSchema,
  snapshotListSchema,
  snapshotQuerySchema,
  snapshotRequestedSchema,
  snapshotRequestSchema,
} from '../../contracts/http/snapshots.ts';
import { type PipelineName, type Sha256, sha256Schema } from '../../contracts/ids.ts';
import {
  listSnapshots,
  readSnapshotFacts,
  type SnapshotFacts,
  type SnapshotRow,
} from '../../db/queries/snapshots.ts';
import { jsonAnswer, jsonBody, problemsOf } from '../answers.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes, temporalLink } from '../context.ts';
import { createCursor, timeAndHash, toPage } from '../cursor.ts';
import { invalid, notFound } from '../problem.ts';
import { readDiff, readSnapshotRequest, requestDiff, requestSnapshot } from '../snapshot-requests.ts';
import { checkSource, findSnapshot } from '../sources.ts';
import { toTime } from '../views.ts';

const tags = ['Snapshots'];
const params = z.object({ ref: z.string() });

const add = createRoute({
  method: 'post',
  path: '/api/v1/snapshots',
  tags,
  summary: 'Take a source into the store without a run',
  description:
    'As a run does it: the same bytes under the same declaration are the same snapshot. Ask `links.request` for its id.',
  request: { headers: idempotencyHeaderSchema, body: jsonBody(addSnapshotSchema) },
  responses: {
    202: jsonAnswer(snapshotRequestedSchema, 'Accepted'),
    ...problemsOf(400, 401, 404, 409, 413, 415, 422, 503),
  },
});

const request = createRoute({
  method: 'get',
  path: '/api/v1/snapshot-requests/{requestId}',
  tags,
  summary: 'What has become of a snapshot that was asked for',
  request: { params: z.object({ requestId: z.string() }) },
  responses: { 200: jsonAnswer(snapshotRequestSchema, 'The request'), ...problemsOf(401, 404, 503) },
});

const list = createRoute({
  method: 'get',
  path: '/api/v1/snapshots',
  tags,
  summary: 'Snapshots with what used them, newest first',
  request: { query: snapshotQuerySchema },
  responses: { 200: jsonAnswer(snapshotListSchema, 'A page of snapshots'), ...problemsOf(400, 401, 503) },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/snapshots/{ref}',
  tags,
  summary: 'A snapshot with its files',
  request: { params },
  responses: { 200: jsonAnswer(snapshotDetailSchema, 'The snapshot'), ...problemsOf(401, 404, 503) },
});

const download = createRoute({
  method: 'get',
  path: '/api/v1/snapshots/{ref}/files/{name}',
  tags,
  summary: 'A file of a snapshot, byte for byte',
  request: { params: params.extend({ name: z.string() }) },
  responses: {
    200: {
      description: 'The bytes; `etag` is their SHA-256',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problemsOf(401, 404, 503),
  },
});

const compare = createRoute({
  method: 'post',
  path: '/api/v1/snapshot-diffs',
  tags,
  summary: 'Compare two snapshots: files, columns and rows',
  description: 'Computed once; the same question has the same id. Ask `links.diff` for it.',
  request: { body: jsonBody(createDiffSchema) },
  responses: {
    202: jsonAnswer(diffRequestedSchema, 'Accepted'),
    ...problemsOf(400, 401, 404, 413, 415, 422, 503),
  },
});

const showDiff = createRoute({
  method: 'get',
  path: '/api/v1/snapshot-diffs/{diffId}',
  tags,
  summary: 'What differs between two snapshots',
  request: { params: z.object({ diffId: z.string() }) },
  responses: { 200: jsonAnswer(diffSchema, 'The diff'), ...problemsOf(401, 404, 503) },
});

const snapshotsCursor = createCursor('snapshots', timeAndHash);

export function snapshotRoutes(deps: AppDependencies) {
  const { db, catalog, store, temporal } = deps;
  const find = (ref: string): Promise<SnapshotRow> => findSnapshot(db, ref, notFound);
  return createRoutes()
    .openapi(add, async (c) => {
      const { source, pipeline, name = null } = c.req.valid('json');
      const entry = pipeline === undefined ? null : findPipeline(catalog, pipeline);
      const requestId = c.req.valid('header')['idempotency-key'] ?? uuidV7();
      const { workflowId } = await requestSnapshot(temporal, {
        requestId,
        source: await checkSource(deps, source),
        pipeline: entry?.name ?? null,
        name,
      });
      const links = {
        request: `/api/v1/snapshot-requests/${encodeURIComponent(requestId)}`,
        temporal: temporalLink(deps, workflowId),
      };
      return c.json({ requestId, workflowId, links }, 202, { location: links.request });
    })
    .openapi(request, async (c) => {
      const { requestId } = c.req.valid('param');
      if (requestId.length > httpLimits.idempotencyKeyLength)
        throw notFound(`no snapshot was asked for by the request id "${requestId}"`);
      const work = await readSnapshotRequest(temporal, requestId);
      const snapshotId = work.status === 'done' ? work.result.id : null;
      const failure = work.status === 'failed' ? work.failure : null;
      return c.json({ requestId, status: work.status, failure, snapshotId }, 200);
    })
    .openapi(list, async (c) => {
      const { limit, cursor, pipeline } = c.req.valid('query');
      const rows = await listSnapshots(db, { pipeline, after: snapshotsCursor.decode(cursor), limit });
      const facts = await readSnapshotFacts(
        db,
        rows.slice(0, limit).map(({ id }) => id),
      );
      const page = toPage({
        rows,
        limit,
        toItem: (row: SnapshotRow) => toSnapshot(row, facts.get(row.id)),
        cursor: snapshotsCursor,
        keyOf: ({ createdAt, id }): [string, Sha256] => [createdAt, id],
      });
      return c.json(page, 200);
    })
    .openapi(show, async (c) => {
      const row = await find(c.req.valid('param').ref);
      const facts = await readSnapshotFacts(db, [row.id]);
      const { files, ignoredFiles } = row.manifest;
      const contents = files.map(({ name, table, blob }) => ({
        name,
        table,
        ...blob,
        href: `/api/v1/snapshots/${row.id}/files/${encodeURIComponent(name)}`,
      }));
      return c.json({ ...toSnapshot(row, facts.get(row.id)), contents, ignoredFiles }, 200);
    })
    .openapi(download, async (c) => {
      const { ref, name } = c.req.valid('param');
      const { id, manifest } = await find(ref);
      const file = manifest.files.find((one) => one.name === name);
      if (file === undefined) throw notFound(`snapshot ${id} has no file "${name}"`);
      const { sha256, bytes } = file.blob;
      const etag = `"${sha256}"`;
      if (c.req.header('if-none-match') === etag) return c.body(null, 304);
      const content = await store.get(sha256);
      return c.body(Readable.toWeb(content) as ReadableStream<Uint8Array>, 200, {
        'content-type': 'application/octet-stream',
        'content-length': String(bytes),
        'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
        etag,
      });
    })
    .openapi(compare, async (c) => {
      const { key = null, ...asked } = c.req.valid('json');
      const from = await find(asked.from);
      const to = await find(asked.to);
      const name = asked.pipeline ?? pipelineOfBoth(from, to);
      const entry = name === null ? null : findPipeline(catalog, name);
      const { diffId, workflowId } = await requestDiff(temporal, {
        from: from.id,
        to: to.id,
        pipeline: entry?.name ?? null,
        key,
        tables: entry?.declaration.tables ?? null,
      });
      const links = {
        diff: `/api/v1/snapshot-diffs/${diffId}`,
        temporal: temporalLink(deps, workflowId),
      };
      return c.json({ diffId, workflowId, links }, 202, { location: links.diff });
    })
    .openapi(showDiff, async (c) => {
      const text = c.req.valid('param').diffId;
      const diffId = sha256Schema.safeParse(text);
      if (!diffId.success) throw notFound(`no diff has the id "${text}"`);
      const { from, to, work } = await readDiff({ temporal, store }, diffId.data);
      const diff = work.status === 'done' ? work.result : null;
      const failure = work.status === 'failed' ? work.failure : null;
      return c.json({ diffId: diffId.data, from, to, status: work.status, failure, diff }, 200);
    });
}

/** @throws HttpProblem 422 where they are of two */
function pipelineOfBoth(from: SnapshotRow, to: SnapshotRow): PipelineName | null {
  if (from.pipeline !== null && to.pipeline !== null && from.pipeline !== to.pipeline)
    throw invalid([
      {
        pointer: '/pipeline',
        message: `is missing: one snapshot was taken for ${from.pipeline}, the other for ${to.pipeline}`,
      },
    ]);
  return from.pipeline ?? to.pipeline;
}

const noFacts: SnapshotFacts = { names: [], rows: null, runs: 0, lastRuns: [], versions: [] };

function toSnapshot(row: SnapshotRow, facts = noFacts): SnapshotView {
  const { files, source } = row.manifest;
  const { names, runs, lastRuns, versions } = facts;
  return {
    id: row.id,
    source: `snapshot:${row.id}`,
    names,
    pipeline: row.pipeline,
    takenFrom: source,
    files: files.length,
    bytes: files.reduce((sum, { blob }) => sum + blob.bytes, 0),
    rows: row.rows ?? facts.rows,
    createdAt: toTime(row.createdAt),
    usedBy: { runs, lastRuns, versions },
  };
}
