import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateDemo } from '../../data/demo/registry.ts';
import { reviewTopics } from '../../data/demo/review-phrases.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-reviews-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function generate(options: { rows: number; seed: number; signal?: AbortSignal }): Promise<string> {
  const { files } = await generateDemo({ name: 'reviews', folder, ...options });
  expect(files).toEqual([{ name: 'reviews.csv', path: join(folder, 'reviews.csv'), rows: options.rows }]);
  return readFile(join(folder, 'reviews.csv'), 'utf8');
}

test('gives the same bytes for the same seed, and others for another', async () => {
  const first = await generate({ rows: 300, seed: 7 });
  expect(await generate({ rows: 300, seed: 7 })).toBe(first);
  expect(await generate({ rows: 300, seed: 8 })).not.toBe(first);
});

test('each review is of one known topic, few are neutral, and its words go with its rating', async () => {
  const [header, ...lines] = (await generate({ rows: 4000, seed: 7 })).trimEnd().split('\n');
  expect(header).toBe('id,source,title,text,rating,published,topic');
  const reviews = lines.map((line) => {
    const { rating = '', topic = '' } = /,(?<rating>[1-5]),[^,]*,(?<topic>[a-z]+)$/.exec(line)?.groups ?? {};
    return { line, rating: Number(rating), topic };
  });
  const share = (is: (review: (typeof reviews)[number]) => boolean) =>
    reviews.filter(is).length / reviews.length;
  expect(new Set(reviews.map(({ topic }) => topic))).toEqual(new Set(Object.keys(reviewTopics)));
  expect(new Set(reviews.map(({ line }) => line.slice(0, 24))).size).toBe(4000);
  expect(share(({ rating }) => rating === 3)).toBeCloseTo(0.06, 1);
  const denied = reviews.filter(({ line }) => line.includes('denied my claim'));
  expect(denied.length).toBeGreaterThan(20);
  expect(denied.filter(({ rating }) => rating <= 3).length / denied.length).toBeGreaterThan(0.9);
});

test('stops when it is told to', async () => {
  const reason = new Error('no longer wanted');
  const stopped = generate({ rows: 1e6, seed: 1, signal: AbortSignal.abort(reason) });
  await expect(stopped).rejects.toBe(reason);
});
