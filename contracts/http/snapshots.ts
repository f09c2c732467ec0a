import { z } from '@hono/zod-openapi';
import { pipelineNameSchema, runIdSchema, sha256Schema, snapshotNameSchema } from '../ids.ts';
import { runKindSchema, runStatusSchema } from '../runs.ts';
import { diffKeySchema, snapshotDiffSchema } from '../snapshots.ts';
import { page, pageQuerySchema, time } from './shared.ts';

const reference = z.string().max(200).openapi({
  description: 'A snapshot: its id, at least 7 of the first digits of it, or its name.',
  example: 'leads-2024-01',
});

export const addSnapshotSchema = z
  .strictObject({
    source: z.string().max(2000).openapi({ example: 'upload:0199e2c4-7a53-7c0e-8a63-5c3c6f7f1c11' }),
    pipeline: z.string().optional().openapi({
      description:
        'Whose tables the files are given to, as a run of it would. Without one they stay as they are.',
    }),
    name: snapshotNameSchema
      .optional()
      .openapi({ description: 'Given to the snapshot; another one that has it loses it.' }),
  })
  .openapi('AddSnapshot');
export type AddSnapshot = z.input<typeof addSnapshotSchema>;

const failureSchema = z.object({ type: z.string(), message: z.string() });
const workStatus = z.enum(['running', 'done', 'failed']);

export const snapshotRequestedSchema = z
  .object({
    requestId: z.string(),
    workflowId: z.string(),
    links: z.object({ request: z.string(), temporal: z.string() }),
  })
  .openapi('SnapshotRequested');

export const snapshotRequestSchema = z
  .object({
    requestId: z.string(),
    status: workStatus,
    failure: failureSchema.nullable(),
    /** Its id, once it is there. */
    snapshotId: sha256Schema.nullable(),
  })
  .openapi('SnapshotRequest');

export const snapshotSchema = z
  .object({
    id: sha256Schema,
    /** What a run, a search or a schedule takes as its source. */
    source: z.string(),
    names: z.array(z.string()),
    /** Whose tables the files were given to; null for files as they are. */
    pipeline: pipelineNameSchema.nullable(),
    /** What brought it first. */
    takenFrom: z.string(),
    files: z.int(),
    bytes: z.int(),
    /** Records of all files; null where they were not counted. */
    rows: z.int().nullable(),
    createdAt: time,
    usedBy: z.object({
      runs: z.int(),
      /** The newest; at most 20, and as many versions. */
      lastRuns: z.array(
        z.object({
          runId: runIdSchema,
          pipeline: pipelineNameSchema,
          kind: runKindSchema,
          status: runStatusSchema,
        }),
      ),
      versions: z.array(z.object({ pipeline: pipelineNameSchema, version: z.int() })),
    }),
  })
  .openapi('Snapshot');
export type SnapshotView = z.infer<typeof snapshotSchema>;

export const snapshotDetailSchema = snapshotSchema
  .extend({
    contents: z.array(
      z.object({
        name: z.string(),
        table: z.string().nullable(),
        bytes: z.int(),
        sha256: sha256Schema,
        href: z.string(),
      }),
    ),
    /** Files of the source that no table of the pipeline takes; they are not kept. */
    ignoredFiles: z.array(z.string()),
  })
  .openapi('SnapshotDetail');
export type SnapshotDetail = z.infer<typeof snapshotDetailSchema>;

export const snapshotQuerySchema = pageQuerySchema.extend({ pipeline: pipelineNameSchema.optional() });
export const snapshotListSchema = page(snapshotSchema);
export type SnapshotList = z.infer<typeof snapshotListSchema>;

export const createDiffSchema = z
  .strictObject({
    from: reference,
    to: reference,
    pipeline: z.string().optional().openapi({
      description:
        'Whose tables and keys the files are read by. Default: the one that the snapshots were taken for; files as they are without any.',
    }),
    key: diffKeySchema.optional().openapi({
      description:
        'Columns by which rows are found again. Default: as declared; else rows are compared whole.',
    }),
  })
  .openapi('CreateDiff');
export type CreateDiff = z.input<typeof createDiffSchema>;

export const diffRequestedSchema = z
  .object({
    diffId: sha256Schema,
    workflowId: z.string(),
    links: z.object({ diff: z.string(), temporal: z.string() }),
  })
  .openapi('DiffRequested');

export const diffSchema = z
  .object({
    diffId: sha256Schema,
    from: sha256Schema,
    to: sha256Schema,
    status: workStatus,
    failure: failureSchema.nullable(),
    diff: snapshotDiffSchema.nullable(),
  })
  .openapi('SnapshotDiff');
export type Diff = z.infer<typeof diffSchema>;
