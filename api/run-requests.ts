import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { v5 as uuidV5, v7 as uuidV7 } from 'uuid';
import { type RunId, retrainWorkflowId, runIdSchema, runWorkflowId } from '../contracts/ids.ts';
import { isTerminal, type RunKind, type RunRequest, runMessages, workflowTypes } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import { acknowledgeRun, listForgottenRuns, type RunRow, withdrawRun } from '../db/queries/run-views.ts';
import { finishRun } from '../db/queries/runs.ts';
import { type Catalog, type CatalogEntry, findPipeline, runParameters, trainingPlan } from './catalog.ts';
import { endsWithin } from './ends-within.ts';
import { conflict, type HttpProblem, notFound } from './problem.ts';
import { rootFailure, type TemporalGateway, TemporalUnavailable } from './temporal.ts';

const runNamespace = '5f0a9c52-7a53-5c0e-8a63-5c3c6f7f1c11';

export type RunWish = {
  entry: CatalogEntry;
  kind: RunKind;
  source: string;
  parameters: Record<string, unknown>;
  seed: number;
  reason: string | null;
  requestedBy: string;
  idempotencyKey: string | undefined;
};

type Dependencies = { db: Database; temporal: TemporalGateway; catalog: Catalog };

/**
 * Writes the run, then starts its workflow. The same key answers the same run, and starts its workflow where the
 * first request did not get that far.
 * @throws HttpProblem 409 when the key was used for something else; 422 for parameters
 * @throws TemporalUnavailable when the workflow could not be started; the run is then withdrawn
 */
export async function requestRun(deps: Dependencies, wish: RunWish): Promise<RunRow> {
  const { entry, kind, source, seed, reason, requestedBy, idempotencyKey } = wish;
  const parameters = runParameters(entry, wish.parameters);
  const id = runIdSchema.parse(
    idempotencyKey === undefined ? uuidV7() : uuidV5(idempotencyKey, runNamespace),
  );
  const { row, isNew } = await acknowledgeRun(deps.db, {
    id,
    pipeline: entry.name,
    kind,
    source,
    parameters,
    seed,
    settingsSha256: entry.settings.sha256,
    reason,
    requestedBy,
    idempotencyKey: idempotencyKey ?? null,
    workflowId: kind === 'retrain' ? retrainWorkflowId(id) : runWorkflowId(id),
  });
  if (!isNew) {
    const [difference] = differences(row, wish, parameters);
    if (difference !== undefined) {
      throw conflict(`the idempotency key belongs to run ${row.id}, whose ${difference} is another`);
    }
    if (row.status !== 'queued' || row.startedAt !== null) return row;
  }
  try {
    await startWorkflow(deps, row);
  } catch (error) {
    // Nobody was told of the run yet; should its workflow have started all the same, that writes the row anew.
    if (isNew && error instanceof TemporalUnavailable) await withdrawRun(deps.db, id);
    throw error;
  }
  return row;
}

function differences(row: RunRow, wish: RunWish, parameters: RunRow['parameters']): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['pipeline', row.pipeline, wish.entry.name],
    ['kind', row.kind, wish.kind],
    ['source', row.source, wish.source],
    ['seed', row.seed, wish.seed],
    ['parameters', sorted(row.parameters), sorted(parameters)],
    ['reason', row.reason, wish.reason],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([name]) => name);
}

/** Postgres keeps the keys of a `jsonb` in an order of its own. */
const sorted = (parameters: RunRow['parameters']): string =>
  JSON.stringify(Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1)));

async function startWorkflow({ temporal, catalog }: Dependencies, row: RunRow): Promise<void> {
  const entry = findPipeline(catalog, row.pipeline);
  const request: RunRequest = {
    runId: row.id,
    pipeline: row.pipeline,
    kind: row.kind,
    source: row.source,
    parameters: row.parameters,
    seed: row.seed,
    settingsSha256: row.settingsSha256,
    reason: row.reason,
    requestedBy: row.requestedBy,
    ...trainingPlan(entry, row.parameters),
  };
  const type = row.kind === 'retrain' ? workflowTypes.retrainModel : workflowTypes.continuousDeployment;
  try {
    await temporal.call((client) =>
      client.workflow.start(type, {
        workflowId: row.workflowId,
        taskQueue: taskQueues.workflow,
        args: [request],
        // A run is executed once: a start repeated after its end must not begin it again.
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        staticSummary: `${row.kind} ${row.pipeline} from ${row.source}`,
        typedSearchAttributes: [
          { key: searchAttributes.pipeline, value: row.pipeline },
          { key: searchAttributes.runKind, value: row.kind },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** How long a run waits for an API that knows its pipeline: not every one reads the same folders. */
const unknownPipelinePatienceMs = 600_000;

/**
 * Starts the runs that were acknowledged by an API that died before it started their workflows, and ends those that
 * cannot be started. Any number of APIs may do so at once: a workflow id is started once, and a run ends once.
 */
export async function startForgottenRuns(
  deps: Dependencies & { logger: Logger },
  olderThanSeconds: number,
): Promise<void> {
  const { db, catalog, logger } = deps;
  const refuse = async ({ id }: RunRow, message: string): Promise<void> => {
    await finishRun(db, id, { status: 'failed', failure: { type: 'NotStarted', message, step: null } });
    logger.error({ runId: id, reason: message }, 'ended a queued run that cannot be started');
  };
  for (const row of await listForgottenRuns(db, olderThanSeconds)) {
    if (!catalog.has(row.pipeline)) {
      if (Date.now() - Date.parse(row.createdAt) > unknownPipelinePatienceMs)
        await refuse(row, `pipeline ${row.pipeline} is not declared`);
      continue;
    }
    try {
      await startWorkflow(deps, row);
      logger.info({ runId: row.id }, 'a queued run has its workflow');
    } catch (error) {
      if (error instanceof TemporalUnavailable) throw error;
      // One that Temporal refuses must not keep the others waiting, nor wait for ever itself.
      await refuse(row, `Temporal refused its workflow: ${rootFailure(error).message}`);
    }
  }
}

/**
 * Asks the workflow to stop and to say why. Where no worker answers, both are left with Temporal, which delivers them
 * to the next one.
 * @throws HttpProblem 409 when the run has ended
 */
export async function cancelRun(
  { db, temporal }: Pick<Dependencies, 'db' | 'temporal'>,
  row: RunRow,
  reason: string,
): Promise<void> {
  if (isTerminal(row.status)) throw conflict(`run ${row.id} has ended: it is ${row.status}`);
  try {
    await temporal.call(async (client) => {
      const handle = client.workflow.getHandle(row.workflowId);
      const isAnswered = await endsWithin(
        handle.executeUpdate(runMessages.cancel, { args: [reason], updateId: `cancel:${row.id}` }),
        workerAnswerMs,
      );
      if (!isAnswered) await handle.signal(runMessages.cancel, reason);
    });
  } catch (error) {
    if (error instanceof TemporalUnavailable) throw error;
    if (!(error instanceof WorkflowNotFoundError)) {
      throw conflict(`run ${row.id} can no longer be cancelled: ${rootFailure(error).message}`);
    }
    // Nothing is left that could end the run's row.
    await finishRun(db, row.id, { status: 'cancelled', reason });
  }
}

/** How long a worker has to answer an update; none may be running. */
const workerAnswerMs = 2_500;

export const unknownRun = (text: string): HttpProblem => notFound(`no run has the id "${text}"`);

/** @throws HttpProblem 404 */
export function asRunId(text: string): RunId {
  const parsed = runIdSchema.safeParse(text);
  if (!parsed.success) throw unknownRun(text);
  return parsed.data;
}
