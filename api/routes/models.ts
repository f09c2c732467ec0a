import { createRoute, z } from '@hono/zod-openapi';
import { modelListSchema, modelVersionListSchema, modelVersionSchema } from '../../contracts/http/models.ts';
import { maxVersion, pageQuerySchema, wholeNumber } from '../../contracts/http/shared.ts';
import {
  countVersions,
  findModelVersion,
  listModelVersions,
  readModelContent,
  readProductionAliases,
} from '../../db/queries/model-views.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { findPipeline } from '../catalog.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { createCursor, number, toPage } from '../cursor.ts';
import { notFound } from '../problem.ts';
import { unpackArtifact } from '../serving/load-artifact.ts';
import { toModelVersion } from '../views.ts';

const tags = ['Models'];
const pipelineParams = z.object({ pipeline: z.string() });
const versionParams = pipelineParams.extend({ version: wholeNumber(maxVersion) });

const list = createRoute({
  method: 'get',
  path: '/api/v1/models',
  tags,
  summary: 'The models: one for each pipeline',
  responses: { 200: jsonAnswer(modelListSchema, 'The models'), ...problemsOf(401, 503) },
});

const versions = createRoute({
  method: 'get',
  path: '/api/v1/models/{pipeline}/versions',
  tags,
  summary: 'Versions with metrics, lineage and aliases, newest first',
  request: { params: pipelineParams, query: pageQuerySchema },
  responses: {
    200: jsonAnswer(modelVersionListSchema, 'A page of versions'),
    ...problemsOf(400, 401, 404, 503),
  },
});

const show = createRoute({
  method: 'get',
  path: '/api/v1/models/{pipeline}/versions/{version}',
  tags,
  summary: 'One version',
  request: { params: versionParams },
  responses: { 200: jsonAnswer(modelVersionSchema, 'The version'), ...problemsOf(400, 401, 404, 503) },
});

const artifact = createRoute({
  method: 'get',
  path: '/api/v1/models/{pipeline}/versions/{version}/artifact',
  tags,
  summary: 'The model itself',
  request: {
    params: versionParams,
    query: z.strictObject({ format: z.enum(['native']).default('native') }),
  },
  responses: {
    200: {
      description: 'The bytes whose SHA-256 the version names',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problemsOf(400, 401, 404, 503),
  },
});

const versionsCursor = createCursor('versions', number);

export function modelRoutes({ db, catalog }: AppDependencies) {
  return createRoutes()
    .openapi(list, async (c) => {
      const [counts, production] = await Promise.all([countVersions(db), readProductionAliases(db)]);
      const items = catalog.values().map(({ name, declaration }) => {
        const counted = counts.find(({ pipeline }) => pipeline === name);
        return {
          pipeline: name,
          title: declaration.title,
          versions: counted?.versions ?? 0,
          latest: counted?.latest ?? null,
          production: production.get(name) ?? null,
        };
      });
      return c.json({ items }, 200);
    })
    .openapi(versions, async (c) => {
      const { name } = findPipeline(catalog, c.req.valid('param').pipeline);
      const { limit, cursor } = c.req.valid('query');
      const after = versionsCursor.decode(cursor);
      const rows = await listModelVersions(db, { pipeline: name, after, limit });
      const keyOf = ({ version }: (typeof rows)[number]) => version;
      return c.json(toPage({ rows, limit, toItem: toModelVersion, cursor: versionsCursor, keyOf }), 200);
    })
    .openapi(show, async (c) => {
      const { pipeline, version } = c.req.valid('param');
      const { name } = findPipeline(catalog, pipeline);
      const row = await findModelVersion(db, name, version);
      if (row === null) throw notFound(`${name} has no version ${version}`);
      return c.json(toModelVersion(row), 200);
    })
    .openapi(artifact, async (c) => {
      const { pipeline, version } = c.req.valid('param');
      const { name } = findPipeline(catalog, pipeline);
      const stored = await readModelContent(db, name, version);
      if (stored === null) throw notFound(`${name} has no version ${version}`);
      const etag = `"${stored.sha256}"`;
      if (c.req.header('if-none-match') === etag) return c.body(null, 304);
      const bytes = await unpackArtifact(stored.content);
      return c.body(new Uint8Array(bytes), 200, {
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}-v${version}.model"`,
        etag,
      });
    });
}
