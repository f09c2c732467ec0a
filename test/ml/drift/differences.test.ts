import { expect, test } from 'vitest';
import { adjustForMany } from '../../../ml/drift/adjust.ts';
import { type AlertRule, judgeDays, respects, type Tests } from '../../../ml/drift/alerts.ts';
import { type DayDrift, differencesOf, prepareReference } from '../../../ml/drift/differences.ts';
import { exactTest } from '../../../ml/drift/exact-test.ts';
import { compareLengths, kolmogorovTail, medianOf } from '../../../ml/drift/lengths.ts';
import { countReview, emptyProfile, type ReviewProfile } from '../../../ml/drift/profile.ts';
import { referenceOf } from '../../../ml/drift/reference.ts';
import { createRandom, type Random } from '../../../ml/random.ts';

// Figures of SciPy 1.17; `test/ml/drift/reference.py` prints them.

test.each([
  [3, 100, 3, 10, 0.01911328466035416],
  [0, 1_000, 1, 20, 0.0392156862745098],
  [500, 9_051, 9, 30, 5.0448582612173324e-5],
  [9_000, 9_051, 25, 30, 1.883480837176761e-6],
  [2, 9_051, 2, 40, 0.00022527151041650984],
  [40, 9_051, 0, 400, 0.3533405696801729],
  [1_500, 20_000, 90_000, 1_000_000, 5.273011004073303e-14],
  [7, 9_051, 30, 50, 4.489913062408411e-66],
  [0, 100, 0, 10, 1],
  [100, 100, 10, 10, 1],
])(
  '%d of %d before and %d of %d now have the p-value of the hypergeometric distribution',
  (before, of, now, ofNow, pValue) => {
    const found = exactTest({ having: before, of }, { having: now, of: ofNow });
    expect(found / pValue).toBeCloseTo(1, 6);
  },
);

test('lengths are compared as by Kolmogorov and Smirnov', () => {
  const points = [0.2, 0.5, 0.8, 1, 1.36, 2, 3];
  const tails = [
    0.999999999999495, 0.9639452436648751, 0.5441424115741981, 0.26999967167735456, 0.049485876755377876,
    0.0006709252557796953, 3.045995948942526e-8,
  ];
  for (const [i, point] of points.entries()) expect(kolmogorovTail(point)).toBeCloseTo(tails[i] ?? 0, 8);
  const before = countsOf([1, 2, 2, 3, 5, 8, 8, 8, 13, 21], 20);
  const now = countsOf([2, 3, 3, 5, 8, 13, 13, 40], 8);
  const { distance, pValue, median, medianBefore } = compareLengths(before, now);
  expect(distance).toBeCloseTo(0.175, 12);
  // Exact for lengths without ties: 0.0897.
  expect(pValue).toBeGreaterThan(0.08);
  expect(pValue).toBeLessThan(0.094);
  expect([median, medianBefore]).toEqual([6.5, 6.5]);
  expect(medianOf(new Map([[4, 3]]))).toBe(4);
});

test('p-values of many tests are adjusted as Benjamini and Hochberg have it', () => {
  const adjusted = adjustForMany([0.01, 0.2, 0.03, 0.5, 0.001, 0.03]);
  const wanted = [0.03, 0.24, 0.045, 0.5, 0.006, 0.045];
  for (const [i, value] of adjusted.entries()) expect(value).toBeCloseTo(wanted[i] ?? 0, 12);
  expect(adjustForMany([])).toEqual([]);
});

const rule: AlertRule = { minReviews: 20, level: 0.01, minDistance: 0.1 };
const vocabulary = Array.from({ length: 400 }, (_, n) => `word${n}`);

type Kind = { words: number; rise?: string; good: number };

/** A review of words that are the rarer the later they come, as those of a language are. */
function drawReview(random: Random, { words, rise, good }: Kind) {
  const length = 1 + random.below(2 * words);
  const text = Array.from({ length }, () => vocabulary[Math.floor(400 * random.uniform() ** 3)]);
  if (rise !== undefined) text.push(rise);
  const isGood = random.uniform() < good;
  const sentiment = isGood ? 'positive' : random.uniform() < 0.3 ? 'neutral' : 'negative';
  return { text: text.join(' '), rating: isGood ? 4 + random.below(2) : 1 + random.below(3), sentiment };
}

