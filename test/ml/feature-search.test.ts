import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column, Frame } from '../../ml/frame.ts';
import { pairedGain } from '../../ml/metrics/paired-gain.ts';
import { measureTask } from '../../ml/metrics/task-measure.ts';
import { refuseLaterFeatures } from '../../ml/moments.ts';
import { createRandom } from '../../ml/random.ts';
import { checkRecipe } from '../../ml/recipe/check.ts';
import { createGeneratedColumns } from '../../ml/recipe/generated-columns.ts';
import { fitTransform } from '../../ml/recipe/recipe.ts';
import { type GeneratedStep, type RecipeSpec, recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { neededErrors, normalQuantile, passing } from '../../ml/search/forward.ts';
import { proposeFeatures, withGenerated } from '../../ml/search/proposals.ts';
import { rankProposals } from '../../ml/search/rank-proposals.ts';
import { plainSpec, sellers, specArbitrary } from './recipe-cases.ts';

const spec: RecipeSpec = recipeSpecSchema.parse({
  inputs: [
    { name: 'price', kind: 'number' },
    { name: 'weight', kind: 'number' },
    { name: 'height', kind: 'number' },
    { name: 'state', kind: 'category' },
    { name: 'sellerState', kind: 'category' },
    { name: 'seller', kind: 'category' },
    { name: 'bought', kind: 'timestamp' },
    { name: 'delivered', kind: 'timestamp' },
  ],
  lookups: [{ name: 'sellers', key: 'seller', values: { orders: 0 } }],
  features: [
    { step: 'take', column: 'price' },
    { step: 'take', column: 'weight', as: 'grams' },
    { step: 'take', column: 'state' },
    { step: 'isEqual', left: 'state', right: 'sellerState', as: 'sameState' },
    { step: 'ratio', numerator: 'price', denominator: 'height', as: 'slope' },
    { step: 'lookup', lookup: 'sellers', value: 'orders', as: 'orders' },
    { step: 'daysBetween', from: 'bought', to: 'delivered', as: 'days' },
    { step: 'datePart', column: 'bought', part: 'month', as: 'month' },
  ],
  encode: [{ step: 'codes', columns: 'categories' }],
});
const names = (of: RecipeSpec): string[] => proposeFeatures(of).map(({ as }) => as);

describe('proposed features', () => {
  test('are made of what the recipe reads: amounts, times and categories', () => {
    const proposed = names(spec);
    for (const name of [
      'price_per_grams',
      'grams_per_price',
      'price_minus_grams',
      'orders_minus_days',
      'days_per_height',
      'bought_weekday',
      'delivered_month',
      'state_x_sellerState',
      'mean_price_by_state',
    ])
      expect(proposed).toContain(name);
  });

  test('are none of flags, parts of dates and keys of look-ups, nor what the recipe has already', () => {
    const reads = ({ as: _, ...step }: GeneratedStep) =>
      Object.values(step.step === 'datePart' ? { column: step.column } : step);
    for (const step of proposeFeatures(spec))
      for (const name of ['sameState', 'month', 'seller']) expect(reads(step)).not.toContain(name);
    const proposed = names(spec);
    for (const present of [
      'price_per_height',
      'height_per_price',
      'days_bought_to_delivered',
      'bought_month',
    ])
      expect(proposed).not.toContain(present);
  });

  test('are none that the encoding would not take, or takes away', () => {
    const plain = { ...spec, encode: [{ step: 'drop' as const, columns: ['state', 'grams'] }] };
    const proposed = proposeFeatures(plain);
    expect(proposed.filter(({ step }) => step === 'cross' || step === 'aggregate')).toEqual([]);
    expect(proposed.filter((step) => Object.values(step).includes('grams'))).toEqual([]);
  });

  test('each make a recipe that is whole, whatever the recipe was, and read no column beside its own', () => {
    fc.assert(
      fc.property(specArbitrary, (declared) => {
        const proposals = proposeFeatures(declared);
        expect(new Set(proposals.map(({ as }) => as)).size).toBe(proposals.length);
        for (const step of proposals) expect(checkRecipe(withGenerated(declared, [step]))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('are known at the moment of prediction, and made of nothing refused', () => {
    const declared = {
      moments: [{ name: 'early' }, { name: 'late' }],
      moment: 'early',
      rows: {
        columns: {
          ...Object.fromEntries(spec.inputs.map(({ name }) => [name, { availableAt: 'early' }])),
          orders: { availableAt: 'early' },
          outcome: { availableAt: 'late' },
          secret: { availableAt: 'early' },
        },
      },
      lookups: spec.lookups,
      refused: { secret: 'it is an identifier' },
      target: { column: 'outcome' },
    };
    for (const step of proposeFeatures(spec)) {
      const { features } = withGenerated(spec, [step]);
      expect(refuseLaterFeatures({ ...declared, features })).toEqual([]);
    }
  });

  test('have the values that the recipe gives them', () => {
    const rows = 40;
    const random = createRandom(5);
    const frame = plainFrame(rows, random);
    const declared = {
      ...plainSpec,
      encode: plainSpec.encode.filter(({ step }) => step === 'drop' || step === 'codes' || step === 'tfidf'),
    };
    const columnOf = createGeneratedColumns({ spec: declared, frame, lookups: [sellers] });
    const steps = proposeFeatures(declared).filter(({ step }) => step !== 'cross');
    expect(steps.length).toBeGreaterThan(50);
    const { blocks } = fitTransform({
      spec: withGenerated(declared, steps),
      frame,
      lookups: [sellers],
      seed: 1,
    });
    const { names: dense, values } = blocks.dense;
    for (const step of steps) {
      const column = columnOf(step);
      const place = dense.indexOf(step.as);
      if (column.kind !== 'number') throw new Error(`${step.as} is a number`);
      expect([...column.values]).toEqual(
        Array.from({ length: rows }, (_, row) => values[row * dense.length + place]),
      );
    }
  });
});

function plainFrame(rows: number, random: ReturnType<typeof createRandom>): Frame {
  const columns = new Map(
    plainSpec.inputs.map(({ name, kind }): [string, Column] => {
      switch (kind) {
        case 'number':
        case 'timestamp':
          return [name, { kind, values: Float64Array.from({ length: rows }, () => random.below(50) * 1e6) }];
        case 'category':
          return [
            name,
            {
              kind,
              codes: Int32Array.from({ length: rows }, () => random.below(3) - 1),
              levels: ['s1', 's2'],
            },
          ];
        default:
          return [name, { kind, values: Array.from({ length: rows }, () => 'bom produto') }];
      }
    }),
  );
  return { rows, columns };
}

describe('the ranking of features', () => {
  const numbers = recipeSpecSchema.parse({
    inputs: ['a', 'b', 'c', 'd'].map((name) => ({ name, kind: 'number' })),
    features: ['a', 'b', 'c', 'd'].map((column) => ({ step: 'take', column })),
  });
  const rankFor = (seed: number, error: (row: Record<string, number>) => number) => {
    const random = createRandom(seed);
    const rows = Array.from({ length: 800 }, () =>
      Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, 1 + 9 * random.uniform()])),
    );
    const columns = new Map(
      ['a', 'b', 'c', 'd'].map((name): [string, Column] => [
        name,
        { kind: 'number', values: Float64Array.from(rows, (row) => row[name] ?? 0) },
      ]),
    );
    const ranking = rankProposals({
      proposals: proposeFeatures(numbers),
      columnOf: createGeneratedColumns({ spec: numbers, frame: { rows: 800, columns }, lookups: [] }),
      residuals: [Float64Array.from(rows, (row) => error(row) + random.uniform())],
      seed,
    });
    for (;;) {
      const step = ranking.next();
      if (step.done === true) return step.value;
    }
  };

  test('begins with the one that the errors follow, and has a ratio but not its reciprocal', () => {
    for (const seed of [1, 2, 3]) {
      const ranked = rankFor(seed, ({ b = 0, d = 0 }) => b / d).map(({ as }) => as);
      expect(ranked[0]).toBe('b_per_d');
      expect(ranked).not.toContain('d_per_b');
      expect(ranked).toHaveLength(12);
      expect(rankFor(seed, ({ a = 0, c = 0 }) => 0.5 * (a - c))[0]?.as).toBe('a_minus_c');
    }
  });
});

describe('a gain', () => {
  const rows = 300;
  const foldOf = Int32Array.from({ length: rows }, (_, row) => row % 5);
  const gainOf = (seed: number, better: number) => {
    const random = createRandom(seed);
    const normal = () =>
      Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const target = Float64Array.from({ length: rows }, normal);
    const theirs = target.map((value) => 0.5 * value + normal());
    const ours = target.map(
      (value, row) => (theirs[row] ?? 0) * (1 - better) + better * value + 0.2 * normal(),
    );
    return pairedGain({
      seed,
      metric: 'r2',
      foldOf,
      ours: measureTask({ task: 'regression', target, predicted: ours }),
      theirs: measureTask({ task: 'regression', target, predicted: theirs }),
    });
  };

  test('of a better model exceeds the bar, that of an equal one its standard error about as often as chance', () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const errorsOf = (better: number) =>
      seeds.map((seed) => {
        const found = gainOf(seed, better);
        if (found === null) throw new Error('R² is defined');
        return found.gain / found.standardError;
      });
    expect(Math.min(...errorsOf(0.6))).toBeGreaterThan(neededErrors(500));
    const equal = errorsOf(0);
    expect(equal.filter((errors) => errors > neededErrors(1)).length).toBeLessThan(3);
    expect(Math.max(...equal)).toBeLessThan(neededErrors(500));
  });

  test('has no standard error of zero where the models differ, and is exactly none between the same', () => {
    const target = Float64Array.from({ length: rows }, (_, row) => row % 7);
    const measure = measureTask({ task: 'regression', target, predicted: target.map((value) => value + 1) });
    const same = pairedGain({ seed: 1, metric: 'r2', foldOf, ours: measure, theirs: measure });
    expect(same).toEqual({ gain: 0, standardError: 0 });
    expect(passing([{ number: 0, gain: 0, standardError: 0 }], 2)).toEqual([]);
    expect(pairedGain({ seed: 1, metric: 'rocAuc', foldOf, ours: measure, theirs: measure })).toBeNull();
  });

  test('has the spread of the folds that leave the metric defined', () => {
    const ofFold = [0.2, 0.4, null, 0.6, 0.8];
    const ours = (counts?: Int32Array) => {
      const folds = new Set(foldOf.filter((_, row) => counts === undefined || (counts[row] ?? 0) > 0));
      return { r2: folds.size === 1 ? (ofFold[Math.max(...folds)] ?? null) : 0.5 };
    };
    const found = pairedGain({ seed: 1, metric: 'r2', foldOf, ours, theirs: () => ({ r2: 0 }) });
    expect(found?.gain).toBe(0.5);
    // The deviation of the four about 0.5, over the root of four.
    expect(found?.standardError).toBeCloseTo(Math.sqrt((0.09 + 0.01 + 0.01 + 0.09) / 3) / 2, 12);
  });
});

describe('the bar', () => {
  test('rises with the number of features there were to choose from', () => {
    expect(neededErrors(1)).toBe(2);
    expect(neededErrors(20)).toBeCloseTo(2.807, 3);
    expect(neededErrors(500)).toBeCloseTo(3.719, 3);
  });

  test('is a quantile of the normal distribution', () => {
    // Tables of the standard normal distribution.
    expect(normalQuantile(0.5)).toBeCloseTo(0, 8);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 8);
    expect(normalQuantile(0.001)).toBeCloseTo(-3.090232306, 8);
    expect(normalQuantile(1 - 1e-6)).toBeCloseTo(4.753424309, 7);
  });

  test('passes what exceeds it, the largest gain first', () => {
    const gains = [
      { number: 1, gain: 0.02, standardError: 0.001 },
      { number: 2, gain: 0.05, standardError: 0.01 },
      { number: 3, gain: 0.09, standardError: 0.05 },
      { number: 4, gain: -0.05, standardError: 0.001 },
    ];
    expect(passing(gains, 3).map(({ number }) => number)).toEqual([2, 1]);
  });
});
