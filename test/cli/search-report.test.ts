import { expect, test } from 'vitest';
import { formatSearch, formatTrials } from '../../cli/search-report.ts';
import { searchSchema } from '../../contracts/http/searches.ts';
import { runId, runProgress } from './samples.ts';

const sha256 = 'd'.repeat(64);
const trial = (number: number, folds: number, selectionScore: number | null, params = {}) => ({
  number,
  candidate: 'boosting',
  params,
  seed: number,
  status: selectionScore === null ? 'refused' : folds === 5 ? 'scored' : 'stopped',
  rung: 0,
  folds,
  selectionScore,
  standardError: folds === 5 ? 0.0123 : null,
  metrics: null,
  predictionsSha256: null,
  features: null,
  message: selectionScore === null ? 'boosting: too many leaves' : null,
  seconds: 1.25,
});
const winner = {
  trial: 2,
  candidate: 'boosting',
  learner: 'gradient-boosting',
  params: { l2: 3 },
  selectionScore: 0.51,
  metrics: {},
};
const search = searchSchema.parse({
  searchId: runId,
  run: { ...runProgress('succeeded'), kind: 'search' },
  plan: {
    strategy: 'halving',
    trials: 4,
    minutes: null,
    parallel: 4,
    rungs: [1, 2, 5],
    candidates: [{ candidate: 'boosting', params: {}, space: { l2: {} } }],
  },
  trials: [trial(0, 1, 0.6), trial(1, 5, 0.5, { l2: 9 }), trial(2, 5, 0.51, { l2: 3 }), trial(3, 0, null)],
  result: { winner, best: [winner], scored: 2, stopped: 1, refused: 1, sha256 },
  settings: 'pipelines: {}\n',
  features: null,
  links: { search: 's', run: 'r', events: 'e', temporal: 't' },
});

test('lists trials by how far they came, then by score, and marks the winner', () => {
  const lines = formatTrials(search).split('\n').slice(1);
  expect(lines.map((line) => line.trim().split(/\s+/)[0])).toEqual(['2', '1', '0', '3']);
  expect(lines[0]).toMatch(/\* boosting +scored +5\/5 +0\.5100 ± 0\.0123 +1\.3 +l2 3$/);
  expect(lines[2]).toMatch(/stopped +1\/5 +0\.6000 .*l2 as declared$/);
  expect(formatTrials(search, 3)).toMatch(/… 1 more$/);
});

test('ends with the winner, the hash, and what to do with it', () => {
  const report = formatSearch(search);
  expect(report).toContain('trial 2, boosting, 0.5100 out of fold');
  expect(report).toContain('trial 3 was refused: boosting: too many leaves');
  expect(report).toContain(`hash ${sha256}`);
  expect(report).toContain(`perennial run olist-score --search ${runId}`);
});

test('lists the features of a search with their gains, those kept first', () => {
  const step = { step: 'ratio', numerator: 'price', denominator: 'weight', as: 'price_per_weight' };
  const gain = { gain: 0.02, standardError: 0.004 };
  const feature = { step, round: 1, trial: 2, gain, confirmation: gain, kept: true };
  const others = [
    { ...feature, step: { ...step, as: 'worse' }, gain: { gain: -0.01, standardError: 0.02 }, kept: false },
    { ...feature, step: { ...step, as: 'refused' }, gain: null, kept: false },
  ];
  const generated = {
    made: 80,
    tried: 3,
    needed: 3.2,
    confirmed: 2,
    features: [...others, feature].map((one) => (one.kept ? one : { ...one, confirmation: null })),
  };
  const report = formatSearch(
    searchSchema.parse({
      ...search,
      plan: {
        strategy: 'forward',
        trials: 4,
        minutes: null,
        parallel: 4,
        rungs: [5],
        candidates: [{ candidate: 'boosting', params: {} }],
        generate: { proposals: 3, keep: 5 },
      },
      trials: [
        {
          ...trial(0, 5, 0.5),
          features: {
            round: 1,
            features: ['price_per_weight'],
            tried: 'price_per_weight',
            confirms: true,
            gain,
          },
        },
      ],
      result: { ...search.result, generated },
      settings: null,
      features: 'features:\n  - {}\n',
    }),
  );
  expect(report).toContain('3 features, at most 5 kept');
  expect(report).toContain('price_per_weight, on other folds');
  expect(report).toMatch(
    /price_per_weight +yes +\+0\.0200 ± 0\.0040 +5\.0 +\+0\.0200 ± 0\.0040 +ratio price weight/,
  );
  expect(report).toMatch(
    /price_per_weight[\s\S]*worse +no +-0\.0100 ± 0\.0200 +-0\.5 +–[\s\S]*refused +no +–/,
  );
  expect(report).toContain('1 kept of 3 tried, of 80 that could be made');
  expect(report).toContain('in the declaration:\n\nfeatures:');
});
