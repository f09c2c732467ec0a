import type { IncomingMessage } from 'node:http';
import { SourceNotFound, SourceRefused, SourceUnavailable } from '../errors.ts';
import {
  asSourceError,
  type PublicConnection,
  redirectOf,
  refusePackedAnswer,
} from '../https/public-connection.ts';

/** What a server said of a page when it was read, by which it can tell later that it is unchanged. */
export type Validators = { etag: string | null; lastModified: string | null };

export type FetchedPage = Validators & {
  /** After redirects. */
  url: URL;
  body: Buffer;
  contentType: string;
  /** The `Link` header. */
  link: string;
};

/** Thrown when a server answers that it will not give a page. */
export class PageRefused extends SourceRefused {
  readonly status: number;
  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export type PageFetcher = {
  /**
   * @returns null where the page is unchanged
   * @throws SourceRefused, SourceNotFound; SourceUnavailable where another attempt may succeed
   */
  fetch(
    url: URL,
    options: {
      maxBytes: number;
      accept: string;
      validators?: Validators | undefined;
      /** Of each address that a redirect leads to as well. */
      headersOf?: ((url: URL) => Readonly<Record<string, string>>) | undefined;
      /** Called before each address is asked. @throws whatever speaks against it */
      permit?: ((url: URL) => Promise<void>) | undefined;
      signal: AbortSignal;
    },
  ): Promise<FetchedPage | null>;
};

export const fetchLimits = {
  redirects: 5,
  /** Without a byte, beginning with the connection. */
  idleMs: 30_000,
  /** Within the time of the activity that waits for it. */
  totalMs: 90_000,
};

export function createPageFetcher(options: {
  /** Its own idle limit should be that of `limits`. */
  connection: PublicConnection;
  nowMs: () => number;
  limits?: typeof fetchLimits;
}): PageFetcher {
  const { connection, nowMs, limits = fetchLimits } = options;
  return {
    async fetch(from, { maxBytes, accept, validators, headersOf, permit, signal }) {
      const late = AbortSignal.timeout(limits.totalMs);
      const stop = AbortSignal.any([signal, late]);
      let url = from;
      try {
        for (let redirects = 0; redirects <= limits.redirects; redirects++) {
          await permit?.(url);
          const answer = await connection.open(url, {
            signal: stop,
            headers: { accept, ...conditional(validators), ...headersOf?.(url) },
          });
          // An answer that is not read to its end would keep its connection.
          try {
            const next = redirectOf(url, answer);
            if (next === null) return await readAnswer({ url, answer, maxBytes, nowMs });
            url = next;
          } finally {
            answer.destroy();
          }
        }
      } catch (error) {
        signal.throwIfAborted();
        if (late.aborted)
          throw new SourceUnavailable(`${url.host} has not sent all within ${limits.totalMs / 1000} s`);
        throw asSourceError(url, error);
      }
      throw new SourceRefused(`${from.host} leads on more than ${limits.redirects} times`);
    },
  };
}

const conditional = (validators: Validators | undefined): Record<string, string> => ({
  ...(validators?.etag == null ? {} : { 'if-none-match': validators.etag }),
  ...(validators?.lastModified == null ? {} : { 'if-modified-since': validators.lastModified }),
});

async function readAnswer(input: {
  url: URL;
  answer: IncomingMessage;
  maxBytes: number;
  nowMs: () => number;
}): Promise<FetchedPage | null> {
  const { url, answer, maxBytes, nowMs } = input;
  const { statusCode: status = 0, headers } = answer;
  if (status === 304) return null;
  const said = `${url.host} answered ${status} to ${url.pathname}`;
  if (status === 404 || status === 410) throw new SourceNotFound(`${said}: nothing is there`);
  if (status >= 500 || [408, 425, 429].includes(status)) {
    const retryAfterMs = retryAfter(headers['retry-after'], nowMs());
    throw new SourceUnavailable(said, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
  if (status === 401 || status === 403)
    throw new PageRefused(`${said}: it does not let this collector read that`, status);
  if (status !== 200) throw new PageRefused(said, status);
  refusePackedAnswer(url, answer);
  const tooLarge = () =>
    new SourceRefused(
      `${url.host} sends more than ${maxBytes} bytes for ${url.pathname}, which is the limit`,
    );
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let received = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    received += chunk.byteLength;
    if (received > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  const { link = '' } = headers;
  return {
    url,
    body: Buffer.concat(chunks),
    contentType: headers['content-type'] ?? '',
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    link: Array.isArray(link) ? link.join(', ') : link,
  };
}

/** Of seconds or of a date (RFC 9110, 10.2.3); undefined where it says neither. */
function retryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
