import { WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import type { RunId } from '../contracts/ids.ts';
import type { Database } from '../db/client.ts';
import { openRuns } from '../db/queries/run-views.ts';
import { finishRun } from '../db/queries/runs.ts';
import type { TemporalGateway } from './temporal.ts';

/** A workflow ends its run's row itself; it is given this long between the two. */
const settledAfterSeconds = 60;

/**
 * Ends the rows of runs whose workflow is over without having done so: terminated by a person, timed out, or gone
 * from Temporal. A run is ended when it was found so twice, since its workflow may just have been ending it.
 */
export function createAbandonedRuns(deps: { db: Database; temporal: TemporalGateway; logger: Logger }): {
  end(): Promise<void>;
} {
  const { db, temporal, logger } = deps;
  let suspects: ReadonlySet<RunId> = new Set();
  return {
    async end() {
      const found = new Set<RunId>();
      for await (const { id, workflowId, startedAt } of openRuns(db, settledAfterSeconds)) {
        const ending = await endingOf(temporal, workflowId);
        if (ending === null) continue;
        // A queued run without a workflow is not over: it has yet to be started.
        if (ending === unknownToTemporal && startedAt === null) continue;
        if (!suspects.has(id)) {
          found.add(id);
          continue;
        }
        const message = `workflow ${workflowId} ${ending}`;
        await finishRun(db, id, {
          status: 'failed',
          failure: { type: 'WorkflowEnded', message, step: null },
        });
        logger.warn({ runId: id, workflowId, ending }, 'ended a run whose workflow was over');
      }
      suspects = found;
    },
  };
}

const unknownToTemporal = 'is not known to Temporal';

/** How the workflow ended; null while it runs. */
async function endingOf(temporal: TemporalGateway, workflowId: string): Promise<string | null> {
  try {
    const { status } = await temporal.call((client) => client.workflow.getHandle(workflowId).describe());
    return status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW'
      ? null
      : `has ended: ${status.name}`;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return unknownToTemporal;
    throw error;
  }
}
