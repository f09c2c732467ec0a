import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toFailure } from '../../../activities/failure.ts';
import { parseSource } from '../../../contracts/source.ts';
import { createHttpsReader, httpsLimits } from '../../../data/https/https-reader.ts';
import { refusalOfAddress } from '../../../data/https/public-address.ts';
import type { Address } from '../../../data/https/public-connection.ts';
import type { BlobStore } from '../../../store/blob-store.ts';
import { createFolderStore } from '../../../store/folder-store.ts';
import { selfSigned } from './certificate.ts';

const table = 'id,amount\n1,2.5\n';
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const certificate = selfSigned(['data.example', 'other.example', 'inside.example']);

/** Misbehaves by path. */
const answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  '/table.csv': (_, response) => response.end(table),
  '/slow.csv': (_, response) => void response.writeHead(200).write('id,'),
  '/silent.csv': () => {},
  '/truncated.csv': (_, response) => {
    response.writeHead(200, { 'content-length': String(table.length) });
    response.write(table.slice(0, 5), () => response.destroy());
  },
  '/endless.csv': (_, response) => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && response.write(piece));
    };
    response.on('drain', more);
    more();
  },
  '/announced.csv': (_, response) =>
    void response.writeHead(200, { 'content-length': '999999999' }).write('x'),
  '/packed.csv': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
  '/gone.csv': (_, response) => response.writeHead(404).end(),
  '/forbidden.csv': (_, response) => response.writeHead(403).end(),
  '/busy.csv': (_, response) => response.writeHead(503).end(),
  '/reset.csv': (request) => request.socket.destroy(),
  '/moved.csv': (_, response) => response.writeHead(302, { location: '/table.csv' }).end(),
  '/to-inside.csv': (_, response) =>
    response.writeHead(302, { location: `https://inside.example:${port}/table.csv` }).end(),
  '/to-address.csv': (_, response) =>
    response.writeHead(302, { location: `https://169.254.169.254/latest/meta-data` }).end(),
  '/to-stranger.csv': (_, response) =>
    response.writeHead(302, { location: 'https://stranger.example/table.csv' }).end(),
  '/to-http.csv': (_, response) =>
    response.writeHead(302, { location: 'http://data.example/table.csv' }).end(),
  '/circle.csv': (_, response) => response.writeHead(302, { location: '/circle.csv' }).end(),
};

let server: Server;
let port: number;
let folder: string;
let store: BlobStore;
let requests: string[] = [];

