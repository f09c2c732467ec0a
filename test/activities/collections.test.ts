import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { sql } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCollectionActivities } from '../../activities/collections.ts';
import { type CollectedPart, type CollectionId, collectionIdSchema } from '../../contracts/collections.ts';
import { type Collector, collectorSchema } from '../../contracts/collector.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { findCollection } from '../../db/queries/collections.ts';
import { reviewQuarantine, reviews } from '../../db/schema/reviews.ts';
import { createFolderStore } from '../../store/folder-store.ts';
import {
  type PageReview,
  type ReviewServer,
  sends,
  startReviewServer,
  trustpilotPage,
} from '../data/collect/review-server.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { sourceReaders } from '../source-readers.ts';

let database: TestDatabase;
let client: DatabaseClient;
let server: ReviewServer;
let folder: string;
let activities: ReturnType<typeof createCollectionActivities>;
const declared = new Map<string, Collector>();

beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 3, applicationName: 'test' });
  server = await startReviewServer();
  folder = await mkdtemp(join(tmpdir(), 'perennial-collect-'));
  activities = createCollectionActivities({
    db: client.db,
    store: await createFolderStore(join(folder, 'store')),
    pipelines: new Map(),
    get threads(): never {
      throw new Error('no collector works in a thread');
    },
    sources: sourceReaders(),
    logger: pino({ level: 'silent' }),
    codeVersion: 'test',
    stepCode: 'test',
    nowMs: Date.now,
    pages: server.createReader(),
    readCollectors: () => ({ collectors: declared, problems: [] }),
    sourceRoots: [folder],
  });
});
afterAll(async () => {
  await server.close();
  await client.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  server.answers.clear();
  server.requests.length = 0;
  await client.db.execute(sql`truncate reviews, review_batches, review_quarantine`);
});

const environment = () => new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });

function declare(change: Record<string, unknown>): Collector {
  const collector = collectorSchema.parse({
    kind: 'pages',
    name: `shop-${randomUUID().slice(0, 8)}`,
    title: 'Shop',
    source: 'shop',
    start: `${server.origin}/reviews`,
    paceSeconds: 0,
    reviewId: 'last-part',
    ...change,
  });
  declared.set(collector.name, collector);
  return collector;
}

async function begin({ name }: Collector): Promise<CollectionId> {
  const id = collectionIdSchema.parse(randomUUID());
  const input = { runId: null, id, workflowId: `collect:${name}`, collector: name, requestedBy: 'test' };
  const begun: Awaited<ReturnType<typeof activities.beginCollection>> = await environment().run(
    activities.beginCollection,
    input,
  );
  if (begun.skipped !== null) throw new Error(begun.skipped);
  return id;
}

const step = (collector: Collector, id: CollectionId, number: number): Promise<CollectedPart> =>
  environment().run(activities.collectPart, { runId: null, id, collector, step: number });

const end = (id: CollectionId, status: 'succeeded' | 'failed', message: string) =>
  environment().run(activities.endCollection, { runId: null, id, end: { status, message } });

/** A round as the workflow has it; one that fails is ended as failed. */
async function round(collector: Collector): Promise<{ id: CollectionId; message: string; accepted: number }> {
  const id = await begin(collector);
  try {
    for (let number = 0; ; number++) {
      const part = await step(collector, id, number);
      if (part.end === null) continue;
      await end(id, 'succeeded', part.end);
      break;
    }
  } catch (error) {
    await end(id, 'failed', error instanceof Error ? error.message : String(error));
    throw error;
  }
  const row = await findCollection(client.db, id);
  return { id, message: row?.message ?? '', accepted: row?.accepted ?? 0 };
}

/** A listing, the newest first, whose pages are numbered; it may be added to at any time. */
function list(shown: PageReview[], { perPage = 2, headers = {} } = {}): void {
  server.answers.set('/reviews', (request, response) => {
    const number = Number(new URL(request.url ?? '', server.origin).searchParams.get('page') ?? 1);
    const some = shown.slice((number - 1) * perPage, number * perPage);
    sends(trustpilotPage(some), headers)(request, response);
  });
}
const numbered = { next: { parameter: 'page' } };
const reviewsFrom = (last: number, count = last): PageReview[] =>
  Array.from({ length: count }, (_, i) => ({ id: `r${last - i}` }));

