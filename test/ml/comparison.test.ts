import { describe, expect, it } from 'vitest';
import { type Plan, retrain } from '../../bench/retrainings.ts';
import { comparePaired } from '../../ml/metrics/comparison.ts';
import { measureTask } from '../../ml/metrics/task-measure.ts';
import { createRandom } from '../../ml/random.ts';

const boosting = { rounds: 20, maxLeaves: 8, learningRate: 0.2 };
const plans: (Plan & { sequences: number })[] = [
  { learner: 'linear', params: {}, task: 'regression', metric: 'r2', sequences: 40 },
  { learner: 'gradient-boosting', params: boosting, task: 'regression', metric: 'r2', sequences: 15 },
  { learner: 'logistic', params: {}, task: 'binary', metric: 'accuracy', sequences: 25 },
];

describe.each(plans)(
  'five retrainings of an unchanged $learner, compared by $metric',
  ({ sequences, ...plan }) => {
    it('are refused no more often than the level of 5 % says, and a model of shuffled labels is', {
      timeout: 180_000,
    }, () => {
      const ended = Array.from({ length: sequences }, (_, i) => retrain(plan, 1_000 + i));
      const looks = 5 * sequences;
      const refused = ended.flatMap((sequence) => sequence.refused).filter(Boolean).length;
      // Three standard deviations of a binomial above its mean.
      expect(refused / looks).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / looks));
      const caught = ended.filter(({ refusedShuffled }) => refusedShuffled).length;
      expect(caught / sequences).toBeGreaterThan(0.85);
    });
  },
);

describe('two models compared', () => {
  const random = createRandom(9);
  const target = Float64Array.from({ length: 400 }, () => random.uniform());
  const off = (by: number) =>
    measureTask({
      task: 'regression',
      target,
      predicted: target.map((value) => value + by * random.uniform()),
    });
  const [near, far] = [off(0.2), off(0.6)];
  const compare = (challenger: typeof near, production: typeof near, seed = 1) =>
    comparePaired({ rows: 400, seed, metric: 'mae', level: 0.05, challenger, production });

  it('differ by as much one way as the other, to the bit', () => {
    const [worse, better] = [compare(far, near).difference, compare(near, far).difference];
    expect(worse?.low).toBeGreaterThan(0);
    expect(better).toEqual({
      value: -(worse?.value ?? Number.NaN),
      low: -(worse?.high ?? Number.NaN),
      high: -(worse?.low ?? Number.NaN),
      level: 0.9,
    });
  });

  it('give the same bounds for the same seed, and nearly the same for another', () => {
    const [one, two] = [compare(far, near, 1).difference, compare(far, near, 2).difference];
    expect(compare(far, near, 1).difference).toEqual(one);
    expect(one?.low).not.toBe(two?.low);
    expect(Math.abs((one?.low ?? 0) - (two?.low ?? 1))).toBeLessThan(
      ((one?.high ?? 0) - (one?.low ?? 0)) / 10,
    );
  });

  it('have a tighter interval paired than the sum of their own', () => {
    const noise = Float64Array.from({ length: 400 }, () => random.uniform());
    const shifted = (by: number) =>
      measureTask({
        task: 'regression',
        target,
        predicted: target.map((value, row) => value + (noise[row] as number) + by),
      });
    const { difference } = compare(shifted(0.01), shifted(0));
    // Each MAE alone has a standard error near 0.014; what they share cancels out.
    expect(difference?.low).toBeCloseTo(0.01, 6);
    expect(difference?.high).toBeCloseTo(0.01, 6);
  });
});