function drawDay(random: Random, reviews: number, kind: Kind): ReviewProfile {
  const profile = emptyProfile();
  for (let i = 0; i < reviews; i++) countReview(profile, drawReview(random, kind));
  return profile;
}

const usual: Kind = { words: 20, good: 0.85 };
const testsOf = ({ words, length, rating, sentiment }: DayDrift): Tests => ({
  words,
  length,
  ...(rating === null ? {} : { rating }),
  ...(sentiment === null ? {} : { sentiment }),
});

test('days of the same kind as the reference are alerts no more often than the level says', () => {
  const random = createRandom(11);
  const reference = prepareReference(referenceOf(drawDay(random, 4_000, usual)));
  const days = Array.from({ length: 200 }, (_, n) =>
    testsOf(differencesOf(reference, drawDay(random, 20 + (n % 10) * 20, usual))),
  );
  for (const respect of respects) {
    const below = days.filter((tests) => (tests[respect]?.pValue ?? 1) <= 0.05).length;
    // Of 200 at a level of 0.05 ten are expected; more than 19 come in one of 300 such tests.
    expect(below, respect).toBeLessThanOrEqual(19);
  }
  const alerts = judgeDays(days, { ...rule, minDistance: 0 }).flatMap((day) =>
    respects.filter((respect) => day[respect]?.alert === true),
  );
  expect(alerts.length).toBeLessThanOrEqual(1);
});

test('a day of another kind is an alert in what is other, and tells the words', () => {
  const random = createRandom(12);
  const reference = prepareReference(referenceOf(drawDay(random, 4_000, usual)));
  const shifts: Record<string, Kind> = {
    words: { ...usual, rise: 'recall' },
    length: { ...usual, words: 60 },
    rating: { ...usual, good: 0.3 },
  };
  const days = [
    ...Array.from({ length: 30 }, () => drawDay(random, 60, usual)),
    ...Object.values(shifts).map((kind) => drawDay(random, 60, kind)),
  ].map((day) => differencesOf(reference, day));
  const judged = judgeDays(days.map(testsOf), rule).slice(30);
  for (const [i, name] of Object.keys(shifts).entries()) {
    const alerts = respects.filter((respect) => judged[i]?.[respect]?.alert === true);
    expect(alerts, name).toContain(name);
  }
  expect(judged[2]).toMatchObject({ sentiment: { alert: true }, words: { alert: false } });
  expect(days[30]?.words.rose[0]).toEqual({ word: 'recall', share: 1, before: 1 / 4_000 });
});

test('few reviews are no alert, and neither is a slight difference of many', () => {
  const random = createRandom(13);
  const reference = prepareReference(referenceOf(drawDay(random, 4_000, usual)));
  const few = differencesOf(reference, drawDay(random, 19, { ...usual, good: 0 }));
  const slight = differencesOf(reference, drawDay(random, 20_000, { ...usual, good: 0.8 }));
  expect(few.rating?.pValue).toBeLessThan(1e-5);
  expect(slight.rating?.pValue).toBeLessThan(1e-5);
  expect(judgeDays([testsOf(few), testsOf(slight)], rule)).toMatchObject([
    { rating: { adjustedPValue: null, alert: false } },
    { rating: { alert: false } },
  ]);
});

test('what the reference or the day has nothing of is not judged', () => {
  const bare = emptyProfile();
  for (const text of ['one two', 'two three', '']) countReview(bare, { text, rating: null, sentiment: null });
  const reference = prepareReference(referenceOf(bare));
  const day = drawDay(createRandom(1), 30, usual);
  expect(differencesOf(reference, day)).toMatchObject({ rating: null, sentiment: null });
  expect(differencesOf(prepareReference(referenceOf(day)), bare)).toMatchObject({
    rating: null,
    sentiment: null,
    length: { median: 2 },
  });
});

function countsOf(values: readonly number[], times: number): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + times);
  return counts;
}
