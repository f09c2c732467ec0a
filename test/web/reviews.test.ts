import { expect, it } from 'vitest';

type Filter = Record<string, string>;
const scripts = new URL('../../web/assets/', import.meta.url);
const load = (name: string) => import(new URL(name, scripts).href);
const {
  readFilter,
  filterAddress,
  summaryAddress,
  insightsAddress,
  listAddress,
}: {
  readFilter(hash: string): Filter;
  filterAddress(filter: Filter): string;
  summaryAddress(filter: Filter): string;
  insightsAddress(filter: Filter): string;
  listAddress(filter: Filter, more: { limit: number; cursor: string | null }): string;
} = await load('views/review-filter.js');
const {
  ticksOf,
  scaleOf,
  spread,
}: {
  ticksOf(low: number, high: number, count: number): number[];
  scaleOf(domain: [number, number], range: [number, number]): (value: number) => number;
  spread(length: number, most: number): number[];
} = await load('chart.js');
const { periodName }: { periodName(from: string, period: string): string } =
  await load('views/satisfaction.js');
const {
  estimate,
}: { estimate(of: { value: number; standardError: number | null }, factor: number): string } =
  await load('views/review-topics.js');
const { disagrees }: { disagrees(of: { rating: number | null; sentiment: string | null }): boolean } =
  await load('views/review-list.js');

const { changesOf }: { changesOf(day: unknown): string[] } = await load('views/review-drift.js');

it('reads the filters of an address as they were written, and none that it does not know', () => {
  const filter = {
    source: 'shop & co',
    topic: 'Claims, paid',
    words: '"on time" or -late?',
    from: '2024-01-01',
  };
  expect(readFilter(filterAddress(filter))).toEqual(filter);
  expect(readFilter('#/reviews')).toEqual({});
  expect(readFilter('#/reviews?sentiment=&rating=5&colour=red')).toEqual({ rating: '5' });
  expect(filterAddress({ source: '' })).toBe('#/reviews');
});

it('asks for summary and insights by source, language and time alone, and for the list by all filters', () => {
  const filter = { source: 'shop', from: '2024-01-01', period: 'week', sentiment: 'negative' };
  const scope = { source: 'shop', from: '2024-01-01T00:00:00Z' };
  const askedBy = (address: string) => Object.fromEntries(new URLSearchParams(address.split('?')[1]));
  expect(summaryAddress(filter)).toMatch(/^reviews\/summary\?/);
  expect(askedBy(summaryAddress(filter))).toEqual(scope);
  expect(askedBy(insightsAddress(filter))).toEqual({ ...scope, period: 'week' });
  expect(askedBy(listAddress(filter, { limit: 20, cursor: null }))).toEqual({
    ...scope,
    sentiment: 'negative',
    limit: '20',
  });
});

it('marks an axis by round numbers around all values', () => {
  expect(ticksOf(-30, 97, 4)).toEqual([-50, 0, 50, 100]);
  expect(ticksOf(0, 0.31, 4)).toEqual([0, 0.1, 0.2, 0.3, 0.4]);
  for (const [low, high] of [
    [67.9, 67.9],
    [0, 0],
    [-100, -100],
    [-100, 100],
    [12.34, 12.35],
    [0, 27.3],
  ] as const) {
    const ticks = ticksOf(low, high, 4);
    expect(ticks[0], `${low} to ${high}`).toBeLessThanOrEqual(low);
    expect(ticks.at(-1), `${low} to ${high}`).toBeGreaterThanOrEqual(high);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThan(8);
  }
});

it('places values between the ends of a drawing, and a single one in the middle', () => {
  expect(scaleOf([0, 10], [100, 0])(2.5)).toBe(75);
  expect(scaleOf([5, 5], [40, 60])(5)).toBe(50);
});

it('labels as many periods as there is room for, the latest among them', () => {
  expect(spread(5, 10)).toEqual([0, 1, 2, 3, 4]);
  expect(spread(10, 4)).toEqual([0, 3, 6, 9]);
  expect(spread(11, 4)).toEqual([1, 4, 7, 10]);
  expect(spread(3, 0)).toEqual([2]);
});

it('names periods by what they are', () => {
  const named = (period: string) => periodName('2024-04-01', period);
  expect(['week', 'month', 'quarter', 'year'].map(named)).toEqual([
    '2024-04-01',
    '2024-04',
    '2024 Q2',
    '2024',
  ]);
});

it('shows an estimate with its sign and standard error', () => {
  expect(estimate({ value: -0.0514, standardError: 0.004 }, 100)).toBe('−5.1 ± 0.4');
  expect(estimate({ value: 3.21, standardError: null }, 1)).toBe('+3.2');
  expect(estimate({ value: -0.01, standardError: 0.2 }, 1)).toBe('0.0 ± 0.2');
});

it('marks reviews whose rating says the opposite of their text', () => {
  expect(disagrees({ rating: 4, sentiment: 'negative' })).toBe(true);
  expect(disagrees({ rating: 2, sentiment: 'positive' })).toBe(true);
  expect(disagrees({ rating: 3, sentiment: 'negative' })).toBe(false);
  expect(disagrees({ rating: null, sentiment: 'positive' })).toBe(false);
});

it('tells of a day with an alert what changed, and of the rest nothing', () => {
  const quiet = { alert: false, distance: 0.02 };
  const day = {
    words: { ...quiet, rose: [{ word: 'app', share: 0.4, before: 0.1 }], fell: [] },
    length: { alert: true, median: 12, medianBefore: 31 },
    rating: null,
    sentiment: {
      alert: true,
      shares: [
        { value: 'positive', share: 0.75, before: 0.8 },
        { value: 'negative', share: 0.25, before: 0.1 },
      ],
    },
  };
  expect(changesOf(day)).toEqual(['31 → 12 words a review', 'negative 10.0 % → 25.0 %']);
  const words = { ...day.words, alert: true };
  expect(changesOf({ ...day, words, length: quiet, sentiment: null })).toEqual(['app 10.0 % → 40.0 %']);
});
