import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import type { BlobRef } from '../../contracts/data.ts';
import type { HttpsSource } from '../../contracts/source.ts';
import { BlobDiffers, type BlobStore } from '../../store/blob-store.ts';
import { SourceDiffers, SourceNotFound, SourceRefused, SourceUnavailable } from '../errors.ts';
import { refusalOfHost } from './allowed-hosts.ts';
import { refusalOfAddress } from './public-address.ts';

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

export type Address = { address: string; family: number };

export const httpsLimits = {
  /** As many as an upload may have. */
  bytes: 8 * 1024 ** 3,
  redirects: 5,
  /** Without a byte, beginning with the connection. */
  idleMs: 30_000,
  /** Within the time of the activity that waits for it. */
  totalMs: 14 * 60_000,
};

/**
 * @param options.hosts that files may be taken from
 * @param options.refuse what is wrong with an address that a host resolves to; null where nothing is
 * @param options.ca certificates to trust in place of the usual authorities
 */
export function createHttpsReader(options: {
  hosts: readonly string[];
  resolve?: (host: string) => Promise<readonly Address[]>;
  refuse?: (address: string) => string | null;
  ca?: string;
  limits?: typeof httpsLimits;
}): HttpsReader {
  const {
    hosts,
    resolve = (host) => lookup(host, { all: true }),
    refuse = refusalOfAddress,
    ca,
    limits = httpsLimits,
  } = options;

  /** Where a connection may go: what was checked is what is connected to, whatever the name resolves to next. */
  const allowedAddresses = async (url: URL, signal: AbortSignal): Promise<readonly Address[]> => {
    const refusal = refusalOfHost(url, hosts);
    if (refusal !== null) throw new SourceRefused(refusal);
    const host = hostOf(url);
    const family = isIP(host);
    const addresses = family === 0 ? await unlessAborted(signal, resolve(host)) : [{ address: host, family }];
    if (addresses.length === 0) throw new SourceUnavailable(`${url.host} has no address`);
    for (const { address } of addresses) {
      const what = refuse(address);
      if (what !== null)
        throw new SourceRefused(
          `${url.host} is at ${address}, which is ${what}: sources are taken from public addresses only`,
        );
    }
    return addresses;
  };

  const open = async (url: URL, signal: AbortSignal): Promise<IncomingMessage> => {
    const addresses = await allowedAddresses(url, signal);
    return new Promise((settle, reject) => {
      let answer: IncomingMessage | undefined;
      const asked = request({
        hostname: hostOf(url),
        port: url.port === '' ? 443 : Number(url.port),
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          accept: '*/*',
          'accept-encoding': 'identity',
          'user-agent': 'perennial',
        },
        // No connection is shared with anything, nor goes by a proxy, which would resolve the name itself.
        agent: false,
        lookup: answering(addresses),
        timeout: limits.idleMs,
        signal,
        ...(ca === undefined ? {} : { ca }),
      });
      asked.on('response', (response) => {
        answer = response;
        settle(response);
      });
      asked.on('timeout', () => {
        const silence = new SourceUnavailable(`${url.host} sent nothing for ${limits.idleMs / 1000} s`);
        answer?.destroy(silence);
        asked.destroy(silence);
      });
      asked.on('error', reject);
      asked.end();
    });
  };

  const follow = async (from: URL, signal: AbortSignal): Promise<{ url: URL; answer: IncomingMessage }> => {
    let url = from;
    for (let redirects = 0; redirects <= limits.redirects; redirects++) {
      const answer = await open(url, signal);
      const { statusCode = 0, headers } = answer;
      const { location } = headers;
      if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return { url, answer };
      answer.destroy();
      if (!URL.canParse(location, url.href))
        throw new SourceRefused(`${url.host} leads on to "${location}", which is no URL`);
      url = new URL(location, url);
    }
    throw new SourceRefused(`${from.host} leads on more than ${limits.redirects} times`);
  };

  return {
    async store(source, { store, signal, onProgress }) {
      const from = new URL(source.url);
      const refusal = refusalOfHost(from, hosts);
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

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');

/** A look-up of a name cannot be stopped; nobody waits for it any longer. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const answering =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, { all }, answer) => {
    const [first] = addresses;
    if (all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };

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
  const packed = headers['content-encoding'];
  if (packed !== undefined && packed !== 'identity')
    throw new SourceRefused(`${url.host} sent the file packed (${packed}), although it was asked not to`);
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

/** Of a certificate that cannot be trusted: another attempt would meet the same one. */
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS/;

function asSourceError(url: URL, error: unknown): unknown {
  const ours = [SourceRefused, SourceNotFound, SourceUnavailable];
  if (ours.some((one) => error instanceof one) || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : error.name;
  if (certificateCode.test(code))
    return new SourceRefused(`the certificate of ${url.host} is not trusted: ${error.message}`, {
      cause: error,
    });
  return new SourceUnavailable(`${url.host} could not be read: ${error.message}`, { cause: error });
}
