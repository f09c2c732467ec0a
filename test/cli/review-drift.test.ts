import { expect, test } from 'vitest';
import { formatDrift } from '../../cli/commands/review-drift.ts';
import { reviewDriftSchema } from '../../contracts/http/review-drift.ts';

const difference = { reviews: 60, distance: 0.3, pValue: 1e-9, adjustedPValue: 1e-7, alert: true };
const drift = reviewDriftSchema.parse({
  scoredBy: { pipeline: 'review-insights', version: 2 },
  message: null,
  measuredAt: '2026-06-04T00:10:00Z',
  reference: { reviews: 9_051, words: 5_000 },
  rule: { minReviews: 20, level: 0.01, minDistance: 0.1 },
  measured: { days: 12, alerts: 1 },
  items: [
    {
      day: '2026-06-03',
      reviews: 60,
      alert: true,
      measuredAt: '2026-06-04T00:10:00Z',
      words: {
        ...difference,
        rose: [{ word: 'crashes', share: 0.3, before: 0 }],
        fell: [{ word: 'and', share: 0, before: 0.659 }],
      },
      length: { ...difference, alert: false, median: 28, medianBefore: 29 },
      rating: {
        ...difference,
        shares: [
          { value: '1', share: 0.2, before: 0.11 },
          { value: '5', share: 0.4, before: 0.73 },
        ],
      },
      sentiment: null,
    },
  ],
  nextCursor: 'next',
});

test('marks the alerts of a day and tells what differs', () => {
  expect(formatDrift(drift).split('\n')).toEqual([
    'against the 9051 reviews of review-insights version 2, last measured 2026-06-04 00:10:00 UTC',
    '1 of 12 days are alerts (!): 20 reviews or more, a share that differs by 10 % or more, at most 1 % of them by chance',
    '',
    'day         reviews  words   length  rating  sentiment  what differs',
    '2026-06-03       60  30 % !    30 %  30 % !          –  "crashes" 0 % → 30 %, "and" 65.9 % → 0 %, 5 stars 73 % → 40 %',
    'more: --cursor next',
  ]);
});

test('says why nothing was measured', () => {
  expect(
    formatDrift({
      ...drift,
      reference: null,
      message: 'nothing has been measured by version 2 yet',
      items: [],
      nextCursor: null,
    }),
  ).toBe('nothing has been measured by version 2 yet\nno days');
});
