import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { SourceNotFound, SourceRefused, SourceUnavailable } from '../errors.ts';
import { refusalOfHost } from './allowed-hosts.ts';
import { refusalOfAddress } from './public-address.ts';

export type Address = { address: string; family: number };

export type PublicConnection = {
  /** Why nothing may be asked of the URL, or null: said before anything is sent. */
  refusalOf(url: URL): string | null;
  /**
   * One request by GET, to a host that is allowed and at a public address. Redirects are answers as others are.
   * @throws SourceRefused; else what the connection failed with: see `asSourceError`
   */
  open(
    url: URL,
    options: { signal: AbortSignal; headers?: Readonly<Record<string, string>> },
  ): Promise<IncomingMessage>;
};

export type ConnectionOptions = {
  /** That may be asked. */
  hosts: readonly string[];
  resolve?: (host: string) => Promise<readonly Address[]>;
  /** What is wrong with an address that a host resolves to; null where nothing is. */
  refuse?: (address: string) => string | null;
  /** Certificates to trust in place of the usual authorities. */
  ca?: string;
  /** Without a byte, beginning with the connection. */
  idleMs: number;
};

export function createPublicConnection(options: ConnectionOptions): PublicConnection {
  const {
    hosts,
    resolve = (host) => lookup(host, { all: true }),
    refuse = refusalOfAddress,
    ca,
    idleMs,
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

  return {
    refusalOf: (url) => refusalOfHost(url, hosts),
    async open(url, { signal, headers = {} }) {
      const addresses = await allowedAddresses(url, signal);
      return new Promise((settle, reject) => {
        let answer: IncomingMessage | undefined;
        const asked = request({
          hostname: hostOf(url),
          port: url.port === '' ? 443 : Number(url.port),
          path: `${url.pathname}${url.search}`,
          headers: {
            accept: '*/*',
            'accept-encoding': 'identity',
            'user-agent': 'perennial',
            ...headers,
            host: url.host,
          },
          // No connection is shared with anything, nor goes by a proxy, which would resolve the name itself.
          agent: false,
          lookup: answering(addresses),
          timeout: idleMs,
          signal,
          ...(ca === undefined ? {} : { ca }),
        });
        asked.on('response', (response) => {
          answer = response;
          settle(response);
        });
        asked.on('timeout', () => {
          const silence = new SourceUnavailable(`${url.host} sent nothing for ${idleMs / 1000} s`);
          answer?.destroy(silence);
          asked.destroy(silence);
        });
        asked.on('error', reject);
        asked.end();
      });
    },
  };
}

/** Where an answer leads on to; null where it is an answer of its own. @throws SourceRefused */
export function redirectOf(url: URL, { statusCode = 0, headers }: IncomingMessage): URL | null {
  const { location } = headers;
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return null;
  if (!URL.canParse(location, url.href))
    throw new SourceRefused(`${url.host} leads on to "${location}", which is no URL`);
  return new URL(location, url);
}

/** Refuses what was packed although it was asked for as it is. @throws SourceRefused */
export function refusePackedAnswer(url: URL, { headers }: IncomingMessage): void {
  const packed = headers['content-encoding'];
  if (packed !== undefined && packed !== 'identity')
    throw new SourceRefused(`${url.host} sent the file packed (${packed}), although it was asked not to`);
}

/** Of a certificate that cannot be trusted: another attempt would meet the same one. */
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS/;

/** What a failed connection means: whether another attempt may succeed. */
export function asSourceError(url: URL, error: unknown): unknown {
  const ours = [SourceRefused, SourceNotFound, SourceUnavailable];
  if (ours.some((one) => error instanceof one) || !(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : error.name;
  if (certificateCode.test(code))
    return new SourceRefused(`the certificate of ${url.host} is not trusted: ${error.message}`, {
      cause: error,
    });
  return new SourceUnavailable(`${url.host} could not be read: ${error.message}`, { cause: error });
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
