import { createHash } from 'node:crypto';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { blobRefSchema } from '../contracts/data.ts';
import { addSnapshotWorkflowId, diffWorkflowId, type Sha256, sha256Schema } from '../contracts/ids.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { workflowTypes } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import {
  type AddSnapshotRequest,
  type DiffRequest,
  type SnapshotDiff,
  snapshotDiffSchema,
} from '../contracts/snapshots.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { canonicalJson } from '../ml/artifact/canonical-json.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { conflict, notFound } from './problem.ts';
import { type Failure, rootFailure, type TemporalGateway } from './temporal.ts';

/** What has become of work that was asked for. */
export type WorkStatus<Result> =
  | { status: 'running' }
  | { status: 'done'; result: Result }
  | { status: 'failed'; failure: Failure };

/** Raised with what a diff tells: one that was made before is then made anew. */
const diffForm = 1;

/** The same request id answers the same addition. @throws HttpProblem 409 where it was one of something else */
export async function requestSnapshot(
  temporal: TemporalGateway,
  { requestId, ...request }: AddSnapshotRequest & { requestId: string },
): Promise<{ workflowId: string }> {
  const workflowId = addSnapshotWorkflowId(requestId);
  const content = hashOf(request);
  const isNew = await start(temporal, {
    type: workflowTypes.takeSnapshot,
    workflowId,
    argument: request,
    memo: { content },
    summary: `snapshot of ${request.source}`,
    pipeline: request.pipeline,
  });
  if (!isNew) {
    const { memo } = await temporal.call(({ workflow }) => workflow.getHandle(workflowId).describe());
    if (memo?.content !== content)
      throw conflict('the idempotency key belongs to a snapshot of another source, pipeline or name');
  }
  return { workflowId };
}

/** @throws HttpProblem 404 */
export async function readSnapshotRequest(
  temporal: TemporalGateway,
  requestId: string,
): Promise<WorkStatus<{ id: Sha256 }>> {
  const workflowId = addSnapshotWorkflowId(requestId);
  const work = await describe(
    temporal,
    workflowId,
    `no snapshot was asked for by the request id "${requestId}"`,
  );
  return statusOf(temporal, work, (result) => ({ id: sha256Schema.parse(Object(result).id) }));
}

/** The same two snapshots, read and keyed alike, are compared once. */
export async function requestDiff(
  temporal: TemporalGateway,
  /** `tables` are the pipeline's as they are declared now: declared otherwise, the diff is another. */
  { tables, ...request }: DiffRequest & { tables: Pipeline['tables'] | null },
): Promise<{ diffId: Sha256; workflowId: string }> {
  const diffId = sha256Schema.parse(hashOf({ ...request, tables, form: diffForm }));
  const workflowId = diffWorkflowId(diffId);
  await start(temporal, {
    type: workflowTypes.compareSnapshots,
    workflowId,
    argument: request,
    memo: { from: request.from, to: request.to },
    summary: `diff of ${request.from.slice(0, 12)} and ${request.to.slice(0, 12)}`,
    pipeline: request.pipeline,
  });
  return { diffId, workflowId };
}

/** @throws HttpProblem 404 */
export async function readDiff(
  { temporal, store }: { temporal: TemporalGateway; store: BlobStore },
  diffId: Sha256,
): Promise<{ from: Sha256; to: Sha256; work: WorkStatus<SnapshotDiff> }> {
  const described = await describe(temporal, diffWorkflowId(diffId), `no diff has the id "${diffId}"`);
  const { memo } = described;
  const [from, to] = [sha256Schema.parse(memo?.from), sha256Schema.parse(memo?.to)];
  const work = await statusOf(temporal, described, (result) => blobRefSchema.parse(Object(result).report));
  if (work.status !== 'done') return { from, to, work };
  const report: unknown = JSON.parse((await store.read(work.result.sha256)).toString('utf8'));
  return { from, to, work: { status: 'done', result: snapshotDiffSchema.parse(report) } };
}

const hashOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** @returns false where the workflow is under way, or has come to its end; one that failed is begun anew */
async function start(
  temporal: TemporalGateway,
  work: {
    type: string;
    workflowId: string;
    argument: unknown;
    memo: Record<string, string>;
    summary: string;
    pipeline: string | null;
  },
): Promise<boolean> {
  const { type, workflowId, argument, memo, summary, pipeline } = work;
  try {
    await temporal.call((client) =>
      client.workflow.start(type, {
        workflowId,
        taskQueue: taskQueues.workflow,
        args: [argument],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
        memo,
        staticSummary: summary,
        typedSearchAttributes: pipeline === null ? [] : [{ key: searchAttributes.pipeline, value: pipeline }],
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** @throws HttpProblem 404 saying `unknown` */
async function describe(temporal: TemporalGateway, workflowId: string, unknown: string) {
  try {
    return await temporal.call(({ workflow }) => workflow.getHandle(workflowId).describe());
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw notFound(unknown);
    throw error;
  }
}

async function statusOf<Result>(
  temporal: TemporalGateway,
  { status, workflowId, runId }: Awaited<ReturnType<typeof describe>>,
  parse: (result: unknown) => Result,
): Promise<WorkStatus<Result>> {
  if (status.name === 'RUNNING') return { status: 'running' };
  try {
    const result: unknown = await temporal.call(({ workflow }) =>
      workflow.getHandle(workflowId, runId).result(),
    );
    return { status: 'done', result: parse(result) };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { status: 'failed', failure: rootFailure(error) };
    throw error;
  }
}
