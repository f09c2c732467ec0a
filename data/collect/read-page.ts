import { createHash } from 'node:crypto';
import type { WebCollector } from '../../contracts/collector.ts';
import { PageUnlike, SourceNotFound, SourceRefused, SourceUnavailable } from '../errors.ts';
import { type FetchedPage, type PageFetcher, PageRefused, type Validators } from './fetch-page.ts';
import type { FoundReview } from './found-review.ts';
import { readHtml } from './html-page.ts';
import { reviewsOfJsonLd } from './json-ld.ts';
import { reviewsOfJson } from './json-reviews.ts';
import { nextPage } from './next-page.ts';
import { textOfPage } from './page-text.ts';
import { allowAll, parseRobots, type Robots, robotsBytes } from './robots.ts';

export type PageRead =
  | { outcome: 'not-modified'; pauseMs: number }
  /** No page is there: the one before it was the last. */
  | { outcome: 'beyond'; pauseMs: number }
  | (Validators & {
      outcome: 'read';
      reviews: FoundReview[];
      /** Of what was read of the reviews, so that a page that comes again under another address is known again. */
      sha256: string;
      next: string | null;
      /** To be kept before the next page is asked for. */
      pauseMs: number;
    });

export type PageReader = {
  /**
   * @throws SourceRefused, SourceNotFound, PageUnlike; SourceUnavailable where another attempt may succeed
   */
  read(
    collector: WebCollector,
    page: { url: string; isFirst: boolean; validators: Validators | undefined; signal: AbortSignal },
  ): Promise<PageRead>;
};

/** By which robots.txt names this crawler. */
const productToken = 'perennial';
/** RFC 9309 lets a day pass before it is read again; whoever changes it should not wait so long. */
const robotsForMs = 60 * 60 * 1000;

export function createPageReader(options: {
  fetcher: PageFetcher;
  /** The value of an environment variable that a collector names; undefined where it is not set. */
  secretOf: (name: string) => string | undefined;
  nowMs: () => number;
}): PageReader {
  const { fetcher, secretOf, nowMs } = options;
  const known = new Map<string, { robots: Robots; readMs: number }>();

  const robotsOf = async (origin: string, signal: AbortSignal): Promise<Robots> => {
    const kept = known.get(origin);
    if (kept !== undefined && nowMs() - kept.readMs < robotsForMs) return kept.robots;
    const robots = await readRobots(origin, { fetcher, signal });
    known.set(origin, { robots, readMs: nowMs() });
    return robots;
  };

  return {
    async read(collector, { url: address, isFirst, validators, signal }) {
      const url = new URL(address);
      const headers = headersOf(collector, secretOf);
      const origin = new URL(collector.start).origin;
      let crawlDelayMs = 0;
      const permit = async (asked: URL): Promise<void> => {
        const robots = await robotsOf(asked.origin, signal);
        crawlDelayMs = robots.crawlDelayMs ?? 0;
        if (!robots.allows(`${asked.pathname}${asked.search}`))
          throw new SourceRefused(
            `${asked.origin}/robots.txt does not allow "${productToken}" to read ${asked.pathname}${asked.search}`,
          );
      };
      const pauseMs = () => Math.max(collector.paceSeconds * 1000, crawlDelayMs);
      let page: FetchedPage | null;
      try {
        page = await fetcher.fetch(url, {
          maxBytes: collector.maxPageBytes,
          accept: collector.kind === 'pages' ? 'text/html,application/xhtml+xml' : 'application/json',
          validators,
          // A key is for whom it was declared for, wherever an answer leads.
          headersOf: (asked) => (asked.origin === origin ? headers : {}),
          permit,
          signal,
        });
      } catch (error) {
        if (error instanceof SourceNotFound && !isFirst) return { outcome: 'beyond', pauseMs: pauseMs() };
        throw error;
      }
      if (page === null) return { outcome: 'not-modified', pauseMs: pauseMs() };
      const { reviews, next } =
        collector.kind === 'pages' ? readWebPage(collector, page, isFirst) : readAnswer(collector, page);
      return {
        outcome: 'read',
        reviews,
        sha256: createHash('sha256').update(JSON.stringify(reviews)).digest('hex'),
        next: reviews.length === 0 ? null : (next?.href ?? null),
        etag: page.etag,
        lastModified: page.lastModified,
        pauseMs: pauseMs(),
      };
    },
  };
}

