import type { Logger } from 'pino';
import type { Database } from '../../db/client.ts';
import { claimForgottenBatches } from '../../db/queries/review-batches.ts';
import type { ReviewQueue } from './review-queue.ts';

/** Longer than a batch takes from its request to its workflow. */
const afterSeconds = 30;
/** A workflow may have an hour of work before a batch that it was told of; being told twice is harmless. */
const signalledAfterSeconds = 300;
const limit = 1_000;

/** Gives the queue again what has been taken in and is neither scored nor on its way. */
export async function sweepBatches(deps: {
  db: Database;
  queue: Pick<ReviewQueue, 'offer'>;
  logger: Logger;
  /** Whether a model that scores reviews is in production. */
  canScore(): Promise<boolean>;
}): Promise<void> {
  const { db, queue, logger, canScore } = deps;
  const forgotten = await claimForgottenBatches(db, {
    afterSeconds,
    signalledAfterSeconds,
    withWaiting: await canScore(),
    limit,
  });
  if (forgotten.length === 0) return;
  queue.offer(forgotten.map(({ id }) => id));
  logger.info({ batches: forgotten.length }, 'gave batches of reviews to the queue again');
}
