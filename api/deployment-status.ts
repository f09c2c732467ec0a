import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { deployWorkflowId, type PipelineName } from '../contracts/ids.ts';
import type { Database } from '../db/client.ts';
import { findDeployment, type LedgerRow } from '../db/queries/ledger.ts';
import { notFound } from './problem.ts';
import { type Failure, rootFailure, type TemporalGateway } from './temporal.ts';

export type DeploymentStatus =
  | { status: 'running' }
  | { status: 'done'; entry: LedgerRow }
  | { status: 'failed'; failure: Failure };

/**
 * What has become of a person's promotion or rollback. The ledger has those that were done; of one that failed Temporal
 * tells until the pipeline's next deployment begins, whose workflow has the same id.
 * @throws HttpProblem 404
 */
export async function readDeployment(
  { db, temporal }: { db: Database; temporal: TemporalGateway },
  pipeline: PipelineName,
  requestId: string,
): Promise<DeploymentStatus> {
  const entry = await findDeployment(db, pipeline, requestId);
  if (entry !== null) return { status: 'done', entry };
  const execution = await findExecution(temporal, pipeline);
  if (execution !== null && execution.requestId === requestId && execution.isRunning)
    return { status: 'running' };
  // It may have been done since the ledger was read.
  const late = await findDeployment(db, pipeline, requestId);
  if (late !== null) return { status: 'done', entry: late };
  if (execution?.requestId !== requestId)
    throw notFound(`no deployment of ${pipeline} is known by the request id "${requestId}"`);
  return { status: 'failed', failure: await readFailure(temporal, pipeline, execution.runId) };
}

/** The pipeline's last deployment; null where Temporal has none. */
async function findExecution(
  temporal: TemporalGateway,
  pipeline: PipelineName,
): Promise<{ runId: string; requestId: unknown; isRunning: boolean } | null> {
  try {
    const { runId, memo, status } = await temporal.call(({ workflow }) =>
      workflow.getHandle(deployWorkflowId(pipeline)).describe(),
    );
    return { runId, requestId: memo?.requestId, isRunning: status.name === 'RUNNING' };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** @param runId of an execution that is over, and wrote nothing in the ledger */
async function readFailure(
  temporal: TemporalGateway,
  pipeline: PipelineName,
  runId: string,
): Promise<Failure> {
  const workflowId = deployWorkflowId(pipeline);
  try {
    await temporal.call(({ workflow }) => workflow.getHandle(workflowId, runId).result());
  } catch (error) {
    if (error instanceof WorkflowFailedError) return rootFailure(error);
    throw error;
  }
  throw new Error(`workflow ${workflowId} (${runId}) has completed, and the ledger has nothing of it`);
}
