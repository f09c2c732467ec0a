import {
  allHandlersFinished,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { RunOutcome, SearchOutcome } from '../contracts/activities.ts';
import type { RunProgress, RunRequest, RunStage } from '../contracts/runs.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { finishRun } from './activities.ts';
import { handleRunMessages } from './cancel-message.ts';
import { describeFailure } from './failure.ts';

/**
 * Performs a run's work, which `cancel` stops. However it ends, the run's row says so: `finishRun` also runs when the
 * workflow is cancelled or fails.
 * @param work.progress its stage is the one the run begins with
 * @param work.describe what an outcome of the work itself adds to its status, for people
 */
export async function settleRun<Done extends RunOutcome | SearchOutcome>(
  { runId, pipeline, kind }: Pick<RunRequest, 'runId' | 'pipeline' | 'kind'>,
  work: {
    progress: RunProgress;
    perform(enter: (stage: RunStage) => void): Promise<Done | Unfinished>;
    describe(outcome: Done): string;
  },
): Promise<Done | Unfinished> {
  const { progress } = work;
  const scope = new CancellationScope();
  const cancellation = handleRunMessages(
    () => scope.cancel(),
    () => progress,
  );
  const enter = (stage: RunStage) => {
    progress.stage = stage;
    upsertSearchAttributes([{ key: searchAttributes.stage, value: stage }]);
    const version = progress.modelVersion === null ? '' : `, version ${progress.modelVersion}`;
    setCurrentDetails(`**${pipeline}** · ${kind} · ${stage}${version}`);
  };
  upsertSearchAttributes([
    { key: searchAttributes.pipeline, value: pipeline },
    { key: searchAttributes.runKind, value: kind },
  ]);
  enter(progress.stage);

  let outcome: Done | Unfinished;
  let failure: unknown;
  try {
    outcome = await scope.run(() => work.perform(enter));
  } catch (error) {
    failure = error;
    outcome = isCancellation(error)
      ? { status: 'cancelled', reason: cancellation.reason ?? 'the workflow was cancelled' }
      : { status: 'failed', failure: describeFailure(error) };
  }
  enter('done');
  await CancellationScope.nonCancellable(async () => {
    await finishRun.executeWithOptions({ summary: outcome.status }, [{ runId, outcome }]);
    await condition(allHandlersFinished);
  });
  const details = isUnfinished(outcome) ? describeUnfinished(outcome) : work.describe(outcome);
  setCurrentDetails(`**${pipeline}** · ${kind} · **${outcome.status}**${details}`);
  // A cancellation asked of Temporal itself, or a failure, must also show as such there.
  if (outcome.status === 'failed' || (outcome.status === 'cancelled' && cancellation.reason === null))
    throw failure;
  return outcome;
}

type Unfinished = Extract<RunOutcome, { status: 'cancelled' | 'failed' }>;

const isUnfinished = (outcome: RunOutcome | SearchOutcome): outcome is Unfinished =>
  outcome.status === 'cancelled' || outcome.status === 'failed';

function describeUnfinished(outcome: Unfinished): string {
  if (outcome.status === 'cancelled') return `: ${outcome.reason}`;
  const { type, step, message } = outcome.failure;
  return `: ${type} in ${step ?? 'the workflow'}: ${message}`;
}
