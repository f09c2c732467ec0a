import { sql } from 'drizzle-orm';
import { maxListedRejections, type Replayed, type ReviewsAccepted } from '../../contracts/http/reviews.ts';
import { httpLimits } from '../../contracts/http/shared.ts';
import type { Review } from '../../contracts/reviews.ts';
import {
  createArraySplitter,
  createLineSplitter,
  NotRecords,
  type RawRecord,
} from '../../data/reviews/split-records.ts';
import type { Database } from '../../db/client.ts';
import { countBacklog, type SourceBatch } from '../../db/queries/review-batches.ts';
import { createIntakeWriter } from '../../db/queries/review-intake.ts';
import type { QuarantinedRecord } from '../../db/queries/reviews.ts';
import { HttpProblem } from '../problem.ts';
import { createGate } from './gate.ts';
import { readRecord } from './read-record.ts';
import { replayQuarantine } from './replay.ts';

export type ReviewFormat = 'array' | 'lines';

export type ReviewIntake = {
  /**
   * Stores the reviews of a body as it streams in, all in one transaction: once this resolves they are durable, and
   * what is no review is in quarantine.
   * @throws HttpProblem 400, 413; 429 while too many reviews wait to be scored
   */
  take(body: AsyncIterable<Uint8Array>, format: ReviewFormat): Promise<ReviewsAccepted>;
  /** Takes in what is in quarantine and is a review by the rules of now; all of it, or what the ids name. */
  replay(ids: readonly string[] | null): Promise<Replayed>;
};

/** Of one statement: a few milliseconds of the main thread's time, and of the memory of one request. */
const part = { records: 500, bytes: 2 * 1024 * 1024 } as const;
/** Each holds a connection while its body comes in; more wait for their turn. */
const openTransactions = 3;
const waitingRequests = 200;
const retryAfterSeconds = 10;
/** The backlog is counted anew after this. */
const countEveryMs = 1_000;

type Part = {
  records: number;
  reviews: Review[];
  refused: QuarantinedRecord[];
  rejected: ReviewsAccepted['rejected'];
};

export function createReviewIntake(deps: {
  db: Database;
  /** Reviews not yet scored beyond which no more are taken. */
  maxBacklog: number;
  /** Told of what is stored; may lose it, since a sweeper looks after what stays. */
  onBatches(batches: readonly SourceBatch[]): void;
  nowMs(): number;
}): ReviewIntake {
  const { db, maxBacklog, onBatches, nowMs } = deps;
  const gate = createGate({ open: openTransactions, waiting: waitingRequests });
  let backlog = { count: 0, countedAtMs: Number.NEGATIVE_INFINITY };

  const refuseBacklog = async (): Promise<void> => {
    if (nowMs() - backlog.countedAtMs > countEveryMs)
      backlog = { count: await countBacklog(db), countedAtMs: nowMs() };
    if (backlog.count < maxBacklog) return;
    throw new HttpProblem(
      429,
      `${backlog.count} reviews wait to be scored; the limit is ${maxBacklog} (REVIEWS_MAX_BACKLOG)`,
      { retryAfterSeconds },
    );
  };

  const store = (first: Part, rest: AsyncGenerator<Part, void, void>) =>
    db.transaction(async (tx) => {
      const answer: ReviewsAccepted = { accepted: 0, duplicates: 0, rejected: [], rejectedCount: 0 };
      const writer = createIntakeWriter(tx);
      const write = async ({ reviews, refused, rejected }: Part): Promise<void> => {
        const { accepted, duplicates } = await writer.write({ reviews, refused });
        answer.accepted += accepted;
        answer.duplicates += duplicates;
        answer.rejected.push(...rejected.slice(0, maxListedRejections - answer.rejected.length));
        answer.rejectedCount += rejected.length;
      };
      await write(first);
      // A sender that falls silent must not keep the transaction.
      if (first.records === part.records)
        await tx.execute(sql`set local idle_in_transaction_session_timeout = '60s'`);
      for await (const next of rest) await write(next);
      return { answer, batches: await writer.finish() };
    });

  return {
    async take(body, format) {
      await refuseBacklog();
      const parts = readParts(body, format, nowMs());
      // A small request is read whole before it waits for a transaction.
      const { value: first } = await parts.next();
      if (first === undefined) return { accepted: 0, duplicates: 0, rejected: [], rejectedCount: 0 };
      const { answer, batches } = await gate(() => store(first, parts));
      backlog.count += answer.accepted;
      if (batches.length > 0) onBatches(batches);
      return answer;
    },
    replay: (ids) => replayQuarantine({ db, ids, onBatches, nowMs }),
  };
}

async function* readParts(
  body: AsyncIterable<Uint8Array>,
  format: ReviewFormat,
  nowMs: number,
): AsyncGenerator<Part, void, void> {
  const splitter = format === 'array' ? createArraySplitter() : createLineSplitter();
  const start = (): Part => ({ records: 0, reviews: [], refused: [], rejected: [] });
  let bytes = 0;
  let current = start();
  let index = 0;
  let total = 0;
  const add = (record: RawRecord): void => {
    const read = readRecord(record, nowMs);
    if ('review' in read) {
      current.reviews.push(read.review);
    } else {
      const { errors, kept } = read.refused;
      current.rejected.push({ index, errors });
      if (kept !== null) current.refused.push(kept);
    }
    current.records++;
    index++;
    bytes += record.bytes.byteLength;
    if (index > httpLimits.reviewRecords)
      throw new HttpProblem(413, `the body has over ${httpLimits.reviewRecords} records, which is the limit`);
  };
  const isFull = (): boolean => current.records >= part.records || bytes >= part.bytes;
  const take = (): Part => {
    const taken = current;
    current = start();
    bytes = 0;
    return taken;
  };
  try {
    for await (const chunk of body) {
      total += chunk.byteLength;
      if (total > httpLimits.reviewBytes)
        throw new HttpProblem(413, `the body has over ${httpLimits.reviewBytes} bytes, which is the limit`);
      for (const record of splitter.push(chunk)) {
        add(record);
        if (isFull()) yield take();
      }
    }
    for (const record of splitter.end()) add(record);
  } catch (error) {
    if (error instanceof NotRecords) throw new HttpProblem(400, error.message, { cause: error });
    throw error;
  }
  if (current.records > 0) yield take();
}
