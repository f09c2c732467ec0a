import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { toFailure } from '../../../activities/failure.ts';
import { collectorSchema, type WebCollector } from '../../../contracts/collector.ts';
import { checkReview } from '../../../contracts/reviews.ts';
import type { PageRead, PageReader } from '../../../data/collect/read-page.ts';
import { type ReviewServer, sends, startReviewServer, trustpilotPage } from './review-server.ts';

let server: ReviewServer;
beforeAll(async () => {
  server = await startReviewServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.answers.clear();
  server.requests.length = 0;
});

type Change = Partial<Omit<WebCollector, 'kind' | 'name'>> & Record<string, unknown>;

function collectorOf(change: Change = {}): WebCollector {
  const collector = collectorSchema.parse({
    kind: 'pages',
    name: 'shop',
    title: 'Shop',
    source: 'shop',
    start: `${server.origin}/reviews`,
    paceSeconds: 0,
    ...change,
  });
  if (collector.kind === 'folder') throw new Error('a collector of pages was meant');
  return collector;
}

type Reading = { change?: Change; reader?: PageReader; url?: string } & Partial<
  Parameters<PageReader['read']>[1]
>;

const read = ({ change = {}, reader = server.createReader(), ...page }: Reading = {}): Promise<PageRead> => {
  const collector = collectorOf(change);
  const { signal } = new AbortController();
  return reader.read(collector, {
    url: collector.start,
    isFirst: true,
    validators: undefined,
    signal,
    ...page,
  });
};

/** How the activity ends, as Temporal is told. */
async function failureOf(reading: Promise<unknown>) {
  const error = await reading.then(
    () => new Error('the page was read'),
    (thrown: unknown) => toFailure(thrown),
  );
  return {
    message: error.message,
    isFinal: 'nonRetryable' in error && error.nonRetryable === true,
    againInMs: 'nextRetryDelay' in error ? error.nextRetryDelay : undefined,
  };
}

describe('a page of reviews', () => {
  test('in the shape of Trustpilot’s gives each review once, fit to be taken in', async () => {
    server.answers.set(
      '/reviews',
      sends(trustpilotPage([{ id: '65ab01', stars: 2 }, { id: '65ab02' }], { next: '/reviews?page=2' }), {
        'content-type': 'text/html; charset=utf-8',
        etag: '"v1"',
      }),
    );
    const found = await read({ change: { source: 'www.backmarket.com', reviewId: 'last-part' } });
    if (found.outcome !== 'read') throw new Error(found.outcome);
    const { reviews, next, etag, lastModified, pauseMs } = found;
    expect({ next, etag, lastModified, pauseMs }).toEqual({
      next: `${server.origin}/reviews?page=2`,
      etag: '"v1"',
      lastModified: null,
      pauseMs: 0,
    });
    expect(reviews.map(({ id }) => id)).toEqual(['65ab01', '65ab02']);
    expect(reviews[0]).toEqual({
      source: 'www.backmarket.com',
      id: '65ab01',
      title: 'As new',
      text: 'The phone of order 65ab01 works <b>well</b> & arrived early.',
      rating: 2,
      publishedAt: '2026-05-04T07:08:09.000Z',
      author: 'Customer 65ab01',
      url: undefined,
      language: 'en',
    });
    for (const review of reviews) expect(checkReview(review, Date.now())).toHaveProperty('review');
  });

  test('is not read again where the server says that it is unchanged', async () => {
    server.answers.set('/reviews', (request, response) => {
      const { 'if-none-match': etag, 'if-modified-since': since } = request.headers;
      response.writeHead(etag === '"v1"' && since === 'Mon, 04 May 2026 07:08:09 GMT' ? 304 : 500).end();
    });
    const validators = { etag: '"v1"', lastModified: 'Mon, 04 May 2026 07:08:09 GMT' };
    expect(await read({ validators })).toEqual({ outcome: 'not-modified', pauseMs: 0 });
  });

  test('that has none after the first is the end, as is one that is not there', async () => {
    server.answers.set('/reviews', sends(trustpilotPage([], { next: '/reviews?page=3' })));
    expect(await read({ isFirst: false })).toMatchObject({ outcome: 'read', reviews: [], next: null });
    server.answers.clear();
    expect(await read({ isFirst: false })).toMatchObject({ outcome: 'beyond' });
    expect(await failureOf(read())).toMatchObject({
      message: expect.stringContaining('answered 404 to /reviews'),
    });
  });

  test('that has none though it is the first is not what was declared', async () => {
    server.answers.set('/reviews', sends('<html><body>Please prove that you are human</body></html>'));
    expect(await failureOf(read())).toMatchObject({
      isFinal: true,
      message: `${server.origin}/reviews has no review: nothing in its JSON-LD (0 blocks) is of schema.org's type Review`,
    });
  });

  test('is known again under another address by its reviews, whatever else has changed on it', async () => {
    const page = trustpilotPage([{ id: '1' }]);
    server.answers.set('/reviews?page=1', sends(page));
    server.answers.set(
      '/reviews?page=2',
      sends(page.replace('</body>', '<input name="csrf" value="x"></body>')),
    );
    const hashes = await Promise.all(
      ['1', '2'].map(async (number) => {
        const found = await read({ url: `${server.origin}/reviews?page=${number}` });
        return found.outcome === 'read' ? found.sha256 : null;
      }),
    );
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(hashes[1]).toBe(hashes[0]);
  });
});