const stored = async (): Promise<string[]> => {
  const rows = await client.db.select({ id: reviews.externalId }).from(reviews);
  return rows.map(({ id }) => id ?? '').sort();
};
const ids = (shown: readonly PageReview[]) => shown.map(({ id }) => id).sort();
const pagesAsked = () => server.requests.filter((path) => path.startsWith('/reviews'));

describe('a collector of pages', () => {
  test('reads a listing once to its end, and from then on what is new', async () => {
    const collector = declare(numbered);
    list(reviewsFrom(5));
    expect(await round(collector)).toMatchObject({
      accepted: 5,
      message: expect.stringMatching(/page=4 has no review: the page before it was the last$/),
    });
    expect(await stored()).toEqual(ids(reviewsFrom(5)));

    server.requests.length = 0;
    list(reviewsFrom(8));
    expect(await round(collector)).toMatchObject({
      accepted: 3,
      message: expect.stringMatching(/page=3 has nothing new$/),
    });
    expect(await stored()).toEqual(ids(reviewsFrom(8)));
    expect(pagesAsked()).toEqual(['/reviews', '/reviews?page=2', '/reviews?page=3']);
  });

  test('asks for the first page only where the server says that it is unchanged', async () => {
    const collector = declare(numbered);
    list(reviewsFrom(4), { headers: { etag: '"v1"', 'last-modified': 'Mon, 04 May 2026 07:08:09 GMT' } });
    await round(collector);
    const { requests } = server;
    requests.length = 0;
    server.answers.set('/reviews', (request, response) =>
      response.writeHead(request.headers['if-none-match'] === '"v1"' ? 304 : 500).end(),
    );
    const { id, message } = await round(collector);
    expect(message).toBe(`${server.origin}/reviews is unchanged`);
    expect(await findCollection(client.db, id)).toMatchObject({ unchanged: 1, accepted: 0, duplicates: 0 });
    expect(pagesAsked()).toHaveLength(1);
  });

  test('goes on at the page where the last round broke off, also when the listing has moved meanwhile', async () => {
    const collector = declare(numbered);
    list(reviewsFrom(4));
    await round(collector);

    // Six are new; the second page of them fails.
    const shown = reviewsFrom(10);
    list(shown);
    server.answers.set('/reviews?page=2', sends('', {}, 403));
    await expect(round(collector)).rejects.toThrow('answered 403');
    expect(await stored()).toEqual(ids([...reviewsFrom(10, 2), ...reviewsFrom(4)]));

    // Two more push what was on the first page, all known by now, onto the second.
    server.requests.length = 0;
    server.answers.delete('/reviews?page=2');
    list(reviewsFrom(12));
    await round(collector);
    expect(pagesAsked()[0]).toBe('/reviews?page=2');
    expect(await stored()).toEqual(ids([...reviewsFrom(10)]));
    await round(collector);
    expect(await stored()).toEqual(ids(reviewsFrom(12)));
  });

  test('takes a step once: taken again, it answers the same and reads nothing twice', async () => {
    const collector = declare(numbered);
    list(reviewsFrom(6));
    const id = await begin(collector);
    const first = await step(collector, id, 0);
    expect(first).toMatchObject({ accepted: 2, isPart: true, end: null });
    expect(first.batches).toEqual([{ id: expect.any(String), source: 'shop', count: 2 }]);
    // As when a worker died after its last word to the database.
    expect(await step(collector, id, 0)).toEqual(first);
    expect(await step(collector, id, 1)).toMatchObject({ accepted: 2 });
    expect(await findCollection(client.db, id)).toMatchObject({
      accepted: 4,
      duplicates: 0,
      parts: 2,
      steps: 2,
    });
    await end(id, 'failed', 'its worker is gone');
    await round(collector);
    expect(await stored()).toEqual(ids(reviewsFrom(6)));
  });

  test('passes over a page that is shown twice, and ends where a listing shows its last for ever', async () => {
    const collector = declare(numbered);
    const page = (...shown: string[]) => sends(trustpilotPage(shown.map((id) => ({ id }))));
    const pages = [page('a', 'b'), page('a', 'b'), page('c', 'd'), page('e')];
    server.answers.set('/reviews', (request, response) => {
      const number = Number(new URL(request.url ?? '', server.origin).searchParams.get('page') ?? 1);
      pages[Math.min(number, pages.length) - 1]?.(request, response);
    });
    expect(await round(collector)).toMatchObject({
      accepted: 5,
      message: expect.stringMatching(/page=6 shows what was on .*page=[45] before$/),
    });
    expect(await stored()).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  test('does not go round in a circle that links make', async () => {
    const collector = declare({});
    server.answers.set('/reviews', sends(trustpilotPage([{ id: 'a' }], { next: '/two' })));
    server.answers.set('/two', sends(trustpilotPage([{ id: 'b' }], { next: '/reviews' })));
    expect(await round(collector)).toMatchObject({
      accepted: 2,
      message: `${server.origin}/two leads back to ${server.origin}/reviews`,
    });
  });

  test('keeps what is no review in quarantine, and the others of the page', async () => {
    const collector = declare({});
    const shown = [{ id: 'good' }, { id: 'bad', stars: 9 }, { id: 'late', published: '2999-01-01' }];
    server.answers.set('/reviews', sends(trustpilotPage(shown)));
    const { id } = await round(collector);
    expect(await findCollection(client.db, id)).toMatchObject({ accepted: 1, rejected: 2 });
    const kept = await client.db
      .select({ externalId: reviewQuarantine.externalId, errors: reviewQuarantine.errors })
      .from(reviewQuarantine)
      .orderBy(reviewQuarantine.externalId);
    expect(kept).toEqual([
      { externalId: 'bad', errors: [{ pointer: '/rating', message: 'must be from 1 to 5' }] },
      {
        externalId: 'late',
        errors: [{ pointer: '/publishedAt', message: expect.stringContaining('future') }],
      },
    ]);
  });

  test('reads everything anew once it reads otherwise', async () => {
    const collector = declare(numbered);
    list(reviewsFrom(6));
    await round(collector);
    server.requests.length = 0;
    await round({ ...collector, title: 'Another title' });
    expect(pagesAsked()).toHaveLength(1);
    await round(declare({ ...numbered, name: collector.name, source: 'other' }));
    expect(pagesAsked()).toHaveLength(5);
    expect(await stored()).toHaveLength(12);
  });

  test('has one round at a time', async () => {
    const collector = declare({});
    const id = await begin(collector);
    await expect(begin(collector)).rejects.toThrow(`round ${id} of ${collector.name} is under way`);
    await client.db.execute(
      sql`update collections set beat_at = now() - interval '4 hours' where id = ${id}`,
    );
    await begin(collector);
    expect(await findCollection(client.db, id)).toMatchObject({
      status: 'failed',
      message: 'it was ended from outside',
    });
  });
});

describe('a collector of a folder', () => {
  const watched = async (change: Record<string, unknown> = {}) => {
    const path = join(folder, randomUUID());
    await mkdir(path);
    return {
      path,
      collector: collectorSchema.parse({
        kind: 'folder',
        name: `f-${randomUUID().slice(0, 8)}`,
        title: 'Files',
        source: 'files',
        path,
        ...change,
      }),
    };
  };
  const put = async (path: string, text: string, ageSeconds = 60): Promise<void> => {
    await writeFile(path, text);
    const at = Date.now() / 1000 - ageSeconds;
    await utimes(path, at, at);
  };
  const csv = (...texts: string[]) =>
    `id,text,rating,published,source,likes\n${texts.map((text) => `${text},"It, ""works""",4,2024-04-03T23:37:30.000Z,https://shop.example/r?page=1,0`).join('\n')}\n`;
  const takeAll = async (collector: Collector) => {
    declared.set(collector.name, collector);
    return findCollection(client.db, (await round(collector)).id);
  };

  test('takes each file once, by its contents', async () => {
    const { path, collector } = await watched();
    await put(join(path, 'one.csv'), csv('1', '2'));
    await put(join(path, 'two.ndjson'), '{"id":3,"text":"Fine","rating":5}\n\n{"id":"4","title":"No text"}');
    await put(join(path, 'notes.txt'), 'not a file of reviews');
    expect(await takeAll(collector)).toMatchObject({ parts: 2, accepted: 4, duplicates: 0, rejected: 0 });
    const [row] = await client.db.select().from(reviews).orderBy(reviews.externalId).limit(1);
    expect(row).toMatchObject({ externalId: '1', source: 'shop.example', text: 'It, "works"', rating: 4 });

    await rename(join(path, 'one.csv'), join(path, 'renamed.csv'));
    expect(await takeAll(collector)).toMatchObject({ parts: 0, accepted: 0, duplicates: 0 });
    await put(join(path, 'two.ndjson'), '{"id":3,"text":"Fine","rating":5}\n{"id":5,"text":"New"}\n');
    expect(await takeAll(collector)).toMatchObject({ parts: 1, accepted: 1, duplicates: 1 });
  });

  test('leaves a file alone that is still written, and what is called unfinished', async () => {
    const { path, collector } = await watched({ settledSeconds: 20 });
    await put(join(path, 'growing.csv'), csv('1'), 5);
    await put(join(path, 'big.csv.part'), csv('2'));
    await put(join(path, '.hidden.csv'), csv('3'));
    expect(await takeAll(collector)).toMatchObject({ parts: 0, accepted: 0 });
    await appendFile(join(path, 'growing.csv'), '4,More,1,,,\n');
    await utimes(join(path, 'growing.csv'), 0, Date.now() / 1000 - 21);
    expect(await takeAll(collector)).toMatchObject({ parts: 1, accepted: 2 });
  });

  test('says of each broken record why, and keeps the others', async () => {
    const { path, collector } = await watched({ columns: { text: 'comment', rating: 'stars' } });
    await put(
      join(path, 'a.csv'),
      'id,comment,stars\n1,good,5\n2,"broken\n3,bad,6\n4,fine,4,more\n5,well,\n',
    );
    await put(join(path, 'b.jsonl'), '{"id":6,"comment":"yes"}\n{"id":7,\n[8]\n{"id":9,"comment":"  "}\n');
    expect(await takeAll(collector)).toMatchObject({ parts: 2, accepted: 3, rejected: 6 });
    const kept = await client.db.select({ errors: reviewQuarantine.errors }).from(reviewQuarantine);
    expect(kept.map(({ errors }) => errors[0]?.message).sort()).toEqual([
      'has 4 fields, the header 3',
      'has a quote that is not closed',
      'is missing, and so is title: a review has at least one of them',
      'is no JSON object',
      expect.stringMatching(/^is no JSON: /),
      'must be from 1 to 5',
    ]);
  });

  test('goes on within a file at the records that are not in yet', async () => {
    const { path, collector } = await watched();
    await put(join(path, 'many.csv'), csv(...Array.from({ length: 2_500 }, (_, i) => String(i))));
    declared.set(collector.name, collector);
    const id = await begin(collector);
    const whole = await step(collector, id, 0);
    expect(whole).toMatchObject({ accepted: 2_500, isPart: true });
    await client.db.execute(
      sql`update collected_parts set is_whole = false, records = 1000 where collector = ${collector.name}`,
    );
    await client.db.execute(sql`delete from reviews where external_id::integer >= 1000`);
    expect(await step(collector, id, 1)).toMatchObject({ accepted: 1_500, duplicates: 0 });
  });

  test('that lies outside the roots, or is none, is refused', async () => {
    const outside = collectorSchema.parse({
      kind: 'folder',
      name: 'outside',
      title: 'x',
      source: 'x',
      path: tmpdir(),
    });
    await expect(takeAll(outside)).rejects.toThrow('is not a folder under one of SOURCE_ROOTS');
    const { collector, path } = await watched();
    await rm(path, { recursive: true });
    await expect(takeAll(collector)).rejects.toThrow(`there is no folder "${path}" where the worker runs`);
  });

  test('without a column of texts says which it has, once the others are taken', async () => {
    const { path, collector } = await watched();
    await put(join(path, 'orders.csv'), 'order,amount\n1,2\n');
    await put(join(path, 'reviews.csv'), 'id,text\n1,It works\n');
    await expect(takeAll(collector)).rejects.toThrow(
      'orders.csv has no column "text" or "title": its header is order, amount',
    );
    const [stored] = await client.db.select({ reviews: sql<number>`count(*)::integer` }).from(reviews);
    expect(stored?.reviews).toBe(1);
  });
});
