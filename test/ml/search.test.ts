import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { raceLag, rivalsOf } from '../../contracts/race.ts';
import { createRandom } from '../../ml/random.ts';
import { halvingRungs, survivorsOf } from '../../ml/search/halving.ts';
import { isHopeless } from '../../ml/search/race.ts';
import {
  gridParams,
  gridSize,
  type SearchSpace,
  sampleParams,
  searchSpaceSchema,
} from '../../ml/search/space.ts';
import { gridTrialCount, trialOf } from '../../ml/search/trials.ts';
import { alwaysTrained, timeFolds } from '../../ml/splits/folds.ts';

const space: SearchSpace = searchSpaceSchema.parse({
  rate: { type: 'number', from: 0.001, to: 1, scale: 'log' },
  share: { type: 'number', from: 0.2, to: 0.8 },
  leaves: { type: 'integer', from: 2, to: 5 },
  mode: { type: 'choice', of: ['a', null, { share: 0.1 }] },
});
const seeds = Array.from({ length: 2_000 }, (_, seed) => seed);

describe('a search space', () => {
  test('is sampled within its bounds, both ends of integers and all choices among the draws', () => {
    const drawn = seeds.map((seed) => sampleParams(space, seed));
    for (const { rate, share } of drawn) {
      expect(rate).toBeGreaterThanOrEqual(0.001);
      expect(rate).toBeLessThanOrEqual(1);
      expect(share).toBeGreaterThanOrEqual(0.2);
      expect(share).toBeLessThanOrEqual(0.8);
    }
    expect([...new Set(drawn.map(({ leaves }) => leaves))].sort()).toEqual([2, 3, 4, 5]);
    expect(new Set(drawn.map(({ mode }) => JSON.stringify(mode))).size).toBe(3);
  });

  test('gives each decade of a log scale its third, and each third of a uniform one', () => {
    const shareBelow = (name: string, bound: number): number =>
      seeds.filter((seed) => Number(sampleParams(space, seed)[name]) < bound).length / seeds.length;
    expect(shareBelow('rate', 0.01)).toBeCloseTo(1 / 3, 1);
    expect(shareBelow('rate', 0.1)).toBeCloseTo(2 / 3, 1);
    expect(shareBelow('share', 0.4)).toBeCloseTo(1 / 3, 1);
  });

  test('is sampled alike, whatever the order of its keys', () => {
    const reversed = Object.fromEntries(Object.entries(space).toReversed());
    for (const seed of seeds.slice(0, 50))
      expect(sampleParams(reversed, seed)).toEqual(sampleParams(space, seed));
  });

  test('has a grid of the ends and the steps between them, each point once', () => {
    expect(gridSize(space)).toBe(3 * 3 * 3 * 3);
    const points = Array.from({ length: gridSize(space) }, (_, i) => gridParams(space, i));
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(81);
    const valuesOf = (name: string) => [...new Set(points.map((point) => point[name]))];
    expect(valuesOf('rate')).toEqual([0.001, 0.03162, 1]);
    expect(valuesOf('leaves')).toEqual([2, 4, 5]);
  });

  test.each([
    [{ l2: { type: 'number', from: 2, to: 1 } }, 'must be above "from"'],
    [{ l2: { type: 'number', from: 0, to: 1, scale: 'log' } }, 'must be above 0 on a log scale'],
    [{}, 'names no parameter'],
  ])('refuses %j', (declared, message) => {
    expect(searchSpaceSchema.safeParse(declared).error?.issues.map((issue) => issue.message)).toEqual([
      message,
    ]);
  });
});

describe('a trial', () => {
  const candidates = [
    { candidate: 'one', params: { rounds: 10, leaves: 3 }, space },
    { candidate: 'two', params: {}, space: { leaves: space.leaves ?? fail() } },
  ];

  test('is the same whenever it is asked for, and another under another number or seed', () => {
    const trial = trialOf({ strategy: 'random', candidates }, 7, 4);
    expect(trialOf({ strategy: 'random', candidates }, 7, 4)).toEqual(trial);
    expect(trialOf({ strategy: 'random', candidates }, 7, 6).params).not.toEqual(trial.params);
    expect(trialOf({ strategy: 'random', candidates }, 8, 4).params).not.toEqual(trial.params);
    expect(trialOf({ strategy: 'halving', candidates }, 7, 4)).toEqual(trial);
  });

  test('begins with the candidates as declared, and then deals them out in turn', () => {
    const first = Array.from({ length: 5 }, (_, number) =>
      trialOf({ strategy: 'random', candidates }, 1, number),
    );
    expect(first.map(({ candidate }) => candidate)).toEqual(['one', 'two', 'one', 'two', 'one']);
    expect(first[0]?.params).toEqual({ rounds: 10, leaves: 3 });
    expect(first[2]?.params).toMatchObject({ rounds: 10, rate: expect.any(Number) });
    expect(new Set(first.map(({ seed }) => seed)).size).toBe(5);
  });

  test('of a grid goes through each candidate once, and not past the end', () => {
    const count = gridTrialCount(candidates);
    expect(count).toBe(2 + 81 + 3);
    const trials = Array.from({ length: count }, (_, number) =>
      trialOf({ strategy: 'grid', candidates }, 1, number),
    );
    expect(trials.slice(-3).map(({ params }) => params)).toEqual([
      { leaves: 2 },
      { leaves: 4 },
      { leaves: 5 },
    ]);
    expect(() => trialOf({ strategy: 'grid', candidates }, 1, count)).toThrow('the grid has 84 points');
  });
});

