import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metricIntervals, minus, percentileInterval } from '../../ml/metrics/intervals.ts';
import type { Measure } from '../../ml/metrics/measure.ts';
import { rankRows, rocAuc } from '../../ml/metrics/ranking.ts';
import { resample, resamplesFor } from '../../ml/metrics/resample.ts';
import { measureTask } from '../../ml/metrics/task-measure.ts';
import { createRandom, type Random } from '../../ml/random.ts';

/** Box and Muller. */
const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());

type Rows = { target: Float64Array; predicted: Float64Array };

/** Each row as often as its count says. */
function copies({ target, predicted }: Rows, counts: readonly number[]): Rows {
  const width = predicted.length / target.length;
  const rows = counts.flatMap((count, row) => new Array<number>(count).fill(row));
  return {
    target: Float64Array.from(rows, (row) => target[row] as number),
    predicted: Float64Array.from(
      rows.flatMap((row) => [...predicted.subarray(row * width, (row + 1) * width)]),
    ),
  };
}

const cases: {
  task: string;
  draw: (random: Random, rows: number) => Rows;
  measure: (rows: Rows) => Measure;
}[] = [
  {
    task: 'regression',
    draw: (random, rows) => {
      // Few values, so that a resample may be constant or all 0.
      const target = Float64Array.from({ length: rows }, () => random.below(3));
      return { target, predicted: target.map((value) => value + normal(random)) };
    },
    measure: (rows) => measureTask({ task: 'regression', ...rows }),
  },
  {
    task: 'binary',
    draw: (random, rows) => ({
      target: Float64Array.from({ length: rows }, () => random.below(2)),
      // Few values, so that ties are common.
      predicted: Float64Array.from({ length: rows }, () => random.below(6) / 5),
    }),
    measure: (rows) => measureTask({ task: 'binary', ...rows, threshold: 0.4 }),
  },
  {
    task: 'multiclass',
    draw: (random, rows) => ({
      target: Float64Array.from({ length: rows }, () => random.below(3)),
      predicted: Float64Array.from({ length: rows * 3 }, () => random.below(11) / 10),
    }),
    measure: (rows) => measureTask({ task: 'multiclass', ...rows, classes: 3 }),
  },
];

describe.each(cases)('measures of $task', ({ draw, measure }) => {
  it('answer for counts what they answer for copies of the rows', () => {
    const counted = fc.record({
      seed: fc.nat(),
      counts: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 40 }),
    });
    fc.assert(
      fc.property(counted, ({ seed, counts }) => {
        const rows = draw(createRandom(seed), counts.length);
        const found = measure(rows)(Int32Array.from(counts));
        const expected = measure(copies(rows, counts))();
        for (const [name, value] of Object.entries(expected)) {
          if (value === null) expect(found[name], name).toBeNull();
          else expect(found[name], name).toBeCloseTo(value, 10);
        }
      }),
    );
  });

  it('give the intervals of a bootstrap that copies rows, with any seed the same twice', () => {
    const rows = draw(createRandom(3), 60);
    const [fast] = resample({ rows: 60, seed: 5, measures: [measure(rows)], resamples: 399 });
    const drawn: number[][] = [];
    const recorder: Measure = (counts) => {
      if (counts !== undefined) drawn.push([...counts]);
      return {};
    };
    resample({ rows: 60, seed: 5, measures: [recorder], resamples: 399 });
    const copied = drawn.map((counts) => measure(copies(rows, counts))());
    for (const [name, values] of fast ?? []) {
      const slow = Float64Array.from(copied, (metrics) => metrics[name] ?? Number.NaN);
      const [found, expected] = [values, slow].map((of) => percentileInterval(of, 0.025));
      expect(found?.low, name).toBeCloseTo(expected?.low ?? Number.NaN, 10);
      expect(found?.high, name).toBeCloseTo(expected?.high ?? Number.NaN, 10);
    }
    const [again] = resample({ rows: 60, seed: 5, measures: [measure(rows)], resamples: 399 });
    expect(again).toEqual(fast);
  });
});

describe('a resample', () => {
  it('draws as many rows as there are, and no row more often than another', () => {
    const rows = 50;
    const totals = new Float64Array(rows);
    const sums = new Set<number>();
    const count: Measure = (counts) => {
      counts?.forEach((times, row) => {
        totals[row] = (totals[row] as number) + times;
      });
      if (counts !== undefined) sums.add(counts.reduce((sum, times) => sum + times, 0));
      return {};
    };
    resample({ rows, seed: 1, measures: [count], resamples: 2_000 });
    expect([...sums]).toEqual([rows]);
    // Binomial over 100,000 draws of 50 rows: four standard deviations are 177.
    for (const total of totals) expect(Math.abs(total - 2_000)).toBeLessThan(180);
  });

  it('is one of fewer where there are many rows, and never of fewer than 399', () => {
    expect([1, 2_000, 10_000, 20_000, 50_000, 1e6].map(resamplesFor)).toEqual([
      1_999, 1_999, 1_999, 999, 399, 399,
    ]);
  });

  it('ends where its caller throws', () => {
    const stop = () => {
      throw new Error('cancelled');
    };
    expect(() => resample({ rows: 10, seed: 1, measures: [], onResample: stop })).toThrow('cancelled');
  });
});

