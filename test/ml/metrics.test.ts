import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BinaryRows,
  binaryDetail,
  type MulticlassRows,
  multiclassDetail,
  weightedScore,
} from '../../ml/metrics/classification.ts';
import type { ValueRows } from '../../ml/metrics/family.ts';
import { familiesOf, isLowerBetter, metricFamilies, metricNames } from '../../ml/metrics/registry.ts';
import { measureTask } from '../../ml/metrics/task-measure.ts';
import { chooseThreshold, thresholdForCosts } from '../../ml/threshold.ts';
import reference from './fixtures/reference.json' with { type: 'json' };

/** Few distinct probabilities, so that ties are common. */
const scored = fc.array(
  fc.record({ truth: fc.integer({ min: 0, max: 1 }), twentieths: fc.integer({ min: 0, max: 20 }) }),
  {
    minLength: 1,
    maxLength: 60,
  },
);
type Scored = { truth: number; twentieths: number }[];
const columns = (rows: Scored) => ({
  target: Float64Array.from(rows, ({ truth }) => truth),
  predicted: Float64Array.from(rows, ({ twentieths }) => twentieths / 20),
});

const regressionMetrics = (rows: ValueRows) => measureTask({ task: 'regression', ...rows })();
const binaryMetrics = (rows: BinaryRows) => measureTask({ task: 'binary', ...rows })();
const multiclassMetrics = (rows: MulticlassRows) => measureTask({ task: 'multiclass', ...rows })();

const tasks = ['regression', 'binary', 'multiclass', 'clustering'] as const;

describe('the registry of metrics', () => {
  it('names no metric of a task twice, and none that is better higher here and lower there', () => {
    for (const task of tasks) {
      const names = metricNames(task);
      expect(new Set(names).size, task).toBe(names.length);
    }
    for (const { better } of metricFamilies) {
      for (const [name, which] of Object.entries(better)) {
        expect(isLowerBetter(name), name).toBe(which === 'lower');
      }
    }
  });

  it('names what an evaluation answers, in its order', () => {
    const one = { target: Float64Array.of(1), predicted: Float64Array.of(1) };
    expect(Object.keys(regressionMetrics(one))).toEqual(metricNames('regression'));
    expect(Object.keys(binaryMetrics({ ...one, threshold: 0.5 }))).toEqual(metricNames('binary'));
    const two = { ...one, predicted: Float64Array.of(0.2, 0.8), classes: 2 };
    expect(Object.keys(multiclassMetrics(two))).toEqual(metricNames('multiclass'));
  });

  it('has every family in some task', () => {
    expect(new Set(tasks.flatMap(familiesOf))).toEqual(new Set(metricFamilies));
  });
});

describe('regression metrics', () => {
  it('agree with scikit-learn', () => {
    const { target, predicted, expected } = reference.regression;
    const found = regressionMetrics({
      target: Float64Array.from(target),
      predicted: Float64Array.from(predicted),
    });
    for (const [name, value] of Object.entries(expected)) {
      expect(found, name).toHaveProperty(name, expect.closeTo(value, 12));
    }
  });

  it('hold r2 ≤ 1, mae ≤ rmse and rmse² = mse, and are never NaN', () => {
    // Squares of numbers below 1e-150 or so vanish.
    const guesses = fc
      .double({ noNaN: true, min: -1e6, max: 1e6 })
      .map((guess) => (Math.abs(guess) < 1e-100 ? 0 : guess));
    const values = fc.array(fc.tuple(guesses, fc.integer({ min: -5, max: 5 })));
    fc.assert(
      fc.property(values, (pairs) => {
        const found = regressionMetrics({
          target: Float64Array.from(pairs, ([, truth]) => truth),
          predicted: Float64Array.from(pairs, ([guess]) => guess),
        });
        for (const value of Object.values(found)) expect(value === null || Number.isFinite(value)).toBe(true);
        if (found.r2 !== null) expect(found.r2).toBeLessThanOrEqual(1);
        const { mae, rmse, mse } = found;
        if (typeof mae !== 'number' || typeof rmse !== 'number' || typeof mse !== 'number') return;
        expect(mae).toBeLessThanOrEqual(rmse * (1 + 1e-12));
        expect(Math.abs(rmse ** 2 - mse)).toBeLessThanOrEqual(1e-9 * mse);
      }),
    );
  });

  it('are null where the rows leave them undefined', () => {
    const zeros = new Float64Array(3);
    expect(regressionMetrics({ target: zeros, predicted: zeros })).toEqual({
      r2: null,
      mse: 0,
      rmse: 0,
      mae: 0,
      mape: null,
      medianAbsoluteError: 0,
    });
    const none = new Float64Array(0);
    for (const value of Object.values(regressionMetrics({ target: none, predicted: none })))
      expect(value).toBeNull();
  });

  it('refuse lengths that differ', () => {
    const job = { target: new Float64Array(3), predicted: new Float64Array(2) };
    expect(() => regressionMetrics(job)).toThrow('3 targets, but 2 predictions');
  });
});

