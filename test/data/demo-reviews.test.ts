import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DemoLanguagesRefused, generateDemo } from '../../data/demo/registry.ts';
import { reviewTopics } from '../../data/demo/review-phrases/review-phrases.ts';
import { literal, withSession } from '../../data/duckdb.ts';
import { adjustedRandIndex } from '../../ml/clustering/agreement.ts';
import { detectLanguage } from '../../ml/text/detect-language.ts';
import { type Language, languageSchema } from '../../ml/text/languages.ts';
import { learnTopics } from '../../ml/topics/learn-topics.ts';
import { createTopicsOf, mainTopic } from '../../ml/topics/model.ts';
import { chooseTerms, countTerms, readDocuments } from '../../ml/topics/vocabulary.ts';
import { runToEnd } from '../ml/topics/topic-table.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perennial-reviews-'));
});
afterEach(() => rm(folder, { recursive: true }));

type Review = Record<'line' | 'title' | 'text' | 'language' | 'mood' | 'topic', string> & {
  rating: number;
  published: string;
};
type Asked = { rows: number; seed: number; languages?: [Language, ...Language[]]; signal?: AbortSignal };

async function generate(asked: Asked): Promise<Review[]> {
  const path = join(folder, 'reviews.csv');
  const { files } = await generateDemo({ name: 'reviews', folder, ...asked });
  expect(files).toEqual([{ name: 'reviews.csv', path, rows: asked.rows }]);
  const read = `SELECT * FROM read_csv(${literal(path)}, all_varchar = true)`;
  const rows = await withSession({}, (session) => session.rows(read));
  return rows.map((row) => {
    const of = (column: string) => String(row[column] ?? '');
    return {
      line: JSON.stringify(row),
      title: of('title'),
      text: of('text'),
      language: of('language'),
      mood: of('mood'),
      topic: of('topic'),
      rating: Number(of('rating')),
      published: of('published'),
    };
  });
}

const share = <T>(of: readonly T[], is: (one: T) => boolean) => of.filter(is).length / of.length;
const moodOf = (rating: number) => (rating >= 4 ? 'positive' : rating === 3 ? 'neutral' : 'negative');

test('gives the same bytes for the same seed and languages, and others for others', async () => {
  const bytes = async (asked: Omit<Asked, 'rows'>) => {
    await generateDemo({ name: 'reviews', rows: 300, folder, ...asked });
    return readFile(join(folder, 'reviews.csv'), 'utf8');
  };
  const first = await bytes({ seed: 7 });
  expect(first.split('\n', 1)).toEqual(['id,source,title,text,rating,published,language,mood,topic']);
  expect(await bytes({ seed: 7 })).toBe(first);
  expect(await bytes({ seed: 7, languages: ['en'] })).toBe(first);
  expect(await bytes({ seed: 8 })).not.toBe(first);
  expect(await bytes({ seed: 7, languages: ['de'] })).not.toBe(first);
});

test('few are neutral, and the mood of a text is that of its rating but for one in fifty', async () => {
  const reviews = await generate({ rows: 4000, seed: 7 });
  expect(new Set(reviews.map(({ topic }) => topic))).toEqual(new Set(reviewTopics));
  expect(new Set(reviews.map(({ line }) => line)).size).toBe(4000);
  expect(share(reviews, ({ rating }) => rating === 3)).toBeCloseTo(0.06, 1);
  expect(share(reviews, ({ rating, mood }) => mood !== moodOf(rating))).toBeCloseTo(0.02, 2);
  const denied = reviews.filter(({ text }) => text.includes('denied my claim'));
  expect(denied.length).toBeGreaterThan(20);
  expect(share(denied, ({ mood }) => mood === 'positive')).toBe(0);
});

test('one topic is on the rise, from 4 to 20 in a hundred', async () => {
  const reviews = await generate({ rows: 6000, seed: 7 });
  const shareIn = (half: string) =>
    share(
      reviews.filter(({ published }) => published.startsWith(half)),
      ({ topic }) => topic === 'app',
    );
  expect(shareIn('2023')).toBeCloseTo(0.08, 1);
  expect(shareIn('2024')).toBeGreaterThan(1.5 * shareIn('2023'));
});

test('languages are as frequent as one another, and told apart', async () => {
  const reviews = await generate({ rows: 1800, seed: 7, languages: ['en', 'pt', 'fr', 'de', 'es', 'it'] });
  for (const language of languageSchema.options) {
    const own = reviews.filter((review) => review.language === language);
    expect(own.length).toBeGreaterThan(240);
    expect(
      share(own, ({ text }) => detectLanguage(text) === language),
      language,
    ).toBeGreaterThanOrEqual(0.99);
  }
});

test.each(languageSchema.options)('topics learned from texts in %s are the known ones', async (language) => {
  const reviews = await generate({ rows: 1500, seed: 7, languages: [language] });
  const texts = reviews.map(({ title, text }) => `${title} . ${text}`);
  const terms = chooseTerms(texts);
  const documents = readDocuments(texts, terms);
  const counts = countTerms(documents, terms);
  const learned = runToEnd(
    learnTopics({ documents, counts }, { methods: ['lda'], numbers: [8], chooseBy: 'npmi', seed: 1 }),
  );
  const topicsOf = createTopicsOf({
    ...learned,
    columns: ['title', 'text'],
    terms,
    topics: Array.from({ length: 8 }, (_, place) => ({ id: place + 1, name: `Topic ${place + 1}` })),
    nextId: 9,
  });
  const found = Int32Array.from(texts, (text) => mainTopic(topicsOf(text)));
  const places = new Map<string, number>(reviewTopics.map((topic, place) => [topic, place]));
  const known = Int32Array.from(reviews, ({ topic }) => places.get(topic) ?? -1);
  // Texts speak of other topics too, and of none: purity is the share of those in the most frequent one of their topic.
  const purity =
    Array.from({ length: 8 }, (_, topic) =>
      Math.max(
        ...reviewTopics.map(
          (_, place) => found.filter((one, row) => one === topic && known[row] === place).length,
        ),
      ),
    ).reduce((sum, most) => sum + most, 0) / texts.length;
  expect(purity).toBeGreaterThan(0.65);
  expect(adjustedRandIndex({ ours: found, theirs: known })).toBeGreaterThan(0.35);
});

test('refuses languages of data that has none', async () => {
  const asked = generateDemo({ name: 'retail', rows: 10, seed: 1, languages: ['pt'], folder });
  await expect(asked).rejects.toThrow(DemoLanguagesRefused);
  await expect(asked).rejects.toThrow('demo:retail takes no languages; those that do: reviews');
});

test('stops when it is told to', async () => {
  const reason = new Error('no longer wanted');
  const stopped = generate({ rows: 1e6, seed: 1, signal: AbortSignal.abort(reason) });
  await expect(stopped).rejects.toBe(reason);
});
