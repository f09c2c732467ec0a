import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ContinueAsNew,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { RunOutcome } from '../contracts/activities.ts';
import type { CollectionStatus, RefreshStage, StageEnd } from '../contracts/collections.ts';
import { retrainWorkflowId } from '../contracts/ids.ts';
import type { RefreshReport, RefreshRequest, RescoredPart } from '../contracts/refresh.ts';
import type { RunRequest } from '../contracts/runs.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import {
  beginRefresh,
  measureReviewDrift,
  planRetraining,
  recordStage,
  rescoreReviews,
} from './activities.ts';
import { describeFailure } from './failure.ts';
import { isHistoryFull } from './history.ts';
import { retrainModel } from './retrain-model.ts';

type StageState = Pick<StageEnd, 'message' | 'run'>;
/** Says that a stage is under way, and what it is at. */
type Tell = (state: StageState) => Promise<void>;

/**
 * What follows new reviews and new versions: retrains the model where enough new ratings have come, then has the version
 * in production score what others scored, then measures drift. A stage that fails keeps no other from being tried; the
 * workflow then fails at its end. Its id lets one be under way at a time.
 */
export async function refreshReviews(request: RefreshRequest): Promise<RefreshReport> {
  const { collection, scoreAgain, progress, maxEvents } = request;
  const ended: RefreshReport = { ...progress?.ended };

  const record = async (stage: RefreshStage, state: StageState & { status: CollectionStatus }) => {
    setCurrentDetails(`**${stage}** · ${state.status}: ${state.message}`);
    if (collection === null) return;
    await recordStage.executeWithOptions({ summary: `${stage} ${state.status}` }, [
      { runId: null, collection, stage, ...state },
    ]);
  };
  const perform = async (stage: RefreshStage, work: (tell: Tell) => Promise<StageEnd>): Promise<void> => {
    if (ended[stage] !== undefined) return;
    let told: StageState | undefined;
    let cancelled = false;
    const tell: Tell = (state) => {
      told = state;
      return record(stage, { status: 'running', ...state });
    };
    const end = await work(tell).catch((error: unknown): StageEnd => {
      if (error instanceof ContinueAsNew) throw error;
      const run = told?.run;
      cancelled = isCancellation(error);
      return cancelled
        ? { status: 'cancelled', message: 'the refresh was cancelled', run }
        : { status: 'failed', message: describeFailure(error).message, run };
    });
    ended[stage] = end;
    await CancellationScope.nonCancellable(() => record(stage, end));
    if (cancelled) throw new CancelledFailure(end.message);
  };

  if (progress === undefined) await beginRefresh({ runId: null, collection });
  await perform('retrain', retrain);
  await perform('rescore', (tell) =>
    rescore(tell, {
      scoreAgain,
      before: progress?.rescored,
      goOn: (rescored) => continueAsNew<typeof refreshReviews>({ ...request, progress: { ended, rescored } }),
      isFull: () => isHistoryFull(maxEvents),
    }),
  );
  await perform('drift', measureDrift);

  const failed = Object.entries(ended).filter(([, { status }]) => status === 'failed');
  if (failed.length > 0)
    throw ApplicationFailure.nonRetryable(
      failed.map(([stage, { message }]) => `${stage}: ${message}`).join('; '),
      'RefreshFailed',
    );
  return ended;
}

/** One pipeline after the other, as long as one is due: its run is then there, and is not due again. */
async function retrain(tell: Tell): Promise<StageEnd> {
  let end: StageEnd | undefined;
  for (;;) {
    const { request, reason } = await planRetraining({ runId: null });
    if (request === null) return end ?? { status: 'skipped', message: reason };
    const { runId: run, pipeline } = request;
    await tell({ message: `${pipeline}: ${reason}`, run });
    end = { ...endOf(await retrainOnce(request), request), run };
  }
}

/** The run is like any other, with its row, its gate and its cancellation, and outlives who began it. */
async function retrainOnce(request: RunRequest): Promise<RunOutcome> {
  const { runId, pipeline, reason } = request;
  const child = await startChild(retrainModel, {
    workflowId: retrainWorkflowId(runId),
    taskQueue: taskQueues.workflow,
    args: [request],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    staticSummary: `retrain ${pipeline}: ${reason}`,
  });
  return child.result();
}

function endOf(outcome: RunOutcome, { pipeline }: RunRequest): StageEnd {
  switch (outcome.status) {
    case 'succeeded':
      return {
        status: 'succeeded',
        message: `version ${outcome.modelVersion} of ${pipeline} is in production`,
      };
    case 'rejected': {
      const why = outcome.verdict.checks.filter(({ passed }) => !passed).map(({ message }) => message);
      const message = `the gate refused version ${outcome.modelVersion} of ${pipeline}: ${why.join('; ')}`;
      return { status: 'succeeded', message };
    }
    case 'skipped':
    case 'cancelled':
      return { status: outcome.status, message: outcome.reason };
    case 'failed':
      return { status: 'failed', message: outcome.failure.message };
    default:
      return outcome satisfies never;
  }
}

/** Of the version that production has now, and what it has scored by now. */
async function measureDrift(): Promise<StageEnd> {
  const measured = await measureReviewDrift({ runId: null });
  if (measured.skipped !== null) return { status: 'skipped', message: measured.skipped };
  const { days, reviews, version, pipeline } = measured;
  return days === 0
    ? { status: 'skipped', message: `no day has changed for version ${version} of ${pipeline}` }
    : { status: 'succeeded', message: `${days} days with ${reviews} reviews were measured` };
}

async function rescore(
  tell: Tell,
  {
    scoreAgain,
    before,
    isFull,
    goOn,
  }: Pick<RefreshRequest, 'scoreAgain'> & {
    before: RescoredPart | undefined;
    isFull(): boolean;
    goOn(rescored: RescoredPart): Promise<never>;
  },
): Promise<StageEnd> {
  const sum: RescoredPart = { rescored: 0, quarantined: 0, ...before };
  for (let part = 1; ; part++) {
    const { rescored, quarantined, end } = await rescoreReviews.executeWithOptions(
      { summary: `part ${part}` },
      [{ runId: null, scoreAgain }],
    );
    sum.rescored += rescored;
    sum.quarantined += quarantined;
    const done = `${sum.rescored} were scored again, ${sum.quarantined} went to quarantine`;
    if (end !== null)
      return sum.rescored + sum.quarantined === 0
        ? { status: 'skipped', message: end }
        : { status: 'succeeded', message: `${done}: ${end}` };
    await tell({ message: done });
    if (isFull()) await goOn(sum);
  }
}
