import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  isCancellation,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type CollectedPart,
  type CollectionEnd,
  type CollectionId,
  type CollectionProgress,
  type CollectionRequest,
  collectionIdOf,
  collectionMessages,
  refreshStages,
  type ScoringProgress,
} from '../contracts/collections.ts';
import type { Collector } from '../contracts/collector.ts';
import { refreshWorkflowId } from '../contracts/refresh.ts';
import { taskQueues } from '../contracts/task-queues.ts';
import { beginCollection, collectPart, endCollection, ingestBatches, recordStage } from './activities.ts';
import { describeFailure, isAlreadyStarted } from './failure.ts';
import { isHistoryFull } from './history.ts';
import { refreshReviews } from './refresh-reviews.ts';

export const collectionProgressQuery = defineQuery<CollectionProgress>(collectionMessages.progress);

/**
 * A round of a collector: reads page after page, or file after file, until there is nothing new, has what was taken in
 * scored meanwhile, and begins the refresh that follows from it. How far the collector has come is in the database,
 * where each page moves it on: a round that fails leaves the next one to go on from there.
 */
export async function collectReviews(request: CollectionRequest): Promise<CollectionEnd> {
  const { workflowId } = workflowInfo();
  const id = collectionIdOf(workflowId);
  const { progress: before } = request;
  const progress: CollectionProgress = {
    parts: before?.parts ?? 0,
    accepted: before?.accepted ?? 0,
    duplicates: before?.duplicates ?? 0,
    rejected: before?.rejected ?? 0,
  };
  setHandler(collectionProgressQuery, () => progress);
  const scoring = scoreBesides(before?.scoring);
  let end: CollectionEnd;
  let failure: unknown;
  try {
    const collector = before?.collector ?? (await begin(request, { id, workflowId }));
    if (typeof collector === 'string') return { status: 'skipped', message: collector };
    const message = await collect(request, { id, collector, progress, scoring });
    await scoring.ended();
    end = { status: 'succeeded', message };
  } catch (error) {
    // The round goes on in the next run of the workflow.
    if (error instanceof ContinueAsNew) throw error;
    failure = error;
    const cancelled = isCancellation(error);
    if (!cancelled) await scoring.ended();
    end = cancelled
      ? { status: 'cancelled', message: 'it was cancelled' }
      : { status: 'failed', message: describeFailure(error).message };
  }
  setCurrentDetails(`**${request.collector}** · ${end.status}: ${end.message}`);
  const score = end.status === 'cancelled' ? end : scoring.end();
  await CancellationScope.nonCancellable(() => endCollection({ runId: null, id, end, score }));
  // What came before a failure, and what rounds before this one left, is no worse for it.
  if (end.status !== 'cancelled') await beginRefresh(request, id);
  if (failure !== undefined) throw failure;
  return end;
}

/**
 * The refresh is a child that outlives the round: while it retrains a model for hours, the next rounds are begun. They
 * leave that one to it; all collectors share it.
 */