/**
 * A robots.txt that cannot be read for now refuses everything; one that is not there allows it (RFC 9309, 2.3.1).
 * @throws SourceUnavailable
 */
async function readRobots(
  origin: string,
  { fetcher, signal }: { fetcher: PageFetcher; signal: AbortSignal },
): Promise<Robots> {
  try {
    const answer = await fetcher.fetch(new URL('/robots.txt', origin), {
      maxBytes: robotsBytes,
      accept: 'text/plain',
      signal,
    });
    return answer === null ? allowAll : parseRobots(answer.body.toString('utf8'), productToken);
  } catch (error) {
    if (error instanceof SourceNotFound) return allowAll;
    if (error instanceof PageRefused && error.status >= 400 && error.status < 500) return allowAll;
    if (error instanceof SourceUnavailable)
      throw new SourceUnavailable(
        `${origin}/robots.txt cannot be read, without which nothing is asked: ${error.message}`,
        {
          cause: error,
          ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
        },
      );
    throw error;
  }
}

/** @throws SourceRefused where a variable is not set */
function headersOf(
  { headers }: WebCollector,
  secretOf: (name: string) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, header]) => {
      if (typeof header === 'string') return [name, header];
      const value = secretOf(header.secret);
      // The value itself must never stand in a message.
      if (value === undefined)
        throw new SourceRefused(
          `header "${name}" is to be ${header.secret} of the environment, which is not set where the worker runs`,
        );
      if (!/^[\x20-\x7e]+$/.test(value))
        throw new SourceRefused(
          `${header.secret} of the environment is no header: it has other than printable ASCII`,
        );
      return [name, value];
    }),
  );
}

function readWebPage(
  { source, reviewId, next }: Extract<WebCollector, { kind: 'pages' }>,
  { url, body, contentType, link }: FetchedPage,
  isFirst: boolean,
): { reviews: FoundReview[]; next: URL | null } {
  const html = readHtml(textOfPage(body, contentType));
  if (!html.isWhole) throw new SourceUnavailable(`${url.href} breaks off within its reviews`);
  const reviews = reviewsOfJsonLd(html.jsonLd, { source, reviewId, page: url });
  if (reviews.length === 0 && html.unreadableBlocks > 0)
    throw new SourceUnavailable(
      `${url.href} has no review, and ${html.unreadableBlocks} block${html.unreadableBlocks > 1 ? 's' : ''} of JSON-LD that cannot be read`,
    );
  // After the first, it is the end of the listing.
  if (reviews.length === 0 && isFirst)
    throw new PageUnlike(
      `${url.href} has no review: nothing in its JSON-LD (${html.jsonLd.length} blocks) is of schema.org's type Review`,
    );
  return {
    reviews,
    next: nextPage(next, { url, link, links: html.links, base: html.base, answer: undefined }),
  };
}

function readAnswer(
  collector: Extract<WebCollector, { kind: 'api' }>,
  { url, body, contentType, link }: FetchedPage,
): { reviews: FoundReview[]; next: URL | null } {
  let answer: unknown;
  try {
    answer = JSON.parse(textOfPage(body, contentType));
  } catch (error) {
    throw new SourceUnavailable(
      `${url.origin}${url.pathname} sent what is no JSON: ${error instanceof Error ? error.message : ''}`,
      { cause: error },
    );
  }
  const reviews = reviewsOfJson(answer, collector, url);
  return { reviews, next: nextPage(collector.next, { url, link, links: [], base: null, answer }) };
}