describe('an answer in JSON', () => {
  const change: Change = {
    kind: 'api',
    next: { cursorAt: 'meta.after', parameter: 'after' },
    reviews: 'data.items',
    fields: {
      id: 'id',
      text: 'content.body',
      title: 'content.title',
      rating: { at: 'score', worst: 0, best: 10 },
      publishedAt: 'created',
      author: 'by.name',
      url: 'link',
      language: 'lang',
    },
  };
  const answer = {
    meta: { after: 'c2' },
    data: {
      items: [
        {
          id: 7,
          content: { body: 'Good', title: '' },
          score: 10,
          created: '2026-01-02T03:04:05+01:00',
          by: { name: 'A' },
          link: '/r/7',
          lang: 'en_GB',
        },
        { id: 8, content: { body: 'Bad' }, score: 'none', by: null },
      ],
    },
  };

  test('is read by the declared mapping', async () => {
    server.answers.set('/reviews', sends(JSON.stringify(answer)));
    expect(await read({ change })).toMatchObject({
      next: `${server.origin}/reviews?after=c2`,
      reviews: [
        {
          source: 'shop',
          id: '7',
          text: 'Good',
          title: undefined,
          rating: 5,
          publishedAt: '2026-01-02T03:04:05+01:00',
          author: 'A',
          url: `${server.origin}/r/7`,
          language: 'en-GB',
        },
        { id: '8', text: 'Bad', rating: 'none', author: undefined },
      ],
    });
  });

  test('without the declared list is not what was declared', async () => {
    server.answers.set('/reviews', sends('{"data":{"items":"none"}}'));
    expect(await failureOf(read({ change }))).toMatchObject({
      isFinal: true,
      message: expect.stringContaining('a string at "data.items", where a list of reviews was declared'),
    });
  });

  test('that is no JSON may be another the next time', async () => {
    server.answers.set('/reviews', sends('{"data":'));
    expect(await failureOf(read({ change }))).toMatchObject({
      isFinal: false,
      message: expect.stringContaining('sent what is no JSON'),
    });
  });

  test('is asked for with a key of the environment, which no message and no other host gets', async () => {
    const key = 'k-5e0f-secret';
    const reader = server.createReader({
      secrets: { SHOP_KEY: key },
      hosts: [new URL(server.origin).host, other()],
    });
    const withKey = { ...change, headers: { apikey: { secret: 'SHOP_KEY' }, 'x-plain': 'yes' } };
    const seen: unknown[] = [];
    server.answers.set('/reviews', (request, response) => {
      seen.push(request.headers.apikey, request.headers['x-plain']);
      response.writeHead(302, { location: `https://${other()}/elsewhere` }).end();
    });
    server.answers.set('/elsewhere', (request, response) => {
      seen.push(request.headers.apikey);
      response.writeHead(401).end(key);
    });
    const failure = await failureOf(read({ change: withKey, reader }));
    expect(seen).toEqual([key, 'yes', undefined]);
    expect(failure).toMatchObject({ isFinal: true, message: expect.stringContaining('answered 401') });
    expect(failure.message).not.toContain(key);
    expect(await failureOf(read({ change: withKey }))).toMatchObject({
      isFinal: true,
      message: 'header "apikey" is to be SHOP_KEY of the environment, which is not set where the worker runs',
    });
    const broken = server.createReader({ secrets: { SHOP_KEY: `${key}\r\nx: y` } });
    const refused = await failureOf(read({ change: withKey, reader: broken }));
    expect(refused.message).not.toContain(key);
    expect(refused.isFinal).toBe(true);
  });
});

const other = () => `other.example:${new URL(server.origin).port}`;

