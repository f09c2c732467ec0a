import { Readable } from 'node:stream';
import { createRoute, z } from '@hono/zod-openapi';
import { runArtifactListSchema } from '../../contracts/http/runs.ts';
import { findRun, findRunArtifact, listRunArtifacts } from '../../db/queries/run-views.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { notFound } from '../problem.ts';
import { asRunId, unknownRun } from '../run-requests.ts';

const tags = ['Runs'];

const list = createRoute({
  method: 'get',
  path: '/api/v1/runs/{runId}/artifacts',
  tags,
  summary: 'What a run has left: reports, plots, data',
  request: { params: z.object({ runId: z.string() }) },
  responses: { 200: jsonAnswer(runArtifactListSchema, 'The artifacts'), ...problemsOf(401, 404, 503) },
});

const download = createRoute({
  method: 'get',
  path: '/api/v1/runs/{runId}/artifacts/{name}',
  tags,
  summary: 'One artifact',
  request: { params: z.object({ runId: z.string(), name: z.string() }) },
  responses: {
    200: {
      description: 'The bytes, under their own media type',
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
    ...problemsOf(401, 404, 503),
  },
});

/** Shown in the browser; everything else is saved. */
const shown = /^(?:text\/html|image\/svg\+xml|image\/png|application\/json|text\/plain)\b/;
/** A report quotes the data: what somebody wrote into a CSV must not run as a script here. */
const contentPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function runArtifactRoutes({ db, store }: AppDependencies) {
  return createRoutes()
    .openapi(list, async (c) => {
      const runId = asRunId(c.req.valid('param').runId);
      if ((await findRun(db, runId)) === null) throw unknownRun(runId);
      const artifacts = await listRunArtifacts(db, runId);
      const items = artifacts.map(({ name, mediaType, bytes, sha256 }) => ({
        name,
        mediaType,
        bytes,
        sha256,
        href: `/api/v1/runs/${runId}/artifacts/${encodeURIComponent(name)}`,
      }));
      return c.json({ items }, 200);
    })
    .openapi(download, async (c) => {
      const { runId: text, name } = c.req.valid('param');
      const runId = asRunId(text);
      const artifact = await findRunArtifact(db, runId, name);
      if (artifact === null) throw notFound(`run ${runId} has no artifact "${name}"`);
      const etag = `"${artifact.sha256}"`;
      if (c.req.header('if-none-match') === etag) return c.body(null, 304);
      const content = await store.get(artifact.sha256);
      const disposition = shown.test(artifact.mediaType) ? 'inline' : 'attachment';
      return c.body(Readable.toWeb(content) as ReadableStream<Uint8Array>, 200, {
        'content-type': artifact.mediaType,
        'content-length': String(artifact.bytes),
        'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(name)}`,
        'content-security-policy': contentPolicy,
        etag,
      });
    });
}