beforeAll(async () => {
  server = createServer(certificate, (request, response) => {
    requests.push(request.url ?? '');
    answers[request.url ?? '']?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-https-'));
  store = await createFolderStore(folder);
  requests = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const limits = { ...httpsLimits, bytes: 1_000_000 };
const addresses: Record<string, string> = {
  'data.example': '127.0.0.1',
  'other.example': '127.0.0.1',
  'inside.example': '10.0.0.7',
};

/** The server of this file counts as public, all other addresses as they are. */
function readerOf(change: Partial<Parameters<typeof createHttpsReader>[0]> = {}) {
  return createHttpsReader({
    hosts: [`data.example:${port}`, `inside.example:${port}`, '169.254.169.254'],
    resolve: async (host): Promise<Address[]> => [{ address: addresses[host] ?? '', family: 4 }],
    refuse: (address) => (address === '127.0.0.1' ? null : refusalOfAddress(address)),
    ca: certificate.cert,
    limits,
    ...change,
  });
}

type Taking = {
  host?: string;
  sha256?: string;
  signal?: AbortSignal;
  change?: Partial<Parameters<typeof createHttpsReader>[0]>;
};

function take(path: string, { host = 'data.example', sha256 = hashOf(table), signal, change }: Taking = {}) {
  const source = parseSource(`https://${host}:${port}${path}#sha256=${sha256}`);
  if (source.kind !== 'https') throw new Error('the source is one of https');
  return readerOf(change).store(source, { store, signal });
}

/** How the activity ends, as Temporal is told. */
async function failureOf(taking: Promise<unknown>): Promise<{ message: string; nonRetryable: boolean }> {
  const error = await taking.then(
    () => new Error('the file was taken'),
    (thrown: unknown) => toFailure(thrown),
  );
  const isFinal = 'nonRetryable' in error && error.nonRetryable === true;
  return { message: error.message, nonRetryable: isFinal };
}

const nothingIsKept = async (): Promise<void> => {
  const entries = await readdir(folder, { recursive: true });
  expect(entries).toEqual(['incoming']);
};

describe('a file of another server', () => {
  test('is in the store once it has the hash, and is not asked for again', async () => {
    expect(await take('/table.csv')).toEqual({ sha256: hashOf(table), bytes: table.length });
    expect((await store.read(hashOf(table))).toString()).toBe(table);
    await take('/table.csv');
    expect(requests).toEqual(['/table.csv']);
  });

  test('is found where a redirect leads on the same terms', async () => {
    await take('/moved.csv');
    expect(requests).toEqual(['/moved.csv', '/table.csv']);
  });

  test('of another hash is refused with both, and nothing of it is kept', async () => {
    const other = hashOf('other');
    const failure = await failureOf(take('/table.csv', { sha256: other }));
    expect(failure.nonRetryable).toBe(true);
    expect(failure.message).toContain(`${table.length} bytes of SHA-256 ${hashOf(table)}, not ${other}`);
    await nothingIsKept();
  });

  const hosts = () => `data.example:${port}`;
  test.each([
    ['/gone.csv', true, 'answered 404: nothing is at /gone.csv'],
    ['/forbidden.csv', true, 'answered 403'],
    ['/busy.csv', false, 'answered 503'],
    ['/reset.csv', false, 'could not be read'],
    ['/truncated.csv', false, 'could not be read: aborted'],
    ['/endless.csv', true, 'sends more than 1000000 bytes, which is the limit'],
    ['/announced.csv', true, 'sends more than 1000000 bytes, which is the limit'],
    ['/packed.csv', true, 'sent the file packed (gzip)'],
    ['/to-inside.csv', true, 'is at 10.0.0.7, which is private'],
    ['/to-address.csv', true, '169.254.169.254 is at 169.254.169.254, which is link-local'],
    ['/to-stranger.csv', true, '"stranger.example" is none of the hosts that sources may come from'],
    ['/to-http.csv', true, '"http://data.example" is not asked: only https is'],
    ['/circle.csv', true, 'leads on more than 5 times'],
  ])('%s is refused, for good: %s, saying "%s", and nothing is kept', async (path, nonRetryable, message) => {
    const failure = await failureOf(take(path));
    expect(failure.message).toContain(message);
    expect(failure.nonRetryable).toBe(nonRetryable);
    if (!path.startsWith('/to-')) expect(failure.message).toContain(hosts());
    await nothingIsKept();
  });

  test.each(['/slow.csv', '/silent.csv'])('%s is given up when nothing more comes, for now', async (path) => {
    const failure = await failureOf(take(path, { change: { limits: { ...limits, idleMs: 100 } } }));
    expect(failure).toMatchObject({ nonRetryable: false });
    expect(failure.message).toContain('sent nothing for 0.1 s');
    await nothingIsKept();
  });

  test.each(['/slow.csv', '/silent.csv'])('%s is given up when its time is over', async (path) => {
    const failure = await failureOf(take(path, { change: { limits: { ...limits, totalMs: 100 } } }));
    expect(failure).toMatchObject({ nonRetryable: false });
    expect(failure.message).toContain('has not sent all within 0.1 s');
    await nothingIsKept();
  });

  test('is let go of at once when the work is cancelled', async () => {
    const cancelling = new AbortController();
    const taking = take('/endless.csv', {
      signal: cancelling.signal,
      change: { limits: { ...limits, bytes: Number.MAX_SAFE_INTEGER } },
    });
    setImmediate(() => cancelling.abort(new Error('no longer wanted')));
    await expect(taking).rejects.toThrow('no longer wanted');
    await nothingIsKept();
  });

  test('that broke off is begun anew by the next attempt', async () => {
    await failureOf(take('/truncated.csv'));
    expect(await take('/table.csv')).toMatchObject({ bytes: table.length });
  });

  test('is not asked for where its host is not allowed, or shows a certificate that nobody vouches for', async () => {
    const stranger = await failureOf(take('/table.csv', { host: 'other.example' }));
    expect(stranger).toMatchObject({ nonRetryable: true });
    expect(stranger.message).toContain(`SOURCE_HOSTS has data.example:${port}`);
    const none = await failureOf(take('/table.csv', { change: { hosts: [] } }));
    expect(none.message).toContain('SOURCE_HOSTS is empty');
    const distrusted = await failureOf(
      take('/table.csv', { change: { ca: selfSigned(['data.example']).cert } }),
    );
    expect(distrusted).toMatchObject({ nonRetryable: true });
    expect(distrusted.message).toContain(`the certificate of data.example:${port} is not trusted`);
    expect(requests).toEqual([]);
  });

  test('is asked for at the address that was checked, whatever the name resolves to next', async () => {
    const answered = ['127.0.0.1', '10.0.0.7'];
    const resolve = async (): Promise<Address[]> => [{ address: answered.shift() ?? '10.0.0.8', family: 4 }];
    await take('/table.csv', { change: { resolve } });
    expect(answered).toEqual(['10.0.0.7']);
  });

  test('is not asked for where one of the addresses of its host is private', async () => {
    const resolve = async (): Promise<Address[]> => [
      { address: '127.0.0.1', family: 4 },
      { address: 'fd00::1', family: 6 },
    ];
    const failure = await failureOf(take('/table.csv', { change: { resolve } }));
    expect(failure.message).toContain('is at fd00::1, which is not public');
    expect(requests).toEqual([]);
  });
});

describe('an address', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2002:a00:1::1',
    'fe80::1%eth0',
    'localhost',
  ])('%s is refused', (address) => {
    expect(refusalOfAddress(address)).not.toBeNull();
  });

  test.each(['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::6810:85e5', '2a00:1450:4001:80b::200e'])(
    '%s is public',
    (address) => {
      expect(refusalOfAddress(address)).toBeNull();
    },
  );
});

describe('a source of https', () => {
  const sha256 = hashOf(table);

  test('names the file and its hash, and keeps what the server is asked', () => {
    expect(parseSource(`https://data.example/a%20b.csv?day=1#sha256=${sha256.toUpperCase()}`)).toEqual({
      kind: 'https',
      url: 'https://data.example/a%20b.csv?day=1',
      sha256,
      name: 'a b.csv',
    });
    expect(parseSource(`https://data.example/get?id=3#sha256=${sha256}&name=orders.parquet`)).toMatchObject({
      url: 'https://data.example/get?id=3',
      name: 'orders.parquet',
    });
  });

  test.each([
    ['https://data.example/a.csv', 'the SHA-256 that the file must have is missing'],
    ['https://data.example/a.csv#sha256=12', 'the SHA-256 that the file must have is missing'],
    [`https://data.example/a.csv#sha256=${sha256}&size=3`, 'unknown option "size"'],
    [`https://user:secret@data.example/a.csv#sha256=${sha256}`, 'user name or password'],
    [`https://data.example/get#sha256=${sha256}`, '"get" is no name of a data file'],
    [`https://data.example/a%2F..%2Fb.csv#sha256=${sha256}`, 'is no name of a data file'],
    [`https:///#sha256=${sha256}`, 'is no URL'],
  ])('%s is refused', (text, message) => {
    expect(() => parseSource(text)).toThrow(message);
  });
});
