import { wordsOf } from '../text/words.ts';

/** What reviews are like, counted: of a version's training rows, or of a day. */
export type ReviewProfile = {
  reviews: number;
  /** Word → how many of the reviews have it. */
  words: Map<string, number>;
  /** Number of words → how many reviews are that long. */
  lengths: Map<number, number>;
  /** Stars → reviews; those without a rating are in none. */
  ratings: Map<number, number>;
  /** What the model says → reviews. */
  sentiments: Map<string, number>;
};

export const emptyProfile = (): ReviewProfile => ({
  reviews: 0,
  words: new Map(),
  lengths: new Map(),
  ratings: new Map(),
  sentiments: new Map(),
});

/** @param review.text as the model is given it */
export function countReview(
  profile: ReviewProfile,
  { text, rating, sentiment }: { text: string; rating: number | null; sentiment: string | null },
): void {
  profile.reviews++;
  const words = wordsOf(text);
  for (const word of new Set(words)) add(profile.words, word, 1);
  add(profile.lengths, words.length, 1);
  if (rating !== null) add(profile.ratings, rating, 1);
  if (sentiment !== null) add(profile.sentiments, sentiment, 1);
}

/** Adds what the other has counted. */
export function addProfile(profile: ReviewProfile, other: ReviewProfile): void {
  profile.reviews += other.reviews;
  for (const [word, count] of other.words) add(profile.words, word, count);
  for (const [length, count] of other.lengths) add(profile.lengths, length, count);
  for (const [rating, count] of other.ratings) add(profile.ratings, rating, count);
  for (const [sentiment, count] of other.sentiments) add(profile.sentiments, sentiment, count);
}

const add = <Key>(counts: Map<Key, number>, key: Key, more: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + more);

/** How many were counted in all. */
export function totalOf(counts: ReadonlyMap<unknown, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}
