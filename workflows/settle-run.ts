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
 * @param work.describe what an outcome adds to its status, for people
 */
export async function settleRun<Outcome extends RunOutcome | SearchOutcome>(
  { runId, pipeline, kind }: Pick<RunRequest, 'runId' | 'pipeline' | 'kind'>,
  work: {
    progress: RunProgress;
    perform(enter: (stage: RunStage) => void): Promise<Outcome>;
    describe(outcome: Outcome | Unfinished): string;
  },
): Promise<Outcome | Unfinished> {
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

  let outcome: Outcome | Unfinished;
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
  setCurrentDetails(`**${pipeline}** · ${kind} · **${outcome.status}**${work.describe(outcome)}`);
  // A cancellation asked of Temporal itself, or a failure, must also show as such there.
  if (outcome.status === 'failed' || (outcome.status === 'cancelled' && cancellation.reason === null))
    throw failure;
  return outcome;
}

type Unfinished = Extract<RunOutcome, { status: 'cancelled' | 'failed' }>;