describe('an interval', () => {
  it('leaves out a tail at each end', () => {
    const values = Float64Array.from({ length: 1_999 }, (_, i) => i + 1).reverse();
    expect(percentileInterval(values, 0.025)).toEqual({ low: 50, high: 1_950, level: 0.95 });
    expect(percentileInterval(values, 0.05)).toEqual({ low: 100, high: 1_900, level: 0.9 });
  });

  it('counts resamples without a value beyond both ends, and gives up where they fill a tail', () => {
    const values = Float64Array.from({ length: 1_999 }, (_, i) => (i < 40 ? Number.NaN : i - 39));
    expect(percentileInterval(values, 0.025)).toEqual({ low: 10, high: 1_950, level: 0.95 });
    expect(
      percentileInterval(
        values.map((value, i) => (i < 60 ? Number.NaN : value)),
        0.025,
      ),
    ).toBeNull();
  });

  it('of 95 % holds the true values of R², ROC-AUC and paired differences 95 times in 100', {
    timeout: 180_000,
  }, () => {
    const repeats = 200;
    const rows = 200;
    const bounds = (measures: readonly Measure[], metric: string, seed: number) => {
      const [of, to] = resample({ rows, seed, measures, resamples: 399 }).map((values) => values.get(metric));
      if (of === undefined || to === undefined) throw new Error(`no measure of ${metric}`);
      return { alone: percentileInterval(of, 0.025), difference: percentileInterval(minus(of, to), 0.025) };
    };
    const ranking = (target: Float64Array, predicted: Float64Array): Measure => {
      const rank = rankRows({ target, predicted });
      return (counts) => ({ rocAuc: rocAuc(rank(counts)) });
    };
    const held = new Map<string, number>();
    const count = (name: string, interval: { low: number; high: number } | null, truth: number) => {
      if (interval === null) throw new Error(`${name} has no interval`);
      const holds = interval.low <= truth && truth <= interval.high;
      held.set(name, (held.get(name) ?? 0) + (holds ? 1 : 0));
    };
    for (let repeat = 0; repeat < repeats; repeat++) {
      const random = createRandom(1_000 + repeat);
      // Target = a + b + noise, each of variance 1: a + b explains 2/3 of it, a alone 1/3.
      const a = Float64Array.from({ length: rows }, () => normal(random));
      const both = a.map((value) => value + normal(random));
      const target = both.map((value) => value + normal(random));
      const r2 = bounds(
        [both, a].map((predicted) => measureTask({ task: 'regression', target, predicted })),
        'r2',
        repeat,
      );
      count('r2', r2.alone, 2 / 3);
      count('r2 difference', r2.difference, 1 / 3);
      // Scores of the classes are normal and d apart, so the area is Φ(d / √2): 0.7602 at 1, 0.6382 at 0.5.
      const label = Float64Array.from({ length: rows }, () => random.below(2));
      const noise = label.map(() => normal(random));
      const apart = (distance: number) =>
        noise.map((value, row) => value + distance * (label[row] as number));
      const area = bounds([ranking(label, apart(1)), ranking(label, apart(0.5))], 'rocAuc', repeat);
      count('rocAuc', area.alone, 0.7602499);
      count('rocAuc difference', area.difference, 0.7602499 - 0.6381632);
    }
    // Four binomial standard deviations of 200 repeats are 6 %.
    for (const [name, times] of held) expect(Math.abs(times / repeats - 0.95), name).toBeLessThan(0.06);
  });

  it('is not given on fewer than 20 rows, of a metric that is undefined, nor without a width', () => {
    const target = Float64Array.from({ length: 30 }, (_, i) => (i < 15 ? 0 : 1));
    const predicted = target.map((value) => 0.25 + value / 2);
    const intervals = (count: number) => {
      const [truth, scores] = [target, predicted].map((of) => of.slice(0, count)) as [
        Float64Array,
        Float64Array,
      ];
      const measure = measureTask({ task: 'binary', target: truth, predicted: scores, threshold: 0.5 });
      return metricIntervals({ rows: count, seed: 1, measure, baseline: measure });
    };
    expect(intervals(19)).toEqual({});
    // Every decision is right, every resample says so, and none says how sure that is.
    expect(intervals(30)).toEqual({});
    const oneClass = new Float64Array(30);
    const alone = measureTask({ task: 'binary', target: oneClass, predicted: predicted, threshold: 0.5 });
    const given = metricIntervals({ rows: 30, seed: 1, measure: alone, baseline: alone });
    expect(given).not.toHaveProperty('rocAuc');
    expect(given.accuracy).toMatchObject({ level: 0.95, minusBaseline: null });
  });
});
