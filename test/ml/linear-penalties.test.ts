import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { findLearner, fitToEnd } from '../../ml/learners/registry.ts';
import { createRandom } from '../../ml/random.ts';
import reference from './fixtures/learners.json' with { type: 'json' };
import { blocksOf } from './learners-rows.ts';

/** What a linear model stores, of one output or of one a class. */
const headSchema = z.union([
  z
    .object({ coefficients: z.array(z.number()), intercept: z.number() })
    .transform(({ coefficients, intercept }) => ({ coefficients: [coefficients], intercepts: [intercept] })),
  z.object({ coefficients: z.array(z.array(z.number())), intercepts: z.array(z.number()) }),
]);

const x = blocksOf(reference.x);
const targets = { regression: reference.number, binary: reference.label, multiclass: reference.kind };
type Task = keyof typeof targets;

function train(task: Task, { weighted = false, ...params }: { l1: number; l2: number; weighted?: boolean }) {
  const learner = findLearner(task === 'regression' ? 'linear' : 'logistic');
  const training = {
    task,
    blocks: x,
    target: Float64Array.from(targets[task]),
    classes: { regression: 0, binary: 2, multiclass: 3 }[task],
    seed: 1,
    ...(weighted ? { weights: Float64Array.from(reference.weights) } : {}),
  };
  const model = fitToEnd(learner, training, params);
  return { model, learner, training, ...headSchema.parse(model.head) };
}

const z0 = standardised(reference.x);
function standardised(rows: readonly (readonly number[])[]): number[][] {
  const columns = rows[0]?.map((_, i) => rows.map((row) => row[i] ?? 0)) ?? [];
  const moments = columns.map((values) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { mean, spread: Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length) };
  });
  return rows.map((row) => row.map((v, i) => (v - (moments[i]?.mean ?? 0)) / (moments[i]?.spread ?? 1)));
}

type Solution = { coefficients: number[][]; intercepts: number[] };

/** The penalised loss as its definition has it. */
function objective(
  task: Task,
  { coefficients, intercepts }: Solution,
  { l1, l2, weighted }: { l1: number; l2: number; weighted: boolean },
): number {
  let sum = 0;
  z0.forEach((row, i) => {
    const scores = coefficients.map((list, k) =>
      list.reduce((score, coefficient, j) => score + coefficient * (row[j] ?? 0), intercepts[k] ?? 0),
    );
    const y = targets[task][i] ?? 0;
    const all = task === 'binary' ? [0, scores[0] ?? 0] : scores;
    const loss =
      task === 'regression'
        ? ((scores[0] ?? 0) - y) ** 2 / 2
        : Math.log(all.reduce((total, score) => total + Math.exp(score), 0)) - (all[y] ?? 0);
    sum += (weighted ? (reference.weights[i] ?? 0) : 1) * loss;
  });
  for (const value of coefficients.flat()) sum += l1 * Math.abs(value) + (l2 / 2) * value ** 2;
  return sum;
}

const cases = [
  ...reference.elastic.map((expected) => ({ task: 'regression' as const, expected })),
  ...reference.logistic.map((expected) => ({ task: 'binary' as const, expected })),
  ...reference.softmax.map((expected) => ({ task: 'multiclass' as const, expected })),
].map(({ task, expected }) => ({ task, l1: expected.l1, l2: expected.l2, expected }));

