import { describe, expect, test } from 'vitest';
import { type FeatureValues, singleFeatureScore } from '../../ml/metrics/single-feature.ts';
import { createRandom } from '../../ml/random.ts';

const rows = 600;
const random = createRandom(3);
const uniform = Float64Array.from({ length: rows }, () => random.uniform());
const other = Float64Array.from({ length: rows }, () => random.uniform());
const heldOut = Uint8Array.from({ length: rows }, (_, row) => row % 2);

const r2 = (values: FeatureValues, target: Float64Array): number =>
  singleFeatureScore({ values, target, heldOut, task: 'regression' }) ?? Number.NaN;
const auc = (values: FeatureValues, target: Float64Array): number =>
  singleFeatureScore({ values, target, heldOut, task: 'binary' }) ?? Number.NaN;

describe('a feature alone', () => {
  test('tells a target that is a function of it, whatever its shape', () => {
    expect(
      r2(
        uniform,
        uniform.map((x) => 3 - 2 * x),
      ),
    ).toBeGreaterThan(0.995);
    expect(
      r2(
        uniform,
        uniform.map((x) => Math.sin(6 * x)),
      ),
    ).toBeGreaterThan(0.995);
    expect(
      auc(
        uniform,
        uniform.map((x) => (x > 0.3 && x < 0.6 ? 1 : 0)),
      ),
    ).toBeGreaterThan(0.99);
  });

  test('tells nothing of a target that is independent of it', () => {
    expect(r2(uniform, other)).toBeLessThan(0.05);
    expect(
      Math.abs(
        auc(
          uniform,
          other.map((x) => (x > 0.5 ? 1 : 0)),
        ) - 0.5,
      ),
    ).toBeLessThan(0.1);
  });

  test('with levels of its own for each row tells nothing, for they are not met again', () => {
    const levels = Array.from({ length: rows }, (_, row) => `level ${row}`);
    expect(
      auc(
        levels,
        uniform.map((x) => (x > 0.5 ? 1 : 0)),
      ),
    ).toBe(0.5);
  });

  test('tells a target by its absence', () => {
    const target = uniform.map((x) => (x > 0.5 ? 1 : 0));
    const numbers = other.map((x, row) => (target[row] === 1 ? Number.NaN : x));
    expect(auc(numbers, target)).toBe(1);
    const texts = Array.from(target, (value) => (value === 1 ? null : 'here'));
    expect(auc(texts, target)).toBe(1);
  });

  test('scores the same in whatever order equal values come', () => {
    const steps = uniform.map((x) => Math.floor(x * 4));
    const target = uniform.map((x, row) => x + (other[row] as number));
    const turned = (values: Float64Array) => values.toReversed();
    const there = singleFeatureScore({ values: steps, target, heldOut, task: 'regression' });
    const back = singleFeatureScore({
      values: turned(steps),
      target: turned(target),
      heldOut: heldOut.toReversed(),
      task: 'regression',
    });
    expect(back).toBeCloseTo(there ?? Number.NaN, 10);
  });

  test('has no score where the held-out rows are of one class', () => {
    const target = heldOut.map((held) => (held === 1 ? 0 : 1));
    expect(
      singleFeatureScore({ values: uniform, target: Float64Array.from(target), heldOut, task: 'binary' }),
    ).toBeNull();
  });
});
