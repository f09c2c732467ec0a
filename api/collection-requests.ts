import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { v7 as uuidV7 } from 'uuid';
import {
  type CollectionId,
  type CollectionRequest,
  type CollectorName,
  collectionIdOf,
  collectWorkflowId,
} from '../contracts/collections.ts';
import { workflowTypes } from '../contracts/runs.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import {
  type CollectionRow,
  endCollection,
  endedFromOutside,
  listCollections,
} from '../db/queries/collections.ts';
import { conflict } from './problem.ts';
import type { TemporalGateway } from './temporal.ts';

/**
 * Begins a round. The same key begins it once.
 * @throws HttpProblem 409 while another is under way
 * @throws TemporalUnavailable
 */
export async function requestCollection(
  { db, temporal }: { db: Database; temporal: TemporalGateway },
  { collector, requestedBy, idempotencyKey = uuidV7() }: CollectionWish,
): Promise<{ collectionId: CollectionId; workflowId: string }> {
  const workflowId = collectWorkflowId(collector, idempotencyKey);
  const collectionId = collectionIdOf(workflowId);
  const [last] = await listCollections(db, { collector, limit: 1 });
  if (last?.status === 'running' && last.id !== collectionId)
    throw conflict(`round ${last.id} of ${collector} is under way`);
  const request: CollectionRequest = { collector, requestedBy };
  try {
    await temporal.call((client) =>
      client.workflow.start(workflowTypes.collectReviews, {
        workflowId,
        taskQueue: taskQueues.workflow,
        args: [request],
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `collection: ${collector}`,
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return { collectionId, workflowId };
}

type CollectionWish = { collector: CollectorName; requestedBy: string; idempotencyKey: string | undefined };

/**
 * Asks a round to stop; what it has taken in stays.
 * @throws HttpProblem 409 when it has ended
 */
export async function cancelCollection(
  { db, temporal }: { db: Database; temporal: TemporalGateway },
  { id, status, workflowId }: CollectionRow,
): Promise<void> {
  if (status !== 'running') throw conflict(`round ${id} has ended: it is ${status}`);
  try {
    await temporal.call((client) => client.workflow.getHandle(workflowId).cancel());
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    // Nothing is left that could end its row.
    const end = { status: 'cancelled', message: endedFromOutside } as const;
    await endCollection(db, id, { end, score: end });
  }
}
