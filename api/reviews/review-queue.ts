import { createPostgresBackend, Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';
import { endsWithin } from '../ends-within.ts';

/** Carries the ids of batches to whoever tells the workflows of them. It may lose some: the sweeper brings them again. */
export type ReviewQueue = {
  offer(batchIds: readonly string[]): void;
  /** Opens the queue where it is not. @throws while neither can be reached: it is asked for again a while later */
  ensureOpen(): Promise<void>;
  close(): Promise<void>;
};

const queueName = 'reviews';
/** What arrives within this goes as one job: a job a review would be the slowest way to take reviews in. */
const gatherMs = 100;
const jobBatches = 500;
/** Jobs held at a time, each until the workflows it concerns have been told: about a second. */
const concurrency = 32;
/** A Redis that is away is waited for without end. */
const limitMs = 5_000;
/** Kept while a send is under way; what comes after is left to the sweeper. */
const maxGathered = 10_000;
const jobSchema = z.object({ batchIds: z.array(z.string()) });

const jobOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * @param options.deliver fails where the batches have to be delivered again
 */
export function createReviewQueue(options: {
  databaseUrl: string;
  /** Where it is set, Redis carries the ids instead of PostgreSQL. */
  redisUrl: string | undefined;
  logger: Logger;
  deliver(batchIds: readonly string[]): Promise<void>;
}): ReviewQueue {
  const { logger, deliver } = options;
  let isUp = true;
  const onError = (error: unknown): void => {
    if (isUp) logger.warn({ err: error }, 'the queue of reviews cannot be used; batches go on without it');
    isUp = false;
  };
  const process = async ({ data }: { data: unknown }): Promise<void> => {
    isUp = true;
    await deliver(jobSchema.parse(data).batchIds);
  };
  let opened: Opened | undefined;
  let gathered: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> = Promise.resolve();
  const enqueue = async (ids: readonly string[]): Promise<boolean> => {
    if (opened === undefined) return false;
    const jobs = [];
    for (let from = 0; from < ids.length; from += jobBatches)
      jobs.push({
        name: queueName,
        data: { batchIds: ids.slice(from, from + jobBatches) },
        opts: jobOptions,
      });
    try {
      return await endsWithin(opened.queue.addBulk(jobs), limitMs);
    } catch (error) {
      onError(error);
      return false;
    }
  };
  const send = async (): Promise<void> => {
    const ids = gathered;
    gathered = [];
    if (ids.length === 0 || (await enqueue(ids))) return;
    // Without the queue they go straight on; what fails here is the sweeper's.
    await deliver(ids).catch(onError);
  };
  const sendSoon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      sending = sending.then(send);
    }, gatherMs);
  };
  return {
    offer(batchIds) {
      gathered.push(...batchIds.slice(0, maxGathered - gathered.length));
      if (gathered.length > 0) sendSoon();
    },
    async ensureOpen() {
      if (opened !== undefined) return;
      // One that could not be reached when it was opened stays so.
      const attempt = open(options, process);
      attempt.queue.on('error', onError);
      attempt.worker.on('error', onError);
      const ready = Promise.all([attempt.queue.waitUntilReady(), attempt.worker.waitUntilReady()]);
      const isReady = await endsWithin(ready, limitMs).catch((error: Error) => error);
      if (isReady !== true) {
        // What never was open may take for ever to close.
        void close(attempt).catch(() => undefined);
        throw isReady === false
          ? new Error(`the queue of reviews could not be opened within ${limitMs / 1000} s`)
          : isReady;
      }
      opened = attempt;
      isUp = true;
    },
    async close() {
      clearTimeout(timer);
      await sending;
      await send();
      if (opened !== undefined) await close(opened);
    },
  };
}

/** Jobs under way are given up at once: another takes them, or the sweeper. */
async function close({ queue, worker }: Opened): Promise<void> {
  await worker.close(true);
  await queue.close();
}

type Opened = ReturnType<typeof open>;

function open(
  { databaseUrl, redisUrl }: { databaseUrl: string; redisUrl: string | undefined },
  process: (job: { data: unknown }) => Promise<void>,
) {
  if (redisUrl !== undefined) {
    const connection = { url: redisUrl };
    return {
      queue: new Queue(queueName, { connection }),
      worker: new Worker(queueName, process, { connection, concurrency }),
    };
  }
  // A pool of its own, through the driver that BullMQ is written for.
  const connection = { connectionString: databaseUrl, max: 3, migrate: true };
  return {
    queue: new Queue(queueName, { connection }, createPostgresBackend),
    worker: new Worker(queueName, process, { connection, concurrency }, createPostgresBackend),
  };
}
