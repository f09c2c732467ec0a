import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { BlobRef } from '../../contracts/data.ts';
import type { HttpsSource } from '../../contracts/source.ts';
import { BlobDiffers, type BlobStore } from '../../store/blob-store.ts';
import { SourceDiffers, SourceNotFound, SourceRefused, SourceUnavailable } from '../errors.ts';
import {
  asSourceError,
  type ConnectionOptions,
  createPublicConnection,
  redirectOf,
  refusePackedAnswer,
} from './public-connection.ts';

export type HttpsReader = {
  /**
   * Streams the file into the store, which keeps it only if it has the hash; one that is there already is not asked
   * for. A broken transfer leaves nothing, and the next begins anew.
   *
   * @throws SourceRefused, SourceNotFound, SourceDiffers; SourceUnavailable where another attempt may succeed
   */
  store(
    source: HttpsSource,
    options: {
      store: BlobStore;
      signal?: AbortSignal | undefined;
      /** @param done 0 to 1, where the server says how much is to come */
      onProgress?: ((done: number) => void) | undefined;
    },
  ): Promise<BlobRef>;
};

export const httpsLimits = {
  /** As many as an upload may have. */
  bytes: 8 * 1024 ** 3,
  redirects: 5,
  /** Without a byte, beginning with the connection. */
  idleMs: 30_000,
  /** Within the time of the activity that waits for it. */
  totalMs: 14 * 60_000,
};

export function createHttpsReader({
  limits = httpsLimits,
  ...options
}: Omit<ConnectionOptions, 'idleMs'> & { limits?: typeof httpsLimits }): HttpsReader {
  const connection = createPublicConnection({ ...options, idleMs: limits.idleMs });

  const follow = async (from: URL, signal: AbortSignal): Promise<{ url: URL; answer: IncomingMessage }> => {
    let url = from;
    for (let redirects = 0; redirects <= limits.redirects; redirects++) {
      const answer = await connection.open(url, { signal });
      let next: URL | null;
      try {
        next = redirectOf(url, answer);
      } catch (error) {
        answer.destroy();
        throw error;
      }
      if (next === null) return { url, answer };
      answer.destroy();
      url = next;
    }
    throw new SourceRefused(`${from.host} leads on more than ${limits.redirects} times`);
  };

  return {
    async store(source, { store, signal, onProgress }) {
      const from = new URL(source.url);
      const refusal = connection.refusalOf(from);
      if (refusal !== null) throw new SourceRefused(refusal);
      const known = await store.find(source.sha256);
      if (known !== undefined) return known;

      const late = AbortSignal.timeout(limits.totalMs);
      const stop = signal === undefined ? late : AbortSignal.any([signal, late]);
      const explain = (error: unknown): unknown => {
        signal?.throwIfAborted();
        if (late.aborted)
          return new SourceUnavailable(`${from.host} has not sent all within ${limits.totalMs / 1000} s`);
        return asSourceError(from, error);
      };
      try {
        const { url, answer } = await follow(from, stop).catch((error: unknown) => {
          throw explain(error);
        });
        // An answer that is not read to its end would keep its connection.
        try {
          const bytes = checkAnswer({ url, answer, limits });
          const body = bounded({ url, answer, limits, bytes, onProgress, explain });
          return await store.put(Readable.from(body, { objectMode: false }), { expected: source.sha256 });
        } finally {
          answer.destroy();
        }
      } catch (error) {
        if (!(error instanceof BlobDiffers)) throw error;
        const { found, expected } = error;
        throw new SourceDiffers(
          `${from.href} has ${found.bytes} bytes of SHA-256 ${found.sha256}, not ${expected}: nothing of it was kept`,
        );
      }
    },
  };
}

/** @returns how many bytes are to come, where the server says it */
function checkAnswer({
  url,
  answer,
  limits,
}: {
  url: URL;
  answer: IncomingMessage;
  limits: typeof httpsLimits;
}): number | null {
  const { statusCode: status = 0, headers } = answer;
  const said = `${url.host} answered ${status}`;
  if (status === 404 || status === 410) throw new SourceNotFound(`${said}: nothing is at ${url.pathname}`);
  if (status >= 500 || [408, 425, 429].includes(status)) throw new SourceUnavailable(said);
  if (status !== 200) throw new SourceRefused(said);
  refusePackedAnswer(url, answer);
  const bytes = headers['content-length'] === undefined ? null : Number(headers['content-length']);
  if (bytes !== null && bytes > limits.bytes) throw tooLarge(url, limits);
  return bytes;
}

async function* bounded(input: {
  url: URL;
  answer: IncomingMessage;
  limits: typeof httpsLimits;
  bytes: number | null;
  onProgress: ((done: number) => void) | undefined;
  explain: (error: unknown) => unknown;
}): AsyncGenerator<Buffer, void, void> {
  const { url, answer, limits, bytes, onProgress, explain } = input;
  let received = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      received += chunk.byteLength;
      if (received > limits.bytes) throw tooLarge(url, limits);
      yield chunk;
      onProgress?.(bytes === null || bytes === 0 ? 0 : received / bytes);
    }
  } catch (error) {
    throw explain(error);
  }
}

const tooLarge = (url: URL, limits: typeof httpsLimits): SourceRefused =>
  new SourceRefused(`${url.host} sends more than ${limits.bytes} bytes, which is the limit`);
