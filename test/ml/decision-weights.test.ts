import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDecisionWeights } from '../../ml/decision-weights.ts';
import { decideMulticlass } from '../../ml/metrics/classification.ts';
import { measureTask } from '../../ml/metrics/task-measure.ts';
import { createRandom } from '../../ml/random.ts';

/** Three classes, the middle one rare and hardly ever the most probable. */
function draw(rows: number, seed: number) {
  const random = createRandom(seed);
  const predicted = new Float64Array(rows * 3);
  const target = Float64Array.from({ length: rows }, (_, row) => {
    const drawn = random.uniform();
    const label = drawn < 0.3 ? 0 : drawn < 0.4 ? 1 : 2;
    const middle = (label === 1 ? 0.35 : 0.15) * random.uniform();
    const low = (1 - middle) * (label === 0 ? 0.4 + 0.6 * random.uniform() : 0.6 * random.uniform());
    predicted.set([low, middle, 1 - middle - low], row * 3);
    return label;
  });
  return { target, predicted, classes: 3 };
}

const scoreOf = (rows: ReturnType<typeof draw>, decisionWeights: readonly number[], metric: string) =>
  measureTask({ task: 'multiclass', ...rows, decisionWeights })()[metric] ?? Number.NaN;

describe('the weights of decisions', () => {
  it('let a rare class be decided that is never the most probable', () => {
    const rows = draw(400, 5);
    const { decisionWeights, score } = chooseDecisionWeights(rows, { f1Macro: 1 });
    expect(decisionWeights[2]).toBe(1);
    expect(decisionWeights[1]).toBeGreaterThan(1);
    expect(score).toBe(scoreOf(rows, decisionWeights, 'f1Macro'));
    expect(score).toBeGreaterThan(scoreOf(rows, [1, 1, 1], 'f1Macro') + 0.1);
  });

  it('are not beaten by another weight of one class', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.constantFrom('f1Macro', 'accuracy', 'balancedAccuracy'),
        fc.constantFrom(0, 1),
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        (seed, metric, k, weight) => {
          const rows = draw(60, seed);
          const { decisionWeights, score } = chooseDecisionWeights(rows, { [metric]: 1 });
          expect(score).toBeGreaterThanOrEqual(
            scoreOf(rows, decisionWeights.with(k, weight), metric) - 1e-12,
          );
        },
      ),
    );
  });

  it('leave every row a gap, so that rounding flips none', () => {
    const rows = draw(200, 9);
    const { decisionWeights } = chooseDecisionWeights(rows, { f1Macro: 1 });
    const decided = (by: number) =>
      decideMulticlass({
        ...rows,
        decisionWeights: decisionWeights.map((weight, k) => (k === 1 ? weight * by : weight)),
      });
    expect(decided(1 + 1e-12)).toEqual(decided(1));
    expect(decided(1 - 1e-12)).toEqual(decided(1));
  });

  it('take a pipeline’s own score, metrics without decisions among them', () => {
    const rows = draw(100, 4);
    const { decisionWeights, score } = chooseDecisionWeights(rows, {
      f1Macro: 0.5,
      accuracy: 0.5,
      logLoss: -0.1,
    });
    const metrics = (metric: string) => scoreOf(rows, decisionWeights, metric);
    expect(score).toBeCloseTo(
      0.5 * metrics('f1Macro') + 0.5 * metrics('accuracy') - 0.1 * metrics('logLoss'),
      12,
    );
  });

  it('are refused without rows', () => {
    const rows = { target: new Float64Array(), predicted: new Float64Array(), classes: 3 };
    expect(() => chooseDecisionWeights(rows, { f1Macro: 1 })).toThrow('f1Macro is undefined over 0 rows');
  });
});