describe('binary metrics', () => {
  it('agree with scikit-learn, ties included', () => {
    const { target, predicted, threshold, expected } = reference.binary;
    const found = binaryMetrics({
      target: Float64Array.from(target),
      predicted: Float64Array.from(predicted),
      threshold,
    });
    for (const [name, value] of Object.entries(expected)) {
      expect(found, name).toHaveProperty(name, expect.closeTo(value, 12));
    }
  });

  it('count each pair of a positive and a negative row for ROC-AUC, ties half', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const positives = rows.filter(({ truth }) => truth === 1);
        const negatives = rows.filter(({ truth }) => truth === 0);
        let wins = 0;
        for (const p of positives) {
          for (const n of negatives) {
            wins += p.twentieths > n.twentieths ? 1 : p.twentieths === n.twentieths ? 0.5 : 0;
          }
        }
        const pairs = positives.length * negatives.length;
        const { rocAuc } = binaryMetrics({ ...columns(rows), threshold: 0.5 });
        if (pairs === 0) expect(rocAuc).toBeNull();
        else expect(rocAuc).toBeCloseTo(wins / pairs, 12);
      }),
    );
  });

  it('stay within their bounds', () => {
    fc.assert(
      fc.property(scored, fc.double({ min: 0, max: 1, noNaN: true }), (rows, threshold) => {
        const bounds = new Map([
          ['logLoss', [0, 37]],
          ['matthewsCorrelation', [-1, 1]],
        ]);
        for (const [name, value] of Object.entries(binaryMetrics({ ...columns(rows), threshold }))) {
          const [low = 0, high = 1] = bounds.get(name) ?? [];
          const slack = 1e-12;
          expect(value === null || (value >= low - slack && value <= high + slack), `${name} ${value}`).toBe(
            true,
          );
        }
      }),
    );
  });

  it('correlate decisions with the truth by nothing where there is one class or one decision', () => {
    const one = { target: Float64Array.of(1, 1), predicted: Float64Array.of(0.2, 0.8), threshold: 0.5 };
    expect(binaryMetrics(one)).toMatchObject({ matthewsCorrelation: 0, balancedAccuracy: 0.5 });
    const alike = { target: Float64Array.of(0, 1), predicted: Float64Array.of(0.7, 0.8), threshold: 0.5 };
    expect(binaryMetrics(alike)).toMatchObject({ matthewsCorrelation: 0, balancedAccuracy: 0.5 });
    const none = { target: new Float64Array(), predicted: new Float64Array(), threshold: 0.5 };
    expect(binaryMetrics(none)).toMatchObject({ matthewsCorrelation: null, balancedAccuracy: null });
  });

  it('count every row once in the confusion matrix', () => {
    fc.assert(
      fc.property(scored, (rows) => {
        const { confusion } = binaryDetail({ ...columns(rows), threshold: 0.4 });
        expect(confusion.flat().reduce((sum, count) => sum + count, 0)).toBe(rows.length);
        expect(confusion[1]?.[1]).toBe(
          rows.filter(({ truth, twentieths }) => truth === 1 && twentieths >= 8).length,
        );
      }),
    );
  });

  it('refuse a probability outside [0, 1] and a class that is none', () => {
    const one = (target: number, predicted: number) => () =>
      binaryMetrics({
        target: Float64Array.of(target),
        predicted: Float64Array.of(predicted),
        threshold: 0.5,
      });
    expect(one(1, 1.5)).toThrow('the probability of row 0 is 1.5');
    expect(one(1, Number.NaN)).toThrow('the probability of row 0 is NaN');
    expect(one(2, 0.5)).toThrow('row 0 has class 2');
  });

  it('draw curves of at most 200 points that only rise', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => ({
      truth: (i * 7) % 3 === 0 ? 1 : 0,
      score: ((i * 31) % 4999) / 5000,
    }));
    const { curves } = binaryDetail({
      target: Float64Array.from(rows, ({ truth }) => truth),
      predicted: Float64Array.from(rows, ({ score }) => score),
      threshold: 0.5,
    });
    expect(curves.roc).toHaveLength(200);
    expect(curves.roc[0]).toMatchObject({ falsePositiveRate: 0, truePositiveRate: 0 });
    expect(curves.roc.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 });
    expect(curves.precisionRecall.at(-1)?.recall).toBe(1);
    curves.roc.slice(1).forEach((point, i) => {
      expect(point.truePositiveRate).toBeGreaterThanOrEqual(curves.roc[i]?.truePositiveRate ?? 0);
      expect(point.falsePositiveRate).toBeGreaterThanOrEqual(curves.roc[i]?.falsePositiveRate ?? 0);
    });
    expect(curves.calibration.reduce((sum, bin) => sum + bin.rows, 0)).toBe(5000);
  });
});

