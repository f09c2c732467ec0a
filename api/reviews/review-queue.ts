import { createPostgresBackend, Queue, Worker } from 'bullmq';
import type { Logger } from 'pino';
import { z } from 'zod';

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
/** Kept while the queue cannot be opened; what comes after is left to the sweeper. */
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
  const onError = (error: Error): void => {
    if (isUp)
      logger.warn({ err: error }, 'the queue of reviews cannot be used; the sweeper stands in for it');
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
  const send = async (): Promise<void> => {
    if (opened === undefined || gathered.length === 0) return;
    const ids = gathered;
    gathered = [];
    const jobs = [];
    for (let from = 0; from < ids.length; from += jobBatches)
      jobs.push({
        name: queueName,
        data: { batchIds: ids.slice(from, from + jobBatches) },
        opts: jobOptions,
      });
    await opened.queue.addBulk(jobs).catch(onError);
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
      try {
        await Promise.all([attempt.queue.waitUntilReady(), attempt.worker.waitUntilReady()]);
      } catch (error) {
        await close(attempt).catch(() => undefined);
        throw error;
      }
      opened = attempt;
      sendSoon();
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
