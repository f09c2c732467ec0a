import {
  CancellationScope,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
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
} from '../contracts/collections.ts';
import type { Collector } from '../contracts/collector.ts';
import { beginCollection, collectPart, endCollection, ingestBatches } from './activities.ts';
import { describeFailure } from './failure.ts';

export const collectionProgressQuery = defineQuery<CollectionProgress>(collectionMessages.progress);

/** Of a run; the next begins with an empty history. */
const historyEvents = 2_000;

/**
 * A round of a collector: reads page after page, or file after file, until there is nothing new, and has what was taken
 * in scored meanwhile. How far the collector has come is in the database, where each page moves it on: a round that
 * fails leaves the next one to go on from there.
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
  const settle = async (end: CollectionEnd): Promise<CollectionEnd> => {
    setCurrentDetails(`**${request.collector}** · ${end.status}: ${end.message}`);
    await CancellationScope.nonCancellable(() => endCollection({ runId: null, id, end }));
    return end;
  };
  const scoring = scoreBesides();
  try {
    const collector = before?.collector ?? (await begin(request, { id, workflowId }));
    if (typeof collector === 'string') return { status: 'skipped', message: collector };
    const message = await collect(request, { id, collector, progress, scoring });
    await scoring.ended();
    return await settle({ status: 'succeeded', message });
  } catch (error) {
    // The round goes on in the next run of the workflow.
    if (error instanceof ContinueAsNew) throw error;
    const cancelled = isCancellation(error);
    if (!cancelled) await scoring.ended();
    const message = cancelled ? 'it was cancelled' : describeFailure(error).message;
    await settle({ status: cancelled ? 'cancelled' : 'failed', message });
    throw error;
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
    const { continueAsNewSuggested, historyLength } = workflowInfo();
    if (!continueAsNewSuggested && historyLength < historyEvents) continue;
    await scoring.ended();
    await continueAsNew<typeof collectReviews>({
      ...request,
      progress: { ...progress, collector, steps: step + 1 },
    });
  }
}

/** Scores what was taken in while more is read: sentiment and topics, or quarantine for what can have neither. */
function scoreBesides() {
  let scored: Promise<void> = Promise.resolve();
  const score = async (source: string, batchIds: string[]): Promise<void> => {
    try {
      await ingestBatches.executeWithOptions({ summary: source }, [{ runId: null, source, batchIds }]);
    } catch (error) {
      // They stay as they are in the database, from where the sweeper brings them to the workflow of their source.
      if (isCancellation(error)) throw error;
    }
  };
  return {
    add(batches: CollectedPart['batches']): void {
      const bySource = new Map<string, string[]>();
      for (const { source, id } of batches) bySource.set(source, [...(bySource.get(source) ?? []), id]);
      for (const [source, ids] of bySource) scored = scored.then(() => score(source, ids));
      // Where it was cancelled, so was the round, which says it.
      scored.catch(() => undefined);
    },
    ended: () => scored,
  };
}
