import { join } from 'node:path';
import type { Random } from '../../ml/random.ts';
import { createRandom, deriveSeed } from '../../ml/random.ts';
import { createCsvWriter } from './csv-writer.ts';
import { chance, createWeightedIndex, hexId, pick } from './distributions.ts';
import type { DemoFile, DemoRequest } from './registry.ts';
import {
  animals,
  closings,
  type Mood,
  names,
  openings,
  type ReviewTopic,
  reviewTopics,
  titles,
} from './review-phrases.ts';

/** Reviews as pages show them. `topic` is what each is mostly about: known here, and nowhere else. */
const columns = ['id', 'source', 'title', 'text', 'rating', 'published', 'topic'];

const sources = [
  'https://reviews.example/acme-pet?page=1',
  'https://reviews.example/best-paws?page=1',
] as const;
const topicNames = Object.keys(reviewTopics).filter((name): name is ReviewTopic => name in reviewTopics);
const drawTopic = createWeightedIndex([30, 20, 18, 12, 12, 8]);
const ratings = [
  { rating: 5, mood: 'positive', share: 68 },
  { rating: 4, mood: 'positive', share: 13 },
  { rating: 3, mood: 'neutral', share: 6 },
  { rating: 2, mood: 'negative', share: 3 },
  { rating: 1, mood: 'negative', share: 10 },
] as const;
const drawRating = createWeightedIndex(ratings.map(({ share }) => share));
/** Of reviews whose text is in another mood than the rating: people click the wrong star. */
const contradictions = 0.02;
const moods: readonly [Mood, ...Mood[]] = ['negative', 'neutral', 'positive'];

const firstMs = Date.parse('2023-01-01T00:00:00Z');
const days = 730;
const dayMs = 86_400_000;
/** Rows between two flushes: bounds what waits in memory, and how long a stop takes to be seen. */
const rowsPerFlush = 2000;

/**
 * Writes `reviews.csv` with `rows` reviews. The same rows and seed give the same bytes.
 * @throws the reason of `signal` when it is aborted; the file is then incomplete
 */
export async function generateReviews({ rows, seed, folder, signal }: DemoRequest): Promise<DemoFile[]> {
  signal?.throwIfAborted();
  const name = 'reviews.csv';
  const path = join(folder, name);
  const writer = await createCsvWriter(path, columns);
  const random = createRandom(deriveSeed(seed, 'reviews'));
  try {
    for (let row = 0; row < rows; row++) {
      if (row % rowsPerFlush === 0) {
        signal?.throwIfAborted();
        await writer.flush();
      }
      writer.write(drawReview(random));
    }
  } finally {
    await writer.close();
  }
  return [{ name, path, rows }];
}

function drawReview(random: Random): (string | number | null)[] {
  const { rating, mood: rated } = ratings[drawRating(random)] ?? ratings[0];
  const mood = chance(random, contradictions) ? pick(random, moods) : rated;
  const topic = topicNames[drawTopic(random)] ?? 'claims';
  const published = new Date(firstMs + random.below(days) * dayMs + random.below(dayMs)).toISOString();
  const title = chance(random, 0.9) ? pick(random, titles[mood]) : null;
  const text = sentences(random, { mood, topic });
  return [hexId(random).slice(0, 24), pick(random, sources), title, text, rating, published, topic];
}

/** One to three sentences about the topic, now and then one of another; who is of two minds tells both sides. */
function sentences(random: Random, { mood, topic }: { mood: Mood; topic: ReviewTopic }): string {
  const parts: string[] = chance(random, 0.6) ? [pick(random, openings[mood])] : [];
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) {
    const about = i > 0 && chance(random, 0.3) ? (topicNames[drawTopic(random)] ?? topic) : topic;
    const told = mood === 'neutral' && chance(random, 0.4) ? pick(random, moods) : mood;
    parts.push(`${pick(random, reviewTopics[about][told])}.`);
  }
  if (chance(random, 0.4)) parts.push(pick(random, closings[mood]));
  return parts.map((part) => fillIn(random, part)).join(' ');
}

const fillIn = (random: Random, phrase: string): string =>
  phrase.replaceAll(/\{(days|animal|name)\}/g, (_, slot) => {
    if (slot === 'days') return String(2 + random.below(40));
    return pick(random, slot === 'animal' ? animals : names);
  });