describe('multiclass metrics', () => {
  it('score each class and average as scikit-learn does', () => {
    const target = Float64Array.of(0, 0, 1, 1, 2, 2);
    const decided = [0, 1, 1, 1, 2, 0];
    const predicted = Float64Array.from(
      decided.flatMap((label) => [0, 1, 2].map((c) => (c === label ? 0.8 : 0.1))),
    );
    const rows = { target, predicted, classes: 3 };
    const metrics = multiclassMetrics(rows);
    const { perClass, confusion } = multiclassDetail(rows);
    expect(confusion).toEqual([
      [1, 1, 0],
      [0, 2, 0],
      [1, 0, 1],
    ]);
    expect(perClass.map(({ f1 }) => f1)).toEqual([0.5, 0.8, 2 / 3]);
    expect(metrics.accuracy).toBeCloseTo(4 / 6, 12);
    expect(metrics.f1Macro).toBeCloseTo((0.5 + 0.8 + 2 / 3) / 3, 12);
    expect(metrics.logLoss).toBeCloseTo(-(4 * Math.log(0.8) + 2 * Math.log(0.1)) / 6, 12);
  });

  it('agree with scikit-learn, where a class is never decided too', () => {
    for (const { target, decided, classes, expected } of reference.multiclass) {
      const found = multiclassMetrics({
        target: Float64Array.from(target),
        predicted: Float64Array.from(
          decided.flatMap((label) => Array.from({ length: classes }, (_, c) => (c === label ? 0.6 : 0.1))),
        ),
        classes,
      });
      for (const [name, value] of Object.entries(expected)) {
        expect(found, name).toHaveProperty(name, expect.closeTo(value, 12));
      }
    }
  });
});

describe('weighted scores', () => {
  it('sum metrics by weight', () => {
    const metrics = { f1Negative: 0.6, recallNegative: 0.5, accuracy: 0.9, rocAuc: null };
    expect(weightedScore(metrics, { f1Negative: 0.5, recallNegative: 0.3, accuracy: 0.2 })).toBeCloseTo(
      0.63,
      12,
    );
    expect(weightedScore(metrics, { accuracy: 1, rocAuc: 1 })).toBeNull();
  });

  it('name a metric that does not exist', () => {
    expect(() => weightedScore({ accuracy: 1 }, { acuracy: 1 })).toThrow(
      'no metric is called acuracy; there are accuracy',
    );
  });
});

describe('the chosen threshold', () => {
  it.each<Record<string, number>>([
    { f1Negative: 0.5, recallNegative: 0.3, accuracy: 0.2 },
    { matthewsCorrelation: 1 },
    { balancedAccuracy: 0.5, brier: -0.1, accuracy: 0.5 },
  ])('is as good as the best of all thresholds by %o', (weights) => {
    fc.assert(
      fc.property(scored, (rows) => {
        const { threshold, score } = chooseThreshold({ ...columns(rows), weights });
        expect(weightedScore(binaryMetrics({ ...columns(rows), threshold }), weights)).toBeCloseTo(score, 12);
        const distinct = new Set(rows.map(({ twentieths }) => twentieths / 20));
        const lowest = Math.min(...distinct);
        for (const other of distinct) {
          if (other === lowest) continue;
          const tried = weightedScore(binaryMetrics({ ...columns(rows), threshold: other }), weights);
          expect(tried).toBeLessThanOrEqual(score + 1e-12);
        }
      }),
    );
  });

  it('stays at 0.5 where the score does not depend on it', () => {
    const rows = { target: Float64Array.of(0, 1, 1), predicted: Float64Array.of(0.1, 0.3, 0.9) };
    expect(chooseThreshold({ ...rows, weights: { rocAuc: 1 } })).toEqual({ threshold: 0.5, score: 1 });
  });

  it('for costs decides as the probability of rows counted that often would', () => {
    const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
    const cost = fc.double({ min: 0.1, max: 10, noNaN: true });
    expect(thresholdForCosts(0.4, { positive: 1, negative: 2.5 })).toBeCloseTo(0.625, 12);
    fc.assert(
      fc.property(share, share, cost, cost, (threshold, probability, positive, negative) => {
        const odds = (probability * positive) / ((1 - probability) * negative);
        const weighed = odds / (1 + odds);
        fc.pre(Math.abs(weighed - threshold) > 1e-9);
        expect(probability >= thresholdForCosts(threshold, { positive, negative })).toBe(
          weighed >= threshold,
        );
      }),
    );
  });

  it('keeps neighbouring doubles apart', () => {
    const rows = { target: Float64Array.of(0, 1), predicted: Float64Array.of(0.25, 0.25 + 2 ** -54) };
    const { threshold, score } = chooseThreshold({ ...rows, weights: { accuracy: 1 } });
    expect(score).toBe(1);
    expect(binaryMetrics({ ...rows, threshold }).accuracy).toBe(1);
  });

  it('needs a score that is defined', () => {
    const rows = { target: Float64Array.of(1, 1), predicted: Float64Array.of(0.1, 0.3) };
    expect(() => chooseThreshold({ ...rows, weights: { rocAuc: 1 } })).toThrow(
      'rocAuc is undefined at every threshold',
    );
  });
});
