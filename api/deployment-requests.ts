import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { deployWorkflowId, type PipelineName } from '../contracts/ids.ts';
import { type DeploymentRequest, workflowTypes } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import type { Database } from '../db/client.ts';
import { findDeployment, findRollbackTarget } from '../db/queries/ledger.ts';
import { findModelVersion, readProductionAliases } from '../db/queries/model-views.ts';
import { conflict, notFound } from './problem.ts';
import type { TemporalGateway } from './temporal.ts';

/**
 * Starts a person's promotion or rollback. The workflow id is a lock: one deployment of a pipeline at a time.
 * The same request id answers the same deployment, while it runs and after.
 * @throws HttpProblem 404, 409
 */
export async function requestDeployment(
  { db, temporal }: { db: Database; temporal: TemporalGateway },
  request: {
    pipeline: PipelineName;
    version: number;
    mode: 'promote' | 'rollback';
    actor: string;
    reason: string;
    requestId: string;
    /** The version that a rollback's target was chosen against. */
    expected?: number;
  },
): Promise<{ workflowId: string }> {
  const { pipeline, version, mode, requestId } = request;
  const workflowId = deployWorkflowId(pipeline);
  const done = await findDeployment(db, pipeline, requestId);
  if (done !== null) {
    if (done.toVersion === version && done.action === mode) return { workflowId };
    throw conflict(`the idempotency key belongs to a ${done.action} to version ${done.toVersion}`);
  }
  if ((await findModelVersion(db, pipeline, version)) === null) {
    throw notFound(`${pipeline} has no version ${version}`);
  }
  const production = (await readProductionAliases(db)).get(pipeline);
  if (production === version) throw conflict(`${pipeline} version ${version} is in production already`);
  // A rollback is from a version as much as to one: what was promoted meanwhile is not taken back with it.
  const expected = request.expected ?? (mode === 'rollback' ? production : undefined);
  if (expected !== undefined && expected !== production) {
    throw conflict(`${pipeline} has moved from version ${expected} to ${production ?? 'none'} meanwhile`);
  }
  const args: [DeploymentRequest] = [
    { ...request, runId: null, parameters: {}, ...(expected === undefined ? {} : { expected }) },
  ];
  try {
    await temporal.call((client) =>
      client.workflow.start(workflowTypes.deployModel, {
        workflowId,
        taskQueue: taskQueues.workflow,
        args,
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        memo: { requestId, version },
        staticSummary: `${mode} ${pipeline} version ${version}`,
        typedSearchAttributes: [
          { key: searchAttributes.pipeline, value: pipeline },
          { key: searchAttributes.modelVersion, value: version },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const running = await temporal.call((client) => client.workflow.getHandle(workflowId).describe());
    if (running.memo?.requestId !== requestId) {
      throw conflict(`another deployment of ${pipeline} is under way (workflow ${workflowId})`);
    }
    if (running.memo.version !== version) {
      throw conflict('the idempotency key belongs to a deployment of another version, which is under way');
    }
  }
  return { workflowId };
}

/** @throws HttpProblem 409 when there is nothing to go back to */
export async function rollbackTarget(
  db: Database,
  pipeline: PipelineName,
): Promise<{ version: number; expected: number }> {
  const production = (await readProductionAliases(db)).get(pipeline);
  if (production === undefined) throw conflict(`${pipeline} has no version in production`);
  const target = await findRollbackTarget(db, pipeline, production);
  if (target === null) {
    throw conflict(`${pipeline} version ${production} replaced no version that could be gone back to`);
  }
  return { version: target, expected: production };
}
