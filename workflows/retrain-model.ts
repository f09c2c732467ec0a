import {
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  type ChildWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunOutcome } from '../contracts/activities.ts';
import { retrainScheduleId, runWorkflowId, scheduledRunId } from '../contracts/ids.ts';
import type { RunProgress, RunRequest, RunStage, ScheduledRetraining } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { decideRetraining, finishRun } from './activities.ts';
import { cancelSignal, handleRunMessages } from './cancel-message.ts';
import { continuousDeployment } from './continuous-deployment.ts';
import { describeFailure } from './failure.ts';
import { recordStart } from './record-start.ts';

/** Retrains when there is a reason to. Started by a person's request, or by a schedule without a run id. */
export async function retrainModel(asked: RunRequest | ScheduledRetraining): Promise<RunOutcome> {
  const scheduled = !('runId' in asked);
  const request: RunRequest = scheduled
    ? { ...asked, runId: scheduledRunId(workflowInfo().workflowId), kind: 'retrain', reason: null }
    : asked;
  const { runId, pipeline } = request;
  const progress: RunProgress = { stage: 'deciding', modelVersion: null };
  const scope = new CancellationScope();
  let training: Promise<ChildWorkflowHandle<typeof continuousDeployment>> | undefined;
  const cancellation = handleRunMessages(
    (reason) => {
      // The child is asked in its turn, as it would be by a person: a cancellation alone would carry no reason.
      if (training === undefined) scope.cancel();
      else void training.then((child) => child.signal(cancelSignal, reason)).catch(() => undefined);
    },
    () => progress,
  );
  const enter = (stage: RunStage) => {
    progress.stage = stage;
    upsertSearchAttributes([{ key: searchAttributes.stage, value: stage }]);
  };
  upsertSearchAttributes([
    { key: searchAttributes.pipeline, value: pipeline },
    { key: searchAttributes.runKind, value: request.kind },
  ]);
  enter('deciding');

  let outcome: RunOutcome;
  try {
    const decision = await scope.run(() => decide(request, scheduled));
    // An activity may have ended before it heard of the cancellation.
    if (cancellation.reason !== null) throw new CancelledFailure(cancellation.reason);
    setCurrentDetails(`**${pipeline}** · ${decision.retrain ? 'retraining' : 'skipped'}: ${decision.reason}`);
    if (decision.retrain) {
      enter('training');
      // The child ends the run's row itself, whichever way it ends.
      training = startChild(continuousDeployment, {
        workflowId: runWorkflowId(runId),
        taskQueue: taskQueues.workflow,
        args: [{ ...request, reason: decision.reason }],
        staticSummary: `retrain ${pipeline}: ${decision.reason}`,
      });
      outcome = await (await training).result();
      enter('done');
      return outcome;
    }
    outcome = { status: 'skipped', reason: decision.reason };
  } catch (error) {
    enter('done');
    if (error instanceof ChildWorkflowFailure) throw error;
    const cancelled = isCancellation(error);
    outcome = cancelled
      ? { status: 'cancelled', reason: cancellation.reason ?? 'the workflow was cancelled' }
      : { status: 'failed', failure: describeFailure(error) };
    await CancellationScope.nonCancellable(() => finishRun({ runId, outcome }));
    if (cancelled && cancellation.reason !== null) return outcome;
    throw error;
  }
  enter('done');
  await CancellationScope.nonCancellable(() => finishRun({ runId, outcome }));
  return outcome;
}

async function decide(
  request: RunRequest,
  scheduled: boolean,
): Promise<{ retrain: boolean; reason: string }> {
  const { runId, pipeline, source, reason } = request;
  await recordStart(request, scheduled ? retrainScheduleId(pipeline) : null);
  return decideRetraining.executeWithOptions({ summary: source }, [{ runId, pipeline, source, reason }]);
}