describe('linear models under L1 and L2', () => {
  it.each(cases)('agree with scikit-learn: $task, l1 $l1, l2 $l2', ({ task, expected }) => {
    const { l1, l2, weighted } = expected;
    const found = train(task, { l1, l2, weighted });
    const theirs = objective(task, expected, expected);
    expect(Math.abs(objective(task, found, expected) / theirs - 1)).toBeLessThan(1e-9);
    found.coefficients.flat().forEach((value, i) => {
      expect(value).toBeCloseTo(expected.coefficients.flat()[i] ?? Number.NaN, 4);
    });
  });

  it.each(['regression', 'binary', 'multiclass'] as const)(
    'have a coefficient of 0 just where its slope is within l1: %s',
    (task) => {
      fc.assert(
        fc.property(fc.double({ min: 0.05, max: 60, noNaN: true }), fc.boolean(), (l1, elastic) => {
          const penalties = { l1, l2: elastic ? 1 : 0, weighted: false };
          const found = train(task, penalties);
          const at = (moved: Solution) => objective(task, moved, { ...penalties, l1: 0 });
          found.coefficients.forEach((list, k) => {
            list.forEach((value, j) => {
              const move = (by: number) => ({
                ...found,
                coefficients: found.coefficients.map((of, i) =>
                  i === k ? of.map((other, at) => (at === j ? other + by : other)) : of,
                ),
              });
              const slope = (at(move(1e-4)) - at(move(-1e-4))) / 2e-4;
              if (value === 0) expect(Math.abs(slope)).toBeLessThan(l1 * (1 + 1e-6) + 1e-5);
              else expect(slope).toBeCloseTo(-l1 * Math.sign(value), 4);
            });
          });
        }),
        { numRuns: 12 },
      );
    },
  );

  it('have no coefficient left under a large L1', () => {
    for (const task of ['regression', 'binary', 'multiclass'] as const) {
      const { coefficients } = train(task, { l1: 1e4, l2: 0 });
      expect(coefficients.flat().every((value) => value === 0)).toBe(true);
    }
  });

  it('settle columns that depend on each other', () => {
    const twice = blocksOf(reference.x.map((row) => [...row, row[0] ?? 0]));
    const target = Float64Array.from(reference.number);
    const coefficientsOf = (blocks: typeof x) =>
      headSchema
        .parse(
          fitToEnd(
            findLearner('linear'),
            { task: 'regression', blocks, target, classes: 0, seed: 1 },
            { l1: 5, l2: 0 },
          ).head,
        )
        .coefficients.flat();
    const [once, both] = [coefficientsOf(x), coefficientsOf(twice)];
    expect((both[0] ?? 0) + (both[8] ?? 0)).toBeCloseTo(once[0] ?? Number.NaN, 6);
    expect(both.slice(1, 8)).toEqual(once.slice(1).map((value) => expect.closeTo(value, 6)));
  });

  it('are refused without any penalty on classes', () => {
    const { params } = findLearner('logistic');
    expect(params.safeParse({ l1: 0, l2: 0 }).error?.issues[0]?.message).toContain(
      'l1 or l2 must be above 0',
    );
    expect(params.safeParse({ l1: 1, l2: 0 }).success).toBe(true);
  });
});

describe('softmax regression', () => {
  it('gives each row probabilities that add up to 1, and those of two classes as logistic does', () => {
    const { model, learner } = train('multiclass', { l1: 0, l2: 1 });
    const probabilities = learner.load(model).predict(x);
    expect(probabilities).toHaveLength(3 * x.rows);
    for (let row = 0; row < x.rows; row++) {
      const sum = probabilities.subarray(3 * row, 3 * row + 3).reduce((total, p) => total + p, 0);
      expect(sum).toBeCloseTo(1, 12);
    }
    // Two rows of coefficients share what one would carry, and half of its penalty.
    const target = Float64Array.from(reference.label);
    const two = fitToEnd(learner, { task: 'multiclass', blocks: x, target, classes: 2, seed: 1 }, { l2: 2 });
    const one = fitToEnd(learner, { task: 'binary', blocks: x, target, classes: 2, seed: 1 }, { l2: 1 });
    const ofOne = learner.load(one).predict(x);
    const ofTwo = learner.load(two).predict(x);
    for (let row = 0; row < x.rows; row++) expect(ofTwo[2 * row + 1]).toBeCloseTo(ofOne[row] ?? -1, 9);
  });

  it('can be stopped within its first step', () => {
    const rows = 4000;
    const random = createRandom(1);
    const table = Array.from({ length: rows }, () => Array.from({ length: 6 }, () => random.uniform()));
    const target = Float64Array.from(table, ([a = 0]) => Math.floor(a * 3));
    const learner = findLearner('logistic');
    const steps = learner.fit(
      { task: 'multiclass', blocks: blocksOf(table), target, classes: 3, seed: 1 },
      learner.params.parse({}),
    );
    expect(steps.next().value).toEqual({ done: 0, total: 100 });
  });

  it('says how many coefficients are too many', () => {
    const table = Array.from({ length: 4 }, () => new Array<number>(700).fill(1));
    const job = { task: 'multiclass', blocks: blocksOf(table), classes: 3, seed: 1 } as const;
    expect(() => fitToEnd(findLearner('logistic'), { ...job, target: Float64Array.of(0, 1, 2, 0) })).toThrow(
      'at most 2000 coefficients; 3 classes of 700 columns and an intercept have 2103',
    );
  });
});
