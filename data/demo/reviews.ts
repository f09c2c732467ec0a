import { join } from 'node:path';
import type { Random } from '../../ml/random.ts';
import { createRandom, deriveSeed } from '../../ml/random.ts';
import type { Language } from '../../ml/text/languages.ts';
import { createCsvWriter } from './csv-writer.ts';
import { chance, createWeightedIndex, hexId, pick } from './distributions.ts';
import type { DemoFile, DemoRequest } from './registry.ts';
import { english } from './review-phrases/english.ts';
import { french } from './review-phrases/french.ts';
import { german } from './review-phrases/german.ts';
import { italian } from './review-phrases/italian.ts';
import { portuguese } from './review-phrases/portuguese.ts';
import {
  type Mood,
  moods,
  type ReviewPhrases,
  type ReviewTopic,
  reviewTopics,
} from './review-phrases/review-phrases.ts';
import { spanish } from './review-phrases/spanish.ts';

/** Reviews as pages show them. The last three are what each is made of: known here, and read by no pipeline. */
const columns = ['id', 'source', 'title', 'text', 'rating', 'published', 'language', 'mood', 'topic'];

const sources = [
  'https://reviews.example/acme-pet?page=1',
  'https://reviews.example/best-paws?page=1',
] as const;
const phrasesOf: Readonly<Record<Language, ReviewPhrases>> = {
  en: english,
  pt: portuguese,
  fr: french,
  de: german,
  es: spanish,
  it: italian,
};

/** What more and more reviews are about, from the first day to the last. */
const rising = { topic: 'app', firstShare: 0.04, lastShare: 0.2 } as const;
const steady = reviewTopics.filter((topic) => topic !== rising.topic);
const drawSteady = createWeightedIndex([30, 20, 18, 12, 8]);

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

const firstMs = Date.parse('2023-01-01T00:00:00Z');
const dayMs = 86_400_000;
const spanMs = 730 * dayMs;
/** Rows between two flushes: bounds what waits in memory, and how long a stop takes to be seen. */
const rowsPerFlush = 2000;

/**
 * Writes `reviews.csv` with `rows` reviews, each in one of the languages, which are as frequent as one another. The same
 * rows, seed and languages give the same bytes.
 * @throws the reason of `signal` when it is aborted; the file is then incomplete
 */
export async function generateReviews({
  rows,
  seed,
  languages = ['en'],
  folder,
  signal,
}: DemoRequest): Promise<DemoFile[]> {
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
      writer.write(drawReview(random, languages));
    }
  } finally {
    await writer.close();
  }
  return [{ name, path, rows }];
}

function drawReview(
  random: Random,
  languages: NonNullable<DemoRequest['languages']>,
): (string | number | null)[] {
  const language = pick(random, languages);
  const phrases = phrasesOf[language];
  const { rating, mood: rated } = ratings[drawRating(random)] ?? ratings[0];
  const mood = chance(random, contradictions) ? otherMood(random, rated) : rated;
  const elapsed = random.uniform();
  const published = new Date(firstMs + Math.floor(elapsed * spanMs)).toISOString();
  const drawTopic = () => topicAt(random, elapsed);
  const topic = drawTopic();
  const opinion = pick(random, phrases.titles[mood]);
  const subject = pick(random, phrases.subjects[topic]);
  const titled = chance(random, 0.5) ? `${subject}: ${opinion}` : opinion;
  const title = chance(random, 0.9) ? titled : null;
  const text = sentences(random, { phrases, mood, topic, drawTopic });
  const id = hexId(random).slice(0, 24);
  return [id, pick(random, sources), title, text, rating, published, language, mood, topic];
}

function otherMood(random: Random, mood: Mood): Mood {
  const [first = mood, second = mood] = moods.filter((other) => other !== mood);
  return pick(random, [first, second]);
}

/** @param elapsed share of the time that is past */
function topicAt(random: Random, elapsed: number): ReviewTopic {
  const share = rising.firstShare + (rising.lastShare - rising.firstShare) * elapsed;
  return chance(random, share) ? rising.topic : (steady[drawSteady(random)] ?? 'claims');
}

/** One to three sentences about the topic, now and then one of another; who is of two minds tells both sides. */
function sentences(
  random: Random,
  of: { phrases: ReviewPhrases; mood: Mood; topic: ReviewTopic; drawTopic: () => ReviewTopic },
): string {
  const { phrases, mood, topic, drawTopic } = of;
  const parts: string[] = chance(random, 0.6) ? [pick(random, phrases.openings[mood])] : [];
  const count = 1 + random.below(3);
  for (let i = 0; i < count; i++) {
    const about = i > 0 && chance(random, 0.3) ? drawTopic() : topic;
    const told = mood === 'neutral' && chance(random, 0.4) ? pick(random, moods) : mood;
    parts.push(`${pick(random, phrases.topics[about][told])}.`);
  }
  if (chance(random, 0.4)) parts.push(pick(random, phrases.closings[mood]));
  return parts.map((part) => fillIn(random, part, phrases)).join(' ');
}

const fillIn = (random: Random, phrase: string, { animals, names }: ReviewPhrases): string =>
  phrase.replaceAll(/\{(days|animal|name)\}/g, (_, slot) => {
    if (slot === 'days') return String(2 + random.below(40));
    return pick(random, slot === 'animal' ? animals : names);
  });
