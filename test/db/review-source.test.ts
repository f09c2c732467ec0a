import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InvalidSource, parseSource, type ReviewsSource } from '../../contracts/source.ts';
import { createDatabaseClient, type DatabaseClient } from '../../db/client.ts';
import { hasReviews } from '../../db/queries/review-pages.ts';
import { quarantineReviews, readWaitingReviews } from '../../db/queries/reviews.ts';
import { createSourceReaders } from '../../worker/source-readers.ts';
import { createTestDatabase, type TestDatabase } from '../environment/test-database.ts';
import { takeIn } from './new-reviews.ts';

let database: TestDatabase;
let client: DatabaseClient;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  client = createDatabaseClient({ url: database.url, poolSize: 2, applicationName: 'test' });
  folder = await mkdtemp(join(tmpdir(), 'perennial-review-source-'));
  const at = (day: number) => ({ source: 'a.example', publishedAt: `2024-03-0${day}T00:00:00Z` });
  await takeIn(client.db, [
    { ...at(3), externalId: '3', text: 'Third, "quoted",\nand over <br> two lines', rating: 2 },
    { ...at(1), externalId: '1', title: 'First &amp; best', text: 'One', rating: 5 },
    { ...at(2), externalId: '2', text: 'Two', rating: null },
  ]);
  const { batchId } = await takeIn(client.db, [{ ...at(2), externalId: 'useless', text: '<br>' }]);
  const [useless] = await readWaitingReviews(client.db, [batchId], 1);
  await quarantineReviews(client.db, {
    of: 'received',
    refused: [{ id: useless?.id ?? '', reason: 'says nothing' }],
  });
  await takeIn(client.db, [
    { source: 'b.example', externalId: '1', text: 'Other', publishedAt: '2024-03-02T12:00:00Z' },
  ]);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await client.close();
  await database.drop();
});

const reviewsOf = (text: string): ReviewsSource => {
  const source = parseSource(text);
  if (source.kind !== 'reviews') throw new Error(`${text} is a source of reviews`);
  return source;
};
const read = async (text: string): Promise<string[]> => {
  const readers = createSourceReaders(client.db, { sourceRoots: [], sourceHosts: [] });
  await readers.reviews({ source: reviewsOf(text), folder });
  return (await readFile(join(folder, 'reviews.csv'), 'utf8')).trimEnd().split('\n').slice(1);
};

test('a run reads what was taken in of a source and a time, as files have it, but for the quarantine', async () => {
  expect(await read('reviews:a.example')).toEqual([
    '1,a.example,First & best,One,5,2024-03-01T00:00:00.000Z',
    '2,a.example,,Two,,2024-03-02T00:00:00.000Z',
    '3,a.example,,"Third, ""quoted"", and over two lines",2,2024-03-03T00:00:00.000Z',
  ]);
  expect(await read('reviews:a.example?from=2024-03-02&to=2024-03-03')).toHaveLength(1);
  expect((await read('reviews:*')).map((line) => line.split(',')[0])).toEqual([
    'a.example/1',
    'a.example/2',
    'b.example/1',
    'a.example/3',
  ]);
  expect(await hasReviews(client.db, reviewsOf('reviews:a.example?from=2025-01-01'))).toBe(false);
  expect(await hasReviews(client.db, reviewsOf('reviews:b.example'))).toBe(true);
});

test('a source of reviews that is none says why', () => {
  for (const [text, reason] of [
    ['reviews:', 'need the name of their source'],
    ['reviews:a?since=2024', 'unknown option "since"'],
    ['reviews:a?from=yesterday', 'from must be a date'],
    ['reviews:a?from=2024-01-01&from=2024-01-02', 'from is given twice'],
    ['reviews:a?from=2024-02-01&to=2024-01-01', 'from must be earlier than to'],
  ] as const) {
    expect(() => parseSource(text)).toThrow(InvalidSource);
    expect(() => parseSource(text)).toThrow(reason);
  }
});
