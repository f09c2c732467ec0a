import { describe, expect, it } from 'vitest';
import type { JsonValue, Task } from '../../ml/learner.ts';
import { baseline } from '../../ml/learners/baseline.ts';
import { fitToEnd } from '../../ml/learners/registry.ts';
import reference from './fixtures/learners.json' with { type: 'json' };
import { blocksOf } from './learners-rows.ts';

const { naive, number, label, kind, weights } = reference;
const classesOf: Partial<Record<Task, number>> = { binary: 2, multiclass: 3 };

function answersOf(
  task: Task,
  target: readonly number[],
  { weights: of, ...params }: { weights?: readonly number[]; strategy?: JsonValue } = {},
): number[] {
  const training = {
    task,
    blocks: blocksOf(target.map(() => [0])),
    target: Float64Array.from(target),
    classes: classesOf[task] ?? 0,
    seed: 1,
  };
  const weighted = of === undefined ? training : { ...training, weights: Float64Array.from(of) };
  const model = fitToEnd(baseline, weighted, params);
  return [...baseline.load(model).predict(blocksOf([[0]]))];
}

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 10));

describe('the baseline', () => {
  it('answers as scikit-learn: mean, median, prior, most frequent', () => {
    expect(answersOf('regression', number)).toEqual(close([naive.mean]));
    expect(answersOf('regression', number, { strategy: 'mean' })).toEqual(close([naive.mean]));
    expect(answersOf('regression', number, { strategy: 'median' })).toEqual(close([naive.median]));
    expect(answersOf('regression', number, { strategy: 'median', weights })).toEqual([naive.weightedMedian]);
    expect(answersOf('multiclass', kind, { weights })).toEqual(close(naive.prior));
    expect(answersOf('multiclass', kind, { weights, strategy: 'mostFrequent' })).toEqual(naive.mostFrequent);
  });

  it('answers the share of class 1, or the more frequent of two classes', () => {
    const share = label.reduce((sum, value) => sum + value, 0) / label.length;
    expect(answersOf('binary', label)).toEqual(close([share]));
    expect(answersOf('binary', [1, 1, 0], { strategy: 'mostFrequent' })).toEqual([1]);
    expect(answersOf('binary', [1, 0], { strategy: 'mostFrequent' })).toEqual([0]);
  });

  it('takes the mean of two values that share the middle, and counts no row of weight 0', () => {
    expect(answersOf('regression', [5, 1, 3, 2], { strategy: 'median' })).toEqual([2.5]);
    const weighted = { strategy: 'median', weights: [1, 0, 3, 2] };
    expect(answersOf('regression', [5, 1, 3, 2], weighted)).toEqual([3]);
  });

  it('refuses a strategy of another task', () => {
    expect(() => answersOf('binary', [0, 1], { strategy: 'median' })).toThrow(
      'strategy median is not for binary; there are prior and mostFrequent',
    );
  });
});
