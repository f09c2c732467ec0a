import { createHash } from 'node:crypto';
import { shapeOf } from '../collectors/load-collectors.ts';
import type { CollectedPart, CollectionId } from '../contracts/collections.ts';
import type { WebCollector } from '../contracts/collector.ts';
import { type Sha256, sha256Schema } from '../contracts/ids.ts';
import type { Review } from '../contracts/reviews.ts';
import type { PageRead } from '../data/collect/read-page.ts';
import {
  advanceCollection,
  type CollectorState,
  countKnownReviews,
  findContent,
  findPart,
  holdCollection,
  moveCollector,
  openCollector,
  type PartRow,
  recordPart,
} from '../db/queries/collections.ts';
import { contentHashOf } from '../db/queries/review-intake.ts';
import type { Queries } from '../db/queries/runs.ts';
import { checkFound, takeIn } from './collected-reviews.ts';
import type { CollectionDependencies } from './dependencies.ts';

type PageInput = { id: CollectionId; collector: WebCollector; step: number };

/** Pages in a row that had been read under another address, after which a listing has shown its end. */
const repeatsAtEnd = 2;

/**
 * Reads the page at which the collector stands, hands its reviews on and moves to the next, in one transaction: whoever
 * dies before it has done nothing, and after it the page is done.
 */
export async function collectPage(
  deps: Pick<CollectionDependencies, 'db' | 'pages' | 'nowMs'>,
  { id, collector, step }: PageInput,
  signal: AbortSignal,
): Promise<CollectedPart> {
  const { db, pages, nowMs } = deps;
  const { name } = collector;
  const state = await openCollector(db, name, shapeOf(collector));
  const url = state.cursor ?? collector.start;
  const earlier = await findPart(db, name, partOf(url));
  const page = await pages.read(collector, {
    url,
    isFirst: state.cursor === null,
    validators: earlier ?? undefined,
    signal,
  });
  return db.transaction(async (tx) => {
    const { steps, lastStep } = await holdCollection(tx, id);
    if (steps > step && lastStep !== null) return lastStep;
    const done = await settlePage(tx, { id, collector, state, url, earlier, page, nowMs: nowMs() });
    await advanceCollection(tx, id, {
      counts: done,
      unchanged: page.outcome === 'not-modified' ? 1 : 0,
      step: done,
    });
    return done;
  });
}

type Settling = {
  id: CollectionId;
  collector: WebCollector;
  state: CollectorState;
  url: string;
  earlier: PartRow | null;
  page: PageRead;
  nowMs: number;
};

async function settlePage(tx: Queries, settling: Settling): Promise<CollectedPart> {
  const { id, collector, state, url, earlier, page, nowMs } = settling;
  const { name, newestFirst } = collector;
  const nothing = { accepted: 0, duplicates: 0, rejected: 0, batches: [] };
  const goOn = async (
    next: string,
    done: Omit<CollectedPart, 'end' | 'pauseMs' | 'isPart'>,
    repeats = 0,
  ): Promise<CollectedPart> => {
    await moveCollector(tx, name, { pass: 'goes-on', cursor: next, repeats });
    return { ...done, isPart: true, pauseMs: page.pauseMs, end: null };
  };
  const end = async (
    why: string,
    done: Omit<CollectedPart, 'end' | 'pauseMs' | 'isPart'> = nothing,
  ): Promise<CollectedPart> => {
    await moveCollector(tx, name, { pass: 'is-complete' });
    return { ...done, isPart: page.outcome !== 'beyond', pauseMs: 0, end: why };
  };

  if (page.outcome === 'beyond') return end(`nothing is at ${url}: the page before it was the last`);
  if (page.outcome === 'not-modified') {
    if (earlier === null) throw new Error(`${url} is said to be unchanged, and was never read`);
    const { completedAt } = state;
    if (newestFirst && completedAt !== null && isWithin(earlier.readAt, completedAt))
      return end(`${url} is unchanged`);
    return earlier.next === null
      ? end(`${url} is unchanged, and the last page`)
      : goOn(earlier.next, nothing);
  }

  const checked = checkFound(
    page.reviews.map((review) => ({ review })),
    nowMs,
  );
  const done = await takeIn(tx, checked);
  const sha256 = sha256Schema.parse(page.sha256);
  const repeated =
    page.reviews.length > 0 && state.passStartedAt !== null
      ? await findContent(tx, name, { sha256, since: state.passStartedAt })
      : null;
  await recordPart(tx, {
    collector: name,
    part: partOf(url),
    name: url,
    collection: id,
    contentSha256: sha256,
    etag: page.etag,
    lastModified: page.lastModified,
    next: page.next,
    records: page.reviews.length,
    isWhole: true,
  });
  if (page.reviews.length === 0) return end(`${url} has no review: the page before it was the last`, done);
  if (page.next === null) return end(`${url} is the last page`, done);
  const repeats = repeated === null ? 0 : state.repeats + 1;
  if (repeats >= repeatsAtEnd) return end(`${url} shows what was on ${repeated?.name} before`, done);
  if (await isReadInPass(tx, { collector: name, url: page.next, state }))
    return end(`${url} leads back to ${page.next}`, done);
  if (newestFirst && state.completedAt !== null && (await areKnown(tx, checked.reviews, state.completedAt)))
    return end(`${url} has nothing new`, done);
  return goOn(page.next, done, repeats);
}

const partOf = (url: string): Sha256 => sha256Schema.parse(createHash('sha256').update(url).digest('hex'));

/** Of times of Postgres; the moment itself counts. */
const isWithin = (time: string, until: string): boolean => Date.parse(time) <= Date.parse(until);

async function isReadInPass(
  tx: Queries,
  { collector, url, state }: { collector: WebCollector['name']; url: string; state: CollectorState },
): Promise<boolean> {
  const part = await findPart(tx, collector, partOf(url));
  return part !== null && state.passStartedAt !== null && isWithin(state.passStartedAt, part.readAt);
}

/**
 * Whether all of them had been taken in when a pass last came to its end. Not whether they are known at all: those of a
 * pass that was broken off are, and below them may stand others that nobody has read yet.
 */
async function areKnown(tx: Queries, reviews: readonly Review[], completedAt: string): Promise<boolean> {
  if (reviews.length === 0) return false;
  const keys = reviews.map((review) => ({
    source: review.source,
    externalId: review.id,
    contentHash: contentHashOf(review),
  }));
  return (await countKnownReviews(tx, keys, completedAt)) === keys.length;
}
