import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { type RefreshRequest, refreshWorkflowId } from '../../contracts/refresh.ts';
import { workflowTypes } from '../../contracts/runs.ts';
import { taskQueues } from '../../contracts/task-queues.ts';
import type { Database } from '../../db/client.ts';
import { isCollecting } from '../../db/queries/collections.ts';
import { judgeLabels } from '../../db/queries/due-retrainings.ts';
import { readOutdatedReviews } from '../../db/queries/reviews.ts';
import { reviewPipelines } from '../../pipelines/review-pipelines.ts';
import { type Catalog, findPipeline } from '../catalog.ts';
import type { TemporalGateway } from '../temporal.ts';
import { findScoringVersion } from './scoring-version.ts';

/** Between the end of one refresh and the begin of the next: longer where that failed, for the next may as well. */
const restMs = { afterSuccess: 30_000, afterFailure: 600_000 } as const;

/**
 * Begins the refresh that rounds of collectors begin by themselves, where reviews came by requests and imports, or a
 * version by a person's run. Any number of APIs may do so at once: its workflow id lets one be under way.
 * @throws TemporalUnavailable
 */
export async function ensureRefresh(deps: {
  db: Database;
  temporal: TemporalGateway;
  catalog: Catalog;
  logger: Logger;
  nowMs?: () => number;
}): Promise<void> {
  const { temporal, logger, nowMs = Date.now } = deps;
  const reason = await reasonToRefresh(deps);
  if (reason === null || !(await mayBegin(temporal, nowMs()))) return;
  if (await startRefresh(temporal, { request: { collection: null }, reason }))
    logger.info({ reason }, 'began a refresh of reviews');
}

/** @returns false where one is under way. @throws TemporalUnavailable */
export async function startRefresh(
  temporal: TemporalGateway,
  { request, reason }: { request: RefreshRequest; reason: string },
): Promise<boolean> {
  try {
    await temporal.call((client) =>
      client.workflow.start(workflowTypes.refreshReviews, {
        workflowId: refreshWorkflowId,
        taskQueue: taskQueues.workflow,
        args: [request],
        staticSummary: `refresh: ${reason}`,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}

/** Null where new ratings are too few and every review is scored by the version in production. */
export async function reasonToRefresh({
  db,
  catalog,
}: {
  db: Database;
  catalog: Catalog;
}): Promise<string | null> {
  const pipelines = reviewPipelines(catalog.values().map(({ declaration }) => declaration));
  // A round has its own refresh, which then retrains on all that it takes in.
  for (const { name, retrain } of (await isCollecting(db)) ? [] : pipelines) {
    const { runId, reason } = await judgeLabels(db, { name, retrain });
    if (runId !== null) return reason;
  }
  const production = await findScoringVersion(db, catalog);
  if (production === null) return null;
  const { pipeline, version } = production;
  if (!findPipeline(catalog, pipeline).declaration.retrain.rescore) return null;
  const [outdated] = await readOutdatedReviews(db, production, 1);
  return outdated === undefined ? null : `reviews are not scored by version ${version} of ${pipeline}`;
}

async function mayBegin(temporal: TemporalGateway, nowMs: number): Promise<boolean> {
  try {
    const { status, closeTime } = await temporal.call((client) =>
      client.workflow.getHandle(refreshWorkflowId).describe(),
    );
    if (closeTime === undefined) return false;
    const rest = status.name === 'COMPLETED' ? restMs.afterSuccess : restMs.afterFailure;
    return nowMs - closeTime.getTime() >= rest;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}
