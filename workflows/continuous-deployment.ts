import { executeChild, patched, sleep, startChild, upsertSearchAttributes } from '@temporalio/workflow';
import type { RunOutcome } from '../contracts/activities.ts';
import { deployWorkflowId, trainWorkflowId } from '../contracts/ids.ts';
import type { DeploymentResult, RunProgress, RunRequest, RunStage } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { explainModel, updateRunStatus } from './activities.ts';
import { deployModel } from './deploy-model.ts';
import { isAlreadyStarted } from './failure.ts';
import { recordStart } from './record-start.ts';
import { settleRun } from './settle-run.ts';
import { trainModel } from './train-model.ts';

const deployRetry = { firstMs: 1_000, backoff: 1.5, maxMs: 60_000 } as const;

/** The parent of a run: trains, and unless the run's kind is `train` brings the version into production. */
export async function continuousDeployment(request: RunRequest): Promise<RunOutcome> {
  const progress: RunProgress = { stage: 'training', modelVersion: null };
  return settleRun(request, {
    progress,
    describe,
    perform: (enter) => perform(request, progress, enter),
  });
}

async function perform(
  request: RunRequest,
  progress: RunProgress,
  enter: (stage: RunStage) => void,
): Promise<RunOutcome> {
  const { runId, pipeline, kind, source } = request;
  await recordStart(request, null);
  const { version } = await executeChild(trainModel, {
    workflowId: trainWorkflowId(runId),
    taskQueue: taskQueues.workflow,
    args: [request],
    staticSummary: `train ${pipeline} from ${source}`,
    typedSearchAttributes: childAttributes(request, 'training'),
  });
  progress.modelVersion = version;
  upsertSearchAttributes([{ key: searchAttributes.modelVersion, value: version }]);
  if (kind === 'train') {
    await explain(request, version);
    return { status: 'succeeded', modelVersion: version, verdict: null };
  }

  enter('deploying');
  const deployed = await deploy(request, version, enter);
  // Not beside the deployment: on one core its gate would stand in the queue behind it.
  await explain(request, version);
  return deployed.outcome === 'promoted'
    ? { status: 'succeeded', modelVersion: version, verdict: deployed.verdict }
    : { status: 'rejected', modelVersion: version, verdict: deployed.verdict };
}

async function explain({ runId, pipeline, parameters }: RunRequest, version: number): Promise<void> {
  // Before, no run had this step.
  if (!patched('explained-versions')) return;
  try {
    await explainModel.executeWithOptions({ summary: `version ${version}` }, [
      { runId, pipeline, version, parameters },
    ]);
  } catch {
    // Its step says why. What was asked for is there, so neither a failure nor a cancellation that comes now undoes it.
  }
}

/** Waits while another deployment of the pipeline holds its workflow id: a child has no policy to queue behind one. */
async function deploy(
  request: RunRequest,
  version: number,
  enter: (stage: RunStage) => void,
): Promise<DeploymentResult> {
  const { runId, pipeline, parameters, requestedBy, reason } = request;
  let waitMs: number = deployRetry.firstMs;
  let waiting = false;
  for (;;) {
    const child = await startChild(deployModel, {
      workflowId: deployWorkflowId(pipeline),
      taskQueue: taskQueues.workflow,
      args: [
        {
          pipeline,
          version,
          mode: 'gate',
          runId,
          actor: requestedBy,
          reason: reason ?? `run ${runId}`,
          requestId: runId,
          parameters,
        },
      ],
      staticSummary: `deploy ${pipeline} version ${version}`,
      typedSearchAttributes: childAttributes(request, 'deploying'),
    }).catch((error: unknown) => {
      if (isAlreadyStarted(error)) return undefined;
      throw error;
    });
    if (child !== undefined) {
      if (waiting) {
        enter('deploying');
        await updateRunStatus({ runId, status: 'running' });
      }
      return child.result();
    }
    if (!waiting) {
      waiting = true;
      enter('waiting');
      await updateRunStatus({ runId, status: 'queued' });
    }
    await sleep(waitMs, { summary: `another deployment of ${pipeline} is under way` });
    waitMs = Math.min(waitMs * deployRetry.backoff, deployRetry.maxMs);
  }
}

const childAttributes = ({ pipeline, kind }: RunRequest, stage: RunStage) => [
  { key: searchAttributes.pipeline, value: pipeline },
  { key: searchAttributes.runKind, value: kind },
  { key: searchAttributes.stage, value: stage },
];

function describe(outcome: Extract<RunOutcome, { status: 'succeeded' | 'rejected' | 'skipped' }>): string {
  switch (outcome.status) {
    case 'succeeded':
      return `, version ${outcome.modelVersion}`;
    case 'rejected': {
      const failed = outcome.verdict.checks.filter((check) => !check.passed);
      return `, version ${outcome.modelVersion}\n\n${failed.map(({ message }) => `- ${message}`).join('\n')}`;
    }
    case 'skipped':
      return `: ${outcome.reason}`;
    default:
      return outcome satisfies never;
  }
}