describe('successive halving', () => {
  test.each([
    [2, [1, 2]],
    [3, [1, 3]],
    [5, [1, 2, 5]],
    [10, [1, 2, 4, 10]],
  ])('measures on more and more of %i folds', (folds, rungs) => {
    expect(halvingRungs(folds)).toEqual(rungs);
  });

  test('keeps the better half, rounded up, the lower number among equals, and none without a score', () => {
    const scored = [0.5, 0.7, null, 0.7, 0.9].map((score, number) => ({ number, score }));
    expect(survivorsOf(scored)).toEqual([1, 3, 4]);
    expect(survivorsOf(scored.slice(0, 3))).toEqual([0, 1]);
    expect(survivorsOf([{ number: 0, score: null }])).toEqual([]);
  });

  test('keeps no trial that is worse than one it stops', () => {
    const scores = fc.array(fc.double({ noNaN: true, min: -1, max: 1 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(scores, (values) => {
        const kept = new Set(survivorsOf(values.map((score, number) => ({ number, score }))));
        const worstKept = Math.min(...values.filter((_, number) => kept.has(number)));
        const bestStopped = Math.max(
          Number.NEGATIVE_INFINITY,
          ...values.filter((_, number) => !kept.has(number)),
        );
        expect(kept.size).toBe(Math.ceil(values.length / 2));
        expect(worstKept).toBeGreaterThanOrEqual(bestStopped);
      }),
    );
  });
});

describe('folds in time', () => {
  const foldsOf = (times: readonly number[], count: number) =>
    timeFolds({ times: Float64Array.from(times), gapMs: 0 }, count).of;

  test('are predicted from earlier rows only, the newest fold first, equal times together', () => {
    const times = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 60, maxLength: 120 });
    fc.assert(
      fc.property(times, fc.integer({ min: 2, max: 4 }), (values, folds) => {
        const fold = foldsOf(values, folds);
        for (let of = 0; of < folds; of++) {
          const inside = values.filter((_, row) => (fold[row] ?? 0) > of || fold[row] === alwaysTrained);
          const outside = values.filter((_, row) => fold[row] === of);
          expect(Math.max(...inside)).toBeLessThan(Math.min(...outside));
        }
      }),
    );
  });

  test('always train on what has no time', () => {
    const fold = foldsOf([3, Number.NaN, 1, 2], 2);
    expect([...fold]).toEqual([0, alwaysTrained, alwaysTrained, 1]);
  });

  test('are refused where the rows are too few, or too many of one time', () => {
    expect(() => foldsOf([1, 2], 2)).toThrow('2 rows with a time');
    expect(() => foldsOf([1, 1, 1, 2], 2)).toThrow('of the same time');
  });
});

function fail(): never {
  throw new Error('the space has the dimension');
}

describe('a race', () => {
  const lag = (by: number, spread: number, count: number) =>
    Array.from({ length: count }, (_, fold) => -by + spread * (fold % 2 === 0 ? 1 : -1));

  test('gives up a trial that is behind by far more than the folds differ, after three folds', () => {
    expect(isHopeless({ differences: lag(0.2, 0.001, 2), folds: 10, within: 0 })).toBe(false);
    expect(isHopeless({ differences: lag(0.2, 0.001, 3), folds: 10, within: 0 })).toBe(true);
    expect(isHopeless({ differences: lag(0.2, 0.001, 3), folds: 10, within: 0.25 })).toBe(false);
    expect(isHopeless({ differences: lag(0.02, 0.1, 9), folds: 10, within: 0 })).toBe(false);
    expect(isHopeless({ differences: lag(-0.2, 0.001, 9), folds: 10, within: 0 })).toBe(false);
  });

  test('gives up at most some in a hundred of trials that are as good', () => {
    const random = createRandom(7);
    const noise = () => random.uniform() + random.uniform() + random.uniform() - 1.5;
    const races = 2000;
    let givenUp = 0;
    for (let race = 0; race < races; race++) {
      const differences = Array.from({ length: 9 }, noise);
      const isGivenUp = differences.some((_, fold) =>
        isHopeless({ differences: differences.slice(0, fold + 1), folds: 10, within: 0 }),
      );
      if (isGivenUp) givenUp += 1;
    }
    expect(givenUp / races).toBeLessThan(0.03);
  });

  test('holds a trial against the declared ones and those well before it, whatever has ended', () => {
    expect(rivalsOf(1, 2)).toEqual([]);
    expect(rivalsOf(2, 2)).toEqual([0, 1]);
    expect(rivalsOf(11, 2)).toEqual([0, 1, 2, 3]);
    for (let trial = 0; trial < 40; trial++)
      expect(rivalsOf(trial, 2).every((rival) => rival < 2 || rival <= trial - raceLag)).toBe(true);
  });
});
