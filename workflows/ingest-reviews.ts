import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { type IngestReviews, type IngestStats, ingestMessages } from '../contracts/ingest.ts';
import type { ReviewBatch } from '../contracts/reviews.ts';
import { ingestBatches } from './activities.ts';
import { isHistoryFull } from './history.ts';

export const addBatchesSignal = defineSignal<[batches: ReviewBatch[]]>(ingestMessages.addBatches);
export const ingestStatsQuery = defineQuery<IngestStats>(ingestMessages.stats);

/** Of one activity: some seconds of work, and ids that fit into a payload with room to spare. */
const most = { reviews: 5_000, batches: 500 } as const;
/** Batches scored at a time: while one reads and stores, the other has the thread. */
const lanes = 2;
/** What a run leaves to the next fits into a payload. More than these are left to the sweeper, which brings them again. */
const maxWaiting = 2_000;

/**
 * Takes in the reviews of a source as long as there are any, and waits for more. It knows batches by their ids only:
 * what is in them and which reviews are done is in the database, so that a batch heard of twice is scored once.
 */
export async function ingestReviews({ source, ...earlier }: IngestReviews): Promise<never> {
  const { maxEvents } = earlier;
  const waiting = new Map((earlier.waiting ?? []).map((batch) => [batch.id, batch.count]));
  const underWay = new Set<string>();
  const totals = earlier.totals ?? { scored: 0, quarantined: 0, failures: 0 };
  setHandler(addBatchesSignal, (batches) => {
    for (const { id, count } of batches)
      if (waiting.size < maxWaiting && !underWay.has(id)) waiting.set(id, count);
  });
  setHandler(ingestStatsQuery, () => ({
    ...totals,
    waiting: waiting.size + underWay.size,
    historyEvents: workflowInfo().historyLength,
  }));
  const isFull = (): boolean => isHistoryFull(maxEvents);

  const takeSome = (): string[] => {
    const ids: string[] = [];
    let reviews = 0;
    for (const [id, count] of waiting) {
      if (ids.length === most.batches || (ids.length > 0 && reviews + count > most.reviews)) break;
      ids.push(id);
      reviews += count;
    }
    for (const id of ids) {
      waiting.delete(id);
      underWay.add(id);
    }
    return ids;
  };
  const work = async (): Promise<void> => {
    for (;;) {
      await condition(() => waiting.size > 0 || isFull());
      if (isFull()) return;
      const batchIds = takeSome();
      // The other lane may have been quicker.
      if (batchIds.length === 0) continue;
      try {
        const { scored, quarantined } = await ingestBatches.executeWithOptions(
          { summary: `${batchIds.length} batches` },
          [{ runId: null, source, batchIds }],
        );
        totals.scored += scored;
        totals.quarantined += quarantined;
      } catch (error) {
        if (isCancellation(error)) throw error;
        // They stay as they are in the database, from where the sweeper brings them again.
        totals.failures += 1;
      }
      for (const id of batchIds) underWay.delete(id);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  await condition(allHandlersFinished);
  return continueAsNew<typeof ingestReviews>({
    source,
    waiting: [...waiting].map(([id, count]) => ({ id, count })),
    totals,
    ...(maxEvents === undefined ? {} : { maxEvents }),
  });
}
