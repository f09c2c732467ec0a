import { setTimeout as delay } from 'node:timers/promises';
import { reviewsWorkflowId } from '../../contracts/ids.ts';
import { type IngestReviews, ingestMessages } from '../../contracts/ingest.ts';
import type { ReviewBatch } from '../../contracts/reviews.ts';
import { workflowTypes } from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import type { Database } from '../../db/client.ts';
import {
  claimReviewSignal,
  readOpenBatches,
  recordReviewSignal,
  type SourceBatch,
} from '../../db/queries/review-batches.ts';
import type { TemporalGateway } from '../temporal.ts';

const signalEverySeconds = 1;
const claimEveryMs = 250;
/** Of one signal; the next ones take the rest. */
const signalBatches = 1_000;

/** Tells the workflow of a source of its batches, once a second at most: what comes meanwhile goes together. */
export function createDispatch(deps: { db: Database; temporal: TemporalGateway; stopping: AbortSignal }): {
  /** Resolves once the workflows have been told. @throws TemporalUnavailable, and what the database throws */
  deliver(batchIds: readonly string[]): Promise<void>;
} {
  const { db, temporal, stopping } = deps;
  const gathering = new Map<string, { batches: Map<string, ReviewBatch>; sent: Promise<void> }>();

  const send = async (source: string, batches: ReadonlyMap<string, ReviewBatch>): Promise<void> => {
    for (;;) {
      stopping.throwIfAborted();
      if (await claimReviewSignal(db, source, signalEverySeconds)) break;
      await delay(claimEveryMs, undefined, { signal: stopping });
    }
    // From here on what comes is for the next signal.
    gathering.delete(source);
    const told = [...batches.values()];
    const start: IngestReviews = { source };
    await temporal.call((client) =>
      client.workflow.signalWithStart(workflowTypes.ingestReviews, {
        workflowId: reviewsWorkflowId(source),
        taskQueue: taskQueues.workflow,
        args: [start],
        signal: ingestMessages.addBatches,
        signalArgs: [told],
        staticSummary: `reviews of ${source}`,
      }),
    );
    await recordReviewSignal(
      db,
      told.map(({ id }) => id),
    );
  };
  const gather = ({ source, id, count }: SourceBatch): Promise<void> => {
    let group = gathering.get(source);
    if (group === undefined || group.batches.size >= signalBatches) {
      const batches = new Map<string, ReviewBatch>();
      const sent = (group?.sent ?? Promise.resolve())
        .catch(() => undefined)
        .then(() => send(source, batches));
      group = { batches, sent };
      gathering.set(source, group);
    }
    group.batches.set(id, { id, count });
    return group.sent;
  };
  return {
    async deliver(batchIds) {
      const open = await readOpenBatches(db, batchIds);
      await Promise.all(open.map(gather));
    },
  };
}