async function beginRefresh({ collector }: CollectionRequest, collection: CollectionId): Promise<void> {
  // Before, a round ended with its scores.
  if (!patched('rounds-refresh')) return;
  try {
    await startChild(refreshReviews, {
      workflowId: refreshWorkflowId,
      taskQueue: taskQueues.workflow,
      args: [{ collection }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `refresh after a round of ${collector}`,
    });
  } catch (error) {
    if (!isAlreadyStarted(error)) throw error;
    const message = 'another refresh is under way';
    for (const stage of refreshStages)
      await recordStage({ runId: null, collection, stage, status: 'skipped', message });
  }
}

type Round = {
  id: CollectionId;
  collector: Collector;
  progress: CollectionProgress;
  scoring: ReturnType<typeof scoreBesides>;
};

/** @returns the collector as it is declared now, or why there is no round */
async function begin(
  { collector, requestedBy }: CollectionRequest,
  { id, workflowId }: { id: CollectionId; workflowId: string },
): Promise<Collector | string> {
  const begun = await beginCollection({ runId: null, id, workflowId, collector, requestedBy });
  return begun.skipped ?? begun.collector;
}

/** @returns why the round has come to its end */
async function collect(
  request: CollectionRequest,
  { id, collector, progress, scoring }: Round,
): Promise<string> {
  for (let step = request.progress?.steps ?? 0; ; step++) {
    const { end, pauseMs, isPart, batches, ...counts } = await collectPart.executeWithOptions(
      { summary: `${collector.kind === 'folder' ? 'file' : 'page'} ${progress.parts + 1}` },
      [{ runId: null, id, collector, step }],
    );
    scoring.add(batches);
    if (isPart) progress.parts++;
    progress.accepted += counts.accepted;
    progress.duplicates += counts.duplicates;
    progress.rejected += counts.rejected;
    if (end !== null) return end;
    if (collector.kind !== 'folder' && progress.parts >= collector.maxPages)
      return `stopped after ${progress.parts} pages, the limit of a round (maxPages); the next goes on from there`;
    if (pauseMs > 0)
      await sleep(pauseMs, { summary: 'the pace that was declared, or that robots.txt asks for' });
    if (!isHistoryFull(request.maxEvents)) continue;
    await scoring.ended();
    await continueAsNew<typeof collectReviews>({
      ...request,
      progress: { ...progress, collector, steps: step + 1, scoring: scoring.progress },
    });
  }
}

/** Scores what was taken in while more is read: sentiment and topics, or quarantine for what can have neither. */
function scoreBesides(before?: ScoringProgress) {
  const progress: ScoringProgress = { scored: 0, quarantined: 0, waits: false, failure: null, ...before };
  let scored: Promise<void> = Promise.resolve();
  const score = async (source: string, batchIds: string[]): Promise<void> => {
    try {
      const result = await ingestBatches.executeWithOptions({ summary: source }, [
        { runId: null, source, batchIds },
      ]);
      progress.scored += result.scored;
      progress.quarantined += result.quarantined;
      progress.waits ||= result.waits === true;
    } catch (error) {
      // They stay as they are in the database, from where the sweeper brings them to the workflow of their source.
      if (isCancellation(error)) throw error;
      progress.failure = describeFailure(error).message;
    }
  };
  return {
    progress,
    add(batches: CollectedPart['batches']): void {
      for (const { source, ids } of shares(batches)) scored = scored.then(() => score(source, ids));
      // Where it was cancelled, so was the round, which says it.
      scored.catch(() => undefined);
    },
    ended: () => scored,
    end(): CollectionEnd {
      const counts = `${progress.scored} scored, ${progress.quarantined} in quarantine`;
      if (progress.failure !== null) {
        const message = `${counts}; others are left to the workflow of their source: ${progress.failure}`;
        return { status: 'failed', message };
      }
      if (progress.waits)
        return { status: 'succeeded', message: `${counts}; others wait for a model in production` };
      return progress.scored + progress.quarantined === 0
        ? { status: 'skipped', message: 'nothing new has come' }
        : { status: 'succeeded', message: counts };
    },
  };
}

/** Of one activity, which is to end within its time. */
const mostReviews = 5_000;

/** Batches that are scored at once: each of one source, and of no more reviews than one activity takes. */
function shares(batches: CollectedPart['batches']): { source: string; ids: string[] }[] {
  const isParted =
    batches.reduce((sum, batch) => sum + batch.count, 0) > mostReviews && patched('rounds-score-in-shares');
  const open = new Map<string, { source: string; ids: string[]; reviews: number }>();
  const all: { source: string; ids: string[] }[] = [];
  for (const { source, id, count } of batches) {
    let share = open.get(source);
    if (share === undefined || (isParted && share.reviews + count > mostReviews)) {
      share = { source, ids: [], reviews: 0 };
      open.set(source, share);
      all.push(share);
    }
    share.ids.push(id);
    share.reviews += count;
  }
  return all;
}
