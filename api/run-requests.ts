import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Logger } from 'pino';
import { v7 as uuidV7 } from 'uuid';
import {
  keyedRunId,
  type RunId,
  retrainWorkflowId,
  runIdSchema,
  runWorkflowId,
  searchWorkflowId,
} from '../contracts/ids.ts';
import {
  isTerminal,
  type RunKind,
  type RunParameters,
  type RunRequest,
  runMessages,
  workflowTypes,
} from '../contracts/runs.ts';
import type { FeatureSearchRequest, SearchPlan, SearchRequest, Tuned } from '../contracts/search.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import { acknowledgeRun, listForgottenRuns, type RunRow, withdrawRun } from '../db/queries/run-views.ts';
import { finishRun } from '../db/queries/runs.ts';
import { canonicalJson } from '../ml/artifact/canonical-json.ts';
import { trainingPlan } from '../pipelines/training-plan.ts';
import { type Catalog, type CatalogEntry, findPipeline } from './catalog.ts';
import { endsWithin } from './ends-within.ts';
import { conflict, type HttpProblem, notFound } from './problem.ts';
import { rootFailure, type TemporalGateway, TemporalUnavailable } from './temporal.ts';

export type RunWish = {
  entry: CatalogEntry;
  kind: RunKind;
  source: string;
  /** Complete with defaults. */
  parameters: RunParameters;
  seed: number;
  reason: string | null;
  /** Of the kind `search`. */
  search?: SearchPlan | undefined;
  tuned?: Tuned | undefined;
  cache: boolean;
  /** The first step that is executed whatever earlier runs have done. */
  from?: string | undefined;
  requestedBy: string;
  idempotencyKey: string | undefined;
};

type Dependencies = { db: Database; temporal: TemporalGateway; catalog: Catalog };

/**
 * Writes the run, then starts its workflow. The same key answers the same run, and starts its workflow where the
 * first request did not get that far.
 * @throws HttpProblem 409 when the key was used for something else
 * @throws TemporalUnavailable when the workflow could not be started; the run is then withdrawn
 */
export async function requestRun(deps: Dependencies, wish: RunWish): Promise<RunRow> {
  const { entry, kind, source, parameters, seed, reason, search, tuned, requestedBy, idempotencyKey } = wish;
  const { cache, from = null } = wish;
  const id = idempotencyKey === undefined ? runIdSchema.parse(uuidV7()) : keyedRunId(idempotencyKey);
  const { row, isNew } = await acknowledgeRun(deps.db, {
    id,
    pipeline: entry.name,
    kind,
    source,
    parameters,
    seed,
    settingsSha256: entry.settings.sha256,
    reason,
    search: search ?? null,
    tuned: tuned ?? null,
    cache,
    fromStep: from,
    requestedBy,
    idempotencyKey: idempotencyKey ?? null,
    workflowId: workflowIdOf(kind, id),
  });
  if (!isNew) {
    const [difference] = differences(row, wish);
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

function workflowIdOf(kind: RunKind, id: RunId): string {
  if (kind === 'retrain') return retrainWorkflowId(id);
  return kind === 'search' ? searchWorkflowId(id) : runWorkflowId(id);
}

function differences(row: RunRow, wish: RunWish): string[] {
  const pairs: [string, unknown, unknown][] = [
    ['pipeline', row.pipeline, wish.entry.name],
    ['kind', row.kind, wish.kind],
    ['source', row.source, wish.source],
    ['seed', row.seed, wish.seed],
    ['parameters', canonicalJson(row.parameters), canonicalJson(wish.parameters)],
    ['search', canonicalJson(row.search ?? null), canonicalJson(wish.search ?? null)],
    ['tuning', canonicalJson(row.tuned ?? null), canonicalJson(wish.tuned ?? null)],
    ['cache', row.cache, wish.cache],
    ['from', row.fromStep, wish.from ?? null],
    ['reason', row.reason, wish.reason],
  ];
  return pairs.filter(([, was, is]) => was !== is).map(([name]) => name);
}

async function startWorkflow({ temporal, catalog }: Dependencies, row: RunRow): Promise<void> {
  const entry = findPipeline(catalog, row.pipeline);
  const request: Omit<RunRequest, 'candidates' | 'variants'> = {
    runId: row.id,
    pipeline: row.pipeline,
    kind: row.kind,
    source: row.source,
    parameters: row.parameters,
    seed: row.seed,
    settingsSha256: row.settingsSha256,
    reason: row.reason,
    requestedBy: row.requestedBy,
    cache: row.cache,
    from: row.fromStep,
    ...(row.tuned === null ? {} : { tuned: row.tuned }),
  };
  const { type, argument } = workflowOf(entry, row, request);
  try {
    await temporal.call((client) =>
      client.workflow.start(type, {
        workflowId: row.workflowId,
        taskQueue: taskQueues.workflow,
        args: [argument],
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

function workflowOf(
  entry: CatalogEntry,
  { kind, search, parameters }: RunRow,
  request: Omit<RunRequest, 'candidates' | 'variants'>,
): { type: string; argument: RunRequest | SearchRequest | FeatureSearchRequest } {
  if (search?.strategy === 'forward')
    return { type: workflowTypes.generateFeatures, argument: { ...request, search } };
  if (search !== null) return { type: workflowTypes.searchParameters, argument: { ...request, search } };
  const type = kind === 'retrain' ? workflowTypes.retrainModel : workflowTypes.continuousDeployment;
  return { type, argument: { ...request, ...trainingPlan(entry.declaration, parameters) } };
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