describe('a server that misbehaves', () => {
  const truncated = trustpilotPage([{ id: '1' }, { id: '2' }]);
  const cases: [string, Parameters<ReviewServer['answers']['set']>[1], RegExp, boolean][] = [
    ['an error of its own', sends('oops', {}, 500), /answered 500 to \/reviews/, false],
    [
      'a promise of more than it sends',
      (_, response) => {
        response.writeHead(200, { 'content-length': String(truncated.length) });
        response.write(truncated.slice(0, 300), () => response.destroy());
      },
      /could not be read: aborted/,
      false,
    ],
    [
      'half a page that it calls whole',
      sends(truncated.slice(0, 900)),
      /breaks off within its reviews/,
      false,
    ],
    [
      'reviews that are no JSON',
      sends(truncated.replace('"@graph":', '"@graph"')),
      /1 block of JSON-LD that cannot be read/,
      false,
    ],
    ['no answer', () => undefined, /sent nothing for 0.2 s/, false],
    [
      'a page that never ends',
      (_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
        };
        response.on('drain', more);
        more();
      },
      /sends more than 5242880 bytes for \/reviews/,
      true,
    ],
    ['a closed connection', (request) => void request.socket.destroy(), /could not be read/, false],
    [
      'a refusal',
      sends('', {}, 403),
      /answered 403 to \/reviews: it does not let this collector read that/,
      true,
    ],
    [
      'a way to an address of its own network',
      sends('', { location: 'https://inside.example/' }, 302),
      /"inside.example" is none of the hosts/,
      true,
    ],
    ['a circle', sends('', { location: '/reviews' }, 302), /leads on more than 5 times/, true],
  ];
  test.each(cases)('by %s is told from one that will not mend', async (_, answer, message, isFinal) => {
    server.answers.set('/reviews', answer);
    // Nothing else takes long enough to be cut short by it.
    const limits = message.source.includes('sent nothing') ? { idleMs: 200 } : {};
    const reader = server.createReader({ limits });
    expect(await failureOf(read({ reader }))).toMatchObject({
      message: expect.stringMatching(message),
      isFinal,
    });
  });

  test.each([
    [503, '120', 120_000],
    [429, 'Sat, 21 Nov 2026 10:00:30 GMT', 30_000],
    [429, 'Sat, 21 Nov 2026 09:00:00 GMT', 0],
    [429, 'soon', undefined],
  ])('by %i with Retry-After %s is asked again after %s ms', async (status, after, againInMs) => {
    server.answers.set('/reviews', sends('', { 'retry-after': after }, status));
    const reader = server.createReader({ nowMs: () => Date.parse('2026-11-21T10:00:00Z') });
    expect(await failureOf(read({ reader }))).toMatchObject({ isFinal: false, againInMs });
  });

  test('leaves no page half read when the work is stopped', async () => {
    const stopping = new AbortController();
    server.answers.set('/reviews', (_, response) => {
      response.writeHead(200).write('<html>', () => stopping.abort(new Error('the round was cancelled')));
    });
    await expect(read({ signal: stopping.signal })).rejects.toThrow('the round was cancelled');
  });
});

describe('robots.txt', () => {
  const robots = (text: string) =>
    server.answers.set('/robots.txt', sends(text, { 'content-type': 'text/plain' }));
  const page = trustpilotPage([{ id: '1' }]);

  test('is asked for once, and what it refuses is not', async () => {
    robots('User-agent: *\nDisallow: /reviews?page=2\nCrawl-delay: 7');
    server.answers.set('/reviews', sends(page));
    const reader = server.createReader();
    expect(await read({ reader })).toMatchObject({ outcome: 'read', pauseMs: 7_000 });
    expect(await failureOf(read({ reader, url: `${server.origin}/reviews?page=2` }))).toMatchObject({
      isFinal: true,
      message: `${server.origin}/robots.txt does not allow "perennial" to read /reviews?page=2`,
    });
    expect(server.requests).toEqual(['/robots.txt', '/reviews']);
  });

  test('holds for where a page leads on, too', async () => {
    robots('User-agent: perennial\nDisallow: /hidden');
    server.answers.set('/reviews', sends('', { location: '/hidden' }, 302));
    server.answers.set('/hidden', sends(page));
    expect(await failureOf(read())).toMatchObject({ message: expect.stringContaining('does not allow') });
    expect(server.requests).not.toContain('/hidden');
  });

  test('that cannot be read for now lets nothing be asked; one that is refused or missing allows all', async () => {
    server.answers.set('/reviews', sends(page));
    server.answers.set('/robots.txt', sends('', { 'retry-after': '60' }, 503));
    expect(await failureOf(read())).toMatchObject({
      isFinal: false,
      againInMs: 60_000,
      message: expect.stringContaining('robots.txt cannot be read, without which nothing is asked'),
    });
    expect(server.requests).toEqual(['/robots.txt']);
    server.answers.set('/robots.txt', sends('', {}, 403));
    expect(await read()).toMatchObject({ outcome: 'read' });
  });

  test('is read anew after an hour', async () => {
    let nowMs = 0;
    const reader = server.createReader({ nowMs: () => nowMs });
    server.answers.set('/reviews', sends(page));
    for (const at of [0, 3_599_999, 3_600_000]) {
      nowMs = at;
      await read({ reader });
    }
    expect(server.requests.filter((path) => path === '/robots.txt')).toHaveLength(2);
  });
});

test('a host that is not allowed is not asked, not even for its robots.txt', async () => {
  const reader = server.createReader({ hosts: [] });
  expect(await failureOf(read({ reader }))).toMatchObject({
    isFinal: true,
    message: expect.stringContaining('SOURCE_HOSTS is empty'),
  });
  expect(server.requests).toEqual([]);
});
