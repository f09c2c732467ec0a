import { Readable } from 'node:stream';
import { createRoute } from '@hono/zod-openapi';
import { v7 as uuidV7 } from 'uuid';
import { httpLimits } from '../../contracts/http/shared.ts';
import { type Upload, uploadSchema } from '../../contracts/http/uploads.ts';
import { recordUpload } from '../../db/queries/uploads.ts';
import { jsonAnswer, problemsOf } from '../answers.ts';
import { type AppDependencies, createRoutes } from '../context.ts';
import { multipartBoundary, readFileParts, safeFileName } from '../multipart.ts';
import { HttpProblem } from '../problem.ts';

const create = createRoute({
  method: 'post',
  path: '/api/v1/uploads',
  tags: ['Uploads'],
  summary: 'Take in files as the source of a run',
  description: `One or several files, streamed; at most ${httpLimits.uploadFiles} files and ${httpLimits.upload / 1024 ** 3} GiB. They are stored before this answers.`,
  request: {
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          // Not a zod schema: the body is read as it streams in, not parsed as a whole.
          schema: {
            type: 'object',
            properties: { file: { type: 'array', items: { type: 'string', format: 'binary' } } },
            required: ['file'],
          },
        },
      },
    },
  },
  responses: {
    201: jsonAnswer(uploadSchema, 'Stored'),
    ...problemsOf(400, 401, 413, 415, 422, 503),
  },
});

export function uploadRoutes({ db, store }: AppDependencies) {
  return createRoutes().openapi(create, async (c) => {
    const boundary = multipartBoundary(c.req.header('content-type'));
    const { body } = c.req.raw;
    if (body === null) throw new HttpProblem(400, 'the body is empty');
    checkSize(Number(c.req.header('content-length') ?? 0));
    const files: Upload['files'] = [];
    for await (const part of readFileParts(bounded(body), boundary)) {
      const name = safeFileName(part.fileName);
      if (files.length === httpLimits.uploadFiles) {
        throw new HttpProblem(413, `an upload holds at most ${httpLimits.uploadFiles} files`);
      }
      if (files.some((file) => file.name === name)) {
        throw new HttpProblem(422, `two files are called "${name}"`);
      }
      const { sha256, bytes } = await store.put(Readable.from(part.bytes, { objectMode: false }));
      files.push({ name, bytes, sha256 });
    }
    if (files.length === 0) throw new HttpProblem(422, 'the body holds no file');
    const id = uuidV7();
    await recordUpload(db, { id, files });
    return c.json({ source: `upload:${id}`, files }, 201);
  });
}

async function* bounded(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    checkSize(bytes);
    yield chunk;
  }
}

function checkSize(bytes: number): void {
  if (bytes > httpLimits.upload) {
    throw new HttpProblem(413, `the upload has over ${httpLimits.upload} bytes, which is the limit`);
  }
}
