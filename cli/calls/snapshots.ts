import {
  type AddSnapshot,
  type CreateDiff,
  diffRequestedSchema,
  diffSchema,
  snapshotDetailSchema,
  snapshotListSchema,
  snapshotRequestedSchema,
  snapshotRequestSchema,
} from '../../contracts/http/snapshots.ts';
import { uploadSchema } from '../../contracts/http/uploads.ts';
import { type Connection, part, type Query } from '../connection.ts';
import { createMultipartBody, type UploadFile } from '../upload.ts';

export function snapshotCalls({ call, send }: Connection) {
  return {
    async upload(files: readonly UploadFile[]) {
      const multipart = createMultipartBody(files);
      const response = await send('/api/v1/uploads', {
        method: 'POST',
        headers: {
          'content-type': multipart.contentType,
          'content-length': String(multipart.contentLength),
        },
        body: multipart.body,
        duplex: 'half',
      });
      return uploadSchema.parse(await response.json());
    },
    addSnapshot: (body: AddSnapshot) =>
      call({ method: 'POST', path: '/snapshots', body, answer: snapshotRequestedSchema }),
    snapshotRequest: (requestId: string) =>
      call({ path: `/snapshot-requests/${part(requestId)}`, answer: snapshotRequestSchema }),
    snapshots: (query: Query) => call({ path: '/snapshots', query, answer: snapshotListSchema }),
    snapshot: (ref: string) => call({ path: `/snapshots/${part(ref)}`, answer: snapshotDetailSchema }),
    createDiff: (body: CreateDiff) =>
      call({ method: 'POST', path: '/snapshot-diffs', body, answer: diffRequestedSchema }),
    diff: (diffId: string) => call({ path: `/snapshot-diffs/${part(diffId)}`, answer: diffSchema }),
  };
}
