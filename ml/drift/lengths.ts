import type { LengthDifference } from './differences.ts';
import { totalOf } from './profile.ts';

/**
 * The two-sample Kolmogorov-Smirnov test, with Stephens' correction for few reviews (Numerical Recipes, 3rd edition,
 * 14.3.3). Where many reviews are of one length, true p-values are less.
 */
export function compareLengths(
  before: ReadonlyMap<number, number>,
  now: ReadonlyMap<number, number>,
): LengthDifference {
  const [of, ofNow] = [totalOf(before), totalOf(now)];
  const lengths = [...new Set([...before.keys(), ...now.keys()])].sort((one, other) => one - other);
  let [below, belowNow, distance] = [0, 0, 0];
  for (const length of lengths) {
    below += before.get(length) ?? 0;
    belowNow += now.get(length) ?? 0;
    distance = Math.max(distance, Math.abs(below / of - belowNow / ofNow));
  }
  const root = Math.sqrt((of * ofNow) / (of + ofNow));
  return {
    reviews: ofNow,
    distance,
    pValue: kolmogorovTail((root + 0.12 + 0.11 / root) * distance),
    median: medianOf(now),
    medianBefore: medianOf(before),
  };
}

/** Probability that Kolmogorov's statistic is beyond `x`. */
export function kolmogorovTail(x: number): number {
  // Below, it is 1 less than 1e-6, and the series slow.
  if (x < 0.3) return 1;
  let tail = 0;
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * (k * x) ** 2);
    tail += k % 2 === 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return Math.min(1, Math.max(0, 2 * tail));
}

/** The mean of the two in the middle where their number is even. */
export function medianOf(counts: ReadonlyMap<number, number>): number {
  const total = totalOf(counts);
  const inOrder = [...counts].sort(([one], [other]) => one - other);
  const at = (place: number): number => {
    let passed = 0;
    for (const [length, count] of inOrder) {
      passed += count;
      if (passed >= place) return length;
    }
    return 0;
  };
  return (at(Math.ceil(total / 2)) + at(Math.floor(total / 2) + 1)) / 2;
}
