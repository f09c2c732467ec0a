import { exactTest, type Share, shareOf, standardErrorsApart } from './exact-test.ts';
import { compareLengths } from './lengths.ts';
import { type ReviewProfile, totalOf } from './profile.ts';
import type { ReviewReference } from './reference.ts';

/**
 * How far a day is from the reference in one respect. Each is measured alike, so that the figures mean the same:
 * `distance` is the largest difference of a share, 0 to 1: of the reviews with a word, with so many stars, with a
 * sentiment, or of at most so many words.
 */
export type Difference = {
  /** Of the day, those that it was measured on. */
  reviews: number;
  distance: number;
  /** Probability that reviews of the reference's kind, as few as these, differ as much by chance. */
  pValue: number;
};
type WordChange = { word: string; share: number; before: number };
type WordDifference = Difference & { rose: WordChange[]; fell: WordChange[] };
export type LengthDifference = Difference & { median: number; medianBefore: number };
type ShareDifference = Difference & { shares: { value: string; share: number; before: number }[] };

/** A respect is null where the reference, or the day, has nothing of it. */
export type DayDrift = {
  words: WordDifference;
  length: LengthDifference;
  rating: ShareDifference | null;
  sentiment: ShareDifference | null;
};

export function differencesOf(reference: PreparedReference, day: ReviewProfile): DayDrift {
  return {
    words: compareWords(reference, day),
    length: compareLengths(reference.lengths, day.lengths),
    rating: compareShares(reference.ratings, day.ratings),
    sentiment: compareShares(reference.sentiments, day.sentiments),
  };
}

export type PreparedReference = ReviewProfile & Pick<ReviewReference, 'othersAtMost'>;

export const prepareReference = (reference: ReviewReference): PreparedReference => ({
  reviews: reference.reviews,
  othersAtMost: reference.othersAtMost,
  words: new Map(reference.words),
  lengths: new Map(reference.lengths),
  ratings: new Map(reference.ratings),
  sentiments: new Map(reference.sentiments),
});

/** Of the words that changed most. */
const wordsTold = 10;
/** Below it a word is not tested: its p-value would be 1 once the number of words is allowed for. */
const leastStandardErrors = 2.5;

/**
 * The least p-value of all words times their number (Bonferroni), which holds however words go together. A word that the
 * reference does not list may be in as many of its reviews as the rarest that it lists.
 */
function compareWords(
  { words, reviews, othersAtMost }: PreparedReference,
  day: Pick<ReviewProfile, 'words' | 'reviews'>,
): WordDifference {
  let tested = words.size;
  let distance = 0;
  const changes: (WordChange & { pValue: number })[] = [];
  const look = (word: string, before: Share, now: Share): void => {
    const change = { word, share: shareOf(now), before: shareOf(before) };
    distance = Math.max(distance, Math.abs(change.share - change.before));
    const apart = standardErrorsApart(before, now);
    if (Math.abs(apart) < leastStandardErrors) return;
    // Most reviews have a word that is rare: one alone makes no rise.
    if (apart > 0 && now.having === 1) return;
    changes.push({ ...change, pValue: exactTest(before, now) });
  };
  for (const [word, having] of words)
    look(word, { having, of: reviews }, { having: day.words.get(word) ?? 0, of: day.reviews });
  const other = { having: othersAtMost, of: reviews };
  for (const [word, having] of day.words) {
    if (words.has(word)) continue;
    tested++;
    // It is in no more reviews of the reference, so of a lesser share nothing is known.
    if (having / day.reviews > shareOf(other)) look(word, other, { having, of: day.reviews });
  }
  changes.sort(
    (one, another) => one.pValue - another.pValue || changeOf(another) - changeOf(one) || order(one, another),
  );
  const told = (isRise: boolean): WordChange[] =>
    changes
      .filter(({ share, before }) => share > before === isRise)
      .slice(0, wordsTold)
      .map(({ pValue: _, ...change }) => change);
  return {
    reviews: day.reviews,
    distance,
    pValue: Math.min(1, tested * (changes[0]?.pValue ?? 1)),
    rose: told(true),
    fell: told(false),
  };
}

const changeOf = ({ share, before }: WordChange): number => Math.abs(share - before);
const order = (one: WordChange, another: WordChange): number => (one.word < another.word ? -1 : 1);

/** The least p-value of all values times their number, as of words. */
function compareShares<Value extends number | string>(
  before: ReadonlyMap<Value, number>,
  now: ReadonlyMap<Value, number>,
): ShareDifference | null {
  const [of, ofNow] = [totalOf(before), totalOf(now)];
  if (of === 0 || ofNow === 0) return null;
  const values = [...new Set([...before.keys(), ...now.keys()])].sort((one, other) => (one < other ? -1 : 1));
  const compared = values.map((value) => {
    const was: Share = { having: before.get(value) ?? 0, of };
    const is: Share = { having: now.get(value) ?? 0, of: ofNow };
    return { value: String(value), share: shareOf(is), before: shareOf(was), pValue: exactTest(was, is) };
  });
  return {
    reviews: ofNow,
    distance: Math.max(...compared.map(({ share, before }) => Math.abs(share - before))),
    pValue: Math.min(1, values.length * Math.min(...compared.map(({ pValue }) => pValue))),
    shares: compared.map(({ pValue: _, ...share }) => share),
  };
}
