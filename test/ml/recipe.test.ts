import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../ml/frame.ts';
import { compileRecipe } from '../../ml/recipe/compile.ts';
import { type Instance, rowsToFrame } from '../../ml/recipe/instances.ts';
import { fitTransform, fittedRecipeSchema, transform } from '../../ml/recipe/recipe.ts';
import { type RecipeSpec, recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { bits, instanceArbitrary, plainSpec, sellers, specArbitrary, targetSpec } from './recipe-cases.ts';

const rowsArbitrary = fc.array(instanceArbitrary, { minLength: 1, maxLength: 30 });
const lookups = [sellers];

/** Deterministic, and without meaning. */
const targetFor = (rows: number) => Float64Array.from({ length: rows }, (_, row) => (row * 7) % 5);

function fitRows(spec: RecipeSpec, frame: Frame, seed = 1) {
  return fitTransform({ spec, frame, lookups, target: targetFor(frame.rows), seed });
}

function denseColumn(blocks: ReturnType<typeof transform>, name: string): number[] {
  const { names, values } = blocks.dense;
  const place = names.indexOf(name);
  expect(names).toContain(name);
  return [...values].filter((_, at) => at % names.length === place);
}

describe('the laws of a recipe', () => {
  it('fits and transforms its own rows alike where no step is out of fold', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const frame = rowsToFrame(rows, plainSpec.inputs);
        const { fitted, blocks } = fitRows(plainSpec, frame);
        expect(bits(transform({ fitted, frame, lookups }))).toEqual(bits(blocks));
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['without a target', plainSpec],
    ['with target encoding', targetSpec],
  ])('gives the same bits over columns and over single rows, %s', (_, spec) => {
    fc.assert(
      fc.property(rowsArbitrary, rowsArbitrary, (training, served) => {
        const { fitted } = fitRows(spec, rowsToFrame(training, spec.inputs));
        const frame = rowsToFrame(served, spec.inputs);
        const byColumns = bits(transform({ fitted, frame, lookups }));
        const compiled = compileRecipe(fitted, lookups);
        expect(bits(compiled.transform(served))).toEqual(byColumns);
        // A compiled recipe carries nothing from one request to the next.
        expect(bits(compiled.transform(served))).toEqual(byColumns);
      }),
      { numRuns: 60 },
    );
  });

  it('gives the same bits over columns and over single rows, whatever the recipe', () => {
    fc.assert(
      fc.property(specArbitrary, rowsArbitrary, rowsArbitrary, (spec, training, served) => {
        const { fitted, blocks } = fitRows(spec, rowsToFrame(training, spec.inputs));
        const frame = rowsToFrame(served, spec.inputs);
        const byColumns = transform({ fitted, frame, lookups });
        expect(bits(compileRecipe(fitted, lookups).transform(served))).toEqual(bits(byColumns));
        expect(byColumns.dense.names).toEqual(blocks.dense.names);
        expect(byColumns.codes.levels).toEqual(blocks.codes.levels);
      }),
      { numRuns: 150 },
    );
  });

  it('survives its round trip through JSON to the bit', () => {
    fc.assert(
      fc.property(rowsArbitrary, (rows) => {
        const frame = rowsToFrame(rows, targetSpec.inputs);
        for (const spec of [plainSpec, targetSpec]) {
          const { fitted } = fitRows(spec, frame);
          const loaded = fittedRecipeSchema.parse(JSON.parse(JSON.stringify(fitted)));
          expect(loaded).toEqual(fitted);
          expect(bits(transform({ fitted: loaded, frame, lookups }))).toEqual(
            bits(transform({ fitted, frame, lookups })),
          );
        }
      }),
      { numRuns: 30 },
    );
  });

  it('transforms each row without regard to its neighbours', () => {
    fc.assert(
      fc.property(rowsArbitrary, rowsArbitrary, (training, served) => {
        const { fitted } = fitRows(plainSpec, rowsToFrame(training, plainSpec.inputs));
        const together = bits(transform({ fitted, frame: rowsToFrame(served, plainSpec.inputs), lookups }));
        const alone = served.map((row) =>
          bits(transform({ fitted, frame: rowsToFrame([row], plainSpec.inputs), lookups })),
        );
        expect(alone.flatMap(({ dense }) => dense.values)).toEqual(together.dense.values);
        expect(alone.flatMap(({ codes }) => codes.values)).toEqual(together.codes.values);
        expect(alone.flatMap(({ sparse }) => sparse.values)).toEqual(together.sparse.values);
      }),
      { numRuns: 30 },
    );
  });

  it("gives no meaning to the order of a frame's levels", () => {
    const rows = [{ state: 'SP' }, { state: 'RJ' }, { state: 'SP' }, { state: null }];
    const frame = rowsToFrame(rows, plainSpec.inputs);
    const turned: Frame = {
      rows: 4,
      columns: new Map([
        ...frame.columns,
        ['state', { kind: 'category', codes: Int32Array.of(2, 1, 2, -1), levels: ['ZZ', 'RJ', 'SP'] }],
      ]),
    };
    expect(fitRows(targetSpec, turned)).toEqual(fitRows(targetSpec, frame));
    expect(fitRows(plainSpec, turned)).toEqual(fitRows(plainSpec, frame));
  });
});

const encodeOnly = (encode: unknown[], kind = 'number'): RecipeSpec =>
  recipeSpecSchema.parse({
    inputs: [{ name: 'x', kind }],
    features: [{ step: 'take', column: 'x' }],
    encode,
  });

function fitOn(spec: RecipeSpec, values: unknown[]) {
  const frame = rowsToFrame(
    values.map((x) => ({ x })),
    spec.inputs,
  );
  return fitTransform({ spec, frame, lookups: [], target: targetFor(frame.rows), seed: 1 });
}

describe('encode steps', () => {
  it('clips at interquartile ranges from the quartiles and leaves missing values', () => {
    const spec = encodeOnly([{ step: 'clip', columns: 'numbers', method: 'interquartile', width: 1.5 }]);
    const { blocks } = fitOn(spec, [1, 2, 3, 4, 5, 100, null]);
    // Quartiles 2.25 and 4.75.
    expect(denseColumn(blocks, 'x')).toEqual([1, 2, 3, 4, 5, 8.5, Number.NaN]);
  });

  it('scales by the deviation of the population and only centres a constant', () => {
    const spec = encodeOnly([{ step: 'scale', columns: ['x'], method: 'standard' }]);
    expect(denseColumn(fitOn(spec, [1, 3]).blocks, 'x')).toEqual([-1, 1]);
    expect(denseColumn(fitOn(spec, [5, 5, 5]).blocks, 'x')).toEqual([0, 0, 0]);
  });

  it('fills a column that was never observed with zero', () => {
    const spec = encodeOnly([{ step: 'impute', columns: ['x'], strategy: 'median', indicator: true }]);
    const { blocks } = fitOn(spec, [null, null]);
    expect(denseColumn(blocks, 'x')).toEqual([0, 0]);
    expect(denseColumn(blocks, 'x_missing')).toEqual([1, 1]);
  });

  it('gives rare and unseen levels to "other" and no column to missing ones', () => {
    const spec = encodeOnly([{ step: 'oneHot', columns: ['x'], maxLevels: 2 }], 'category');
    const { fitted, blocks } = fitOn(spec, ['a', 'a', 'b', 'b', 'c', null]);
    expect(blocks.dense.names).toEqual(['x=a', 'x=b', 'x=other']);
    expect(denseColumn(blocks, 'x=other')).toEqual([0, 0, 0, 0, 1, 0]);
    const served = compileRecipe(fitted, []).transform([{ x: 'new' }, { x: null }, { x: 'b' }]);
    expect([...served.dense.values]).toEqual([0, 0, 1, 0, 0, 0, 0, 1, 0]);
  });

  it('codes levels by name and makes rare and unseen ones missing', () => {
    const spec = encodeOnly([{ step: 'codes', columns: ['x'], maxLevels: 2 }], 'category');
    const { fitted, blocks } = fitOn(spec, ['b', 'b', 'a', 'a', 'c', null]);
    expect(blocks.codes).toEqual({
      names: ['x'],
      levels: [['a', 'b']],
      values: Int32Array.of(1, 1, 0, 0, -1, -1),
    });
    expect([...compileRecipe(fitted, []).transform([{ x: 'new' }]).codes.values]).toEqual([-1]);
  });

  it('keeps a training row from its own target', () => {
    const spec = encodeOnly([{ step: 'targetEncode', columns: ['x'], smoothing: 0, folds: 2 }], 'category');
    // Each level occurs once: out of fold nothing but the other fold's mean is known of it.
    const frame = rowsToFrame([{ x: 'a' }, { x: 'b' }, { x: 'c' }, { x: 'd' }], spec.inputs);
    const target = Float64Array.of(0, 0, 1, 1);
    const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], target, seed: 3 });
    const own = denseColumn(blocks, 'x_target');
    const fresh = denseColumn(transform({ fitted, frame, lookups: [] }), 'x_target');
    expect(fresh).toEqual([0, 0, 1, 1]);
    const flipped = fitTransform({ spec, frame, lookups: [], target: Float64Array.of(1, 0, 1, 1), seed: 3 });
    expect(denseColumn(flipped.blocks, 'x_target')[0]).toBe(own[0]);
  });

  it('pulls a level towards the global mean by the smoothing', () => {
    const spec = encodeOnly([{ step: 'targetEncode', columns: ['x'], smoothing: 2, folds: 2 }], 'category');
    const frame = rowsToFrame([{ x: 'a' }, { x: 'a' }, { x: 'b' }, { x: null }], spec.inputs);
    const target = Float64Array.of(1, 1, 0, 0);
    const { fitted } = fitTransform({ spec, frame, lookups: [], target, seed: 3 });
    const served = compileRecipe(fitted, []).transform([{ x: 'a' }, { x: 'b' }, { x: null }, { x: 'new' }]);
    expect([...served.dense.values]).toEqual([(2 + 2 * 0.5) / 4, (0 + 2 * 0.5) / 3, 1 / 3, 0.5]);
  });

  it('takes the mean of the rows before in a random order, and for rows outside the fit that of all', () => {
    const encode = { step: 'targetEncode', columns: ['x'], smoothing: 1, permutations: 1 } as const;
    const spec = encodeOnly([encode], 'category');
    const rows = Array.from({ length: 8 }, () => ({ x: 'a' }));
    const frame = rowsToFrame(rows, spec.inputs);
    const target = Float64Array.of(1, 1, 1, 1, 1, 1, 0, 0);
    const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], target, seed: 3 });
    const own = denseColumn(blocks, 'x_target');
    // The first row has the overall mean, the second that and one target.
    expect(own).toContain(0.75);
    expect(own.some((value) => value === 1.75 / 2 || value === 0.75 / 2)).toBe(true);
    expect([...compileRecipe(fitted, []).transform([{ x: 'a' }]).dense.values]).toEqual([6.75 / 9]);
    // A row's own target reaches the rows behind it only, so of two that exchange theirs the first keeps its value.
    const exchanged = target.with(0, 0).with(6, 1);
    const { blocks: others } = fitTransform({ spec, frame, lookups: [], target: exchanged, seed: 3 });
    const moved = denseColumn(others, 'x_target');
    expect(moved).not.toEqual(own);
    expect(moved[0] === own[0] || moved[6] === own[6]).toBe(true);
  });

  it('gives each random order a column of its own, which are equal outside the fit', () => {
    const encode = { step: 'targetEncode', columns: ['x'], permutations: 3 } as const;
    const spec = encodeOnly([encode], 'category');
    const frame = rowsToFrame(
      Array.from({ length: 30 }, (_, row) => ({ x: 'abc'[row % 3] })),
      spec.inputs,
    );
    const { fitted, blocks } = fitTransform({ spec, frame, lookups: [], target: targetFor(30), seed: 5 });
    expect(blocks.dense.names).toEqual(['x_target_1', 'x_target_2', 'x_target_3']);
    const [first, second, third] = blocks.dense.names.map((name) => denseColumn(blocks, name));
    expect(first).not.toEqual(second);
    expect(second).not.toEqual(third);
    const served = transform({ fitted, frame, lookups: [] });
    expect(denseColumn(served, 'x_target_1')).toEqual(denseColumn(served, 'x_target_3'));
  });

  it.each([{ folds: 3 }, { permutations: 2 }])('repeats its draws by seed: %o', (drawn) => {
    const spec = encodeOnly([{ step: 'targetEncode', columns: ['x'], ...drawn }], 'category');
    const frame = rowsToFrame(
      Array.from({ length: 30 }, (_, row) => ({ x: 'abc'[row % 3] })),
      spec.inputs,
    );
    const run = (seed: number) =>
      fitTransform({ spec, frame, lookups: [], target: targetFor(30), seed }).blocks.dense.values;
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
  });
});

describe('look-ups', () => {
  const spec = recipeSpecSchema.parse({
    inputs: [{ name: 'seller', kind: 'category' }],
    lookups: [{ name: 'sellers', key: 'seller', values: { orders: 7, meanScore: null } }],
    features: [
      { step: 'lookup', lookup: 'sellers', value: 'orders', as: 'sellerOrders' },
      { step: 'lookup', lookup: 'sellers', value: 'meanScore', as: 'sellerScore' },
    ],
  });
  const frame = rowsToFrame([{ seller: 's1' }, { seller: 'unknown' }, {}], spec.inputs);

  it('read the table and give defaults for keys that it does not hold', () => {
    const { blocks } = fitTransform({ spec, frame, lookups, seed: 1 });
    expect([...blocks.dense.values]).toEqual([10, 4.5, 7, Number.NaN, 7, Number.NaN]);
  });

  it('let the as-of column of a frame go before the table', () => {
    const asOf: Frame = {
      rows: 3,
      columns: new Map([
        ...frame.columns,
        ['sellerOrders', { kind: 'number', values: Float64Array.of(1, 2, 3) }],
      ]),
    };
    const { fitted, blocks } = fitTransform({ spec, frame: asOf, lookups, seed: 1 });
    expect(denseColumn(blocks, 'sellerOrders')).toEqual([1, 2, 3]);
    expect(denseColumn(transform({ fitted, frame, lookups }), 'sellerOrders')).toEqual([10, 7, 7]);
  });

  it('refuse an absent table, a repeated key and a value of the wrong length', () => {
    const run = (tables: (typeof sellers)[]) => () => fitTransform({ spec, frame, lookups: tables, seed: 1 });
    expect(run([])).toThrow('lookups sellers: no table of this name; given: none');
    expect(run([{ ...sellers, keys: ['s1', 's1', 's2'] }])).toThrow('1 keys are repeated');
    expect(run([{ ...sellers, keys: ['s1'] }])).toThrow("3 values of 'orders' for 1 keys");
  });
});

describe('arithmetic', () => {
  it('leaves missing what no double holds, for no linear model takes an infinity', () => {
    const spec = recipeSpecSchema.parse({
      inputs: ['x', 'y'].map((name) => ({ name, kind: 'number' })),
      features: [
        { step: 'ratio', numerator: 'x', denominator: 'y', as: 'ratio' },
        { step: 'sum', columns: ['x', 'y'], as: 'sum' },
        { step: 'difference', left: 'x', right: 'y', as: 'difference' },
      ],
    });
    const rows = [
      { x: 6, y: 3 },
      { x: 6, y: 0 },
      { x: 6, y: 1e-320 },
      { x: 1.5e308, y: 1.5e308 },
      { x: 1.5e308, y: -1.5e308 },
    ];
    const { blocks } = fitTransform({ spec, frame: rowsToFrame(rows, spec.inputs), lookups: [], seed: 1 });
    expect(denseColumn(blocks, 'ratio')).toEqual([2, Number.NaN, Number.NaN, 1, -1]);
    expect(denseColumn(blocks, 'sum')).toEqual([9, 6, 6, Number.NaN, 0]);
    expect(denseColumn(blocks, 'difference')).toEqual([3, 6, 6, 0, Number.NaN]);
  });
});

describe('a cross', () => {
  it('is one level for each pair, and missing where either side is', () => {
    const spec = recipeSpecSchema.parse({
      inputs: ['x', 'y'].map((name) => ({ name, kind: 'category' })),
      features: [{ step: 'cross', left: 'x', right: 'y', as: 'pair' }],
      encode: [{ step: 'codes', columns: 'categories' }],
    });
    const rows = [
      { x: 'a', y: 'b' },
      { x: 'b', y: 'a' },
      { x: 'a', y: 'b' },
      { x: 'a', y: null },
    ];
    const { blocks } = fitTransform({ spec, frame: rowsToFrame(rows, spec.inputs), lookups: [], seed: 1 });
    expect(blocks.codes.levels).toEqual([['a × b', 'b × a']]);
    expect([...blocks.codes.values]).toEqual([0, 1, 0, -1]);
  });
});

describe('an aggregate', () => {
  const spec = recipeSpecSchema.parse({
    inputs: [
      { name: 'price', kind: 'number' },
      { name: 'shop', kind: 'category' },
    ],
    features: ['price', 'shop'].map((column) => ({ step: 'take', column })),
    encode: [
      { step: 'aggregate', column: 'price', by: 'shop', statistic: 'mean', minRows: 2, as: 'usual' },
      { step: 'codes', columns: 'categories' },
    ],
  });
  const rows = [
    { shop: 'a', price: 1 },
    { shop: 'a', price: 3 },
    { shop: 'a', price: null },
    { shop: 'b', price: 8 },
    { shop: null, price: 8 },
  ];
  const learn = (instances: Instance[]) =>
    fitTransform({ spec, frame: rowsToFrame(instances, spec.inputs), lookups: [], seed: 1 });

  it('is what the level had in training, and that of all rows where the level is missing, rare or unseen', () => {
    const { fitted, blocks } = learn(rows);
    expect(denseColumn(blocks, 'usual')).toEqual([2, 2, 2, 5, 5]);
    const served = [
      { shop: 'a', price: 900 },
      { shop: 'new', price: 900 },
    ];
    expect(denseColumn(compileRecipe(fitted, []).transform(served), 'usual')).toEqual([2, 5]);
  });

  it('of a number that no row has is missing', () => {
    const { blocks } = learn(rows.map((row) => ({ ...row, price: null })));
    expect(denseColumn(blocks, 'usual')).toEqual(rows.map(() => Number.NaN));
  });

  it('names itself where the number overflows', () => {
    const huge = [1, -1, 1, -1].map((sign) => ({ shop: 'a', price: sign * 1.7e308 }));
    const deviation = { ...spec, encode: [{ ...spec.encode[0], statistic: 'deviation' }] };
    const overflowing = recipeSpecSchema.parse({ ...spec, encode: [...deviation.encode, spec.encode[1]] });
    expect(() =>
      fitTransform({ spec: overflowing, frame: rowsToFrame(huge, spec.inputs), lookups: [], seed: 1 }),
    ).toThrow("encode[0] aggregate: 'usual' is of values too large");
  });
});

describe('what a recipe refuses of rows', () => {
  it('names a column that is absent, of another kind or of another length', () => {
    const spec = encodeOnly([]);
    const run = (columns: Frame['columns']) => () =>
      fitTransform({ spec, frame: { rows: 2, columns }, lookups: [], seed: 1 });
    expect(run(new Map())).toThrow("frame: no column 'x'");
    expect(run(new Map([['x', { kind: 'text', values: ['a', 'b'] }]]))).toThrow(
      "frame: column 'x' is of kind text, needed: number",
    );
    expect(run(new Map([['x', { kind: 'number', values: Float64Array.of(1) }]]))).toThrow(
      "frame: column 'x' has 1 values for 2 rows",
    );
  });

  it('names the column whose values overflow', () => {
    const spec = encodeOnly([{ step: 'scale', columns: ['x'], method: 'standard' }]);
    expect(() => fitOn(spec, [1e200, -1e200])).toThrow("encode[0] scale: column 'x' has values too large");
  });

  it('names the step that lacks a target', () => {
    const spec = encodeOnly([{ step: 'targetEncode', columns: ['x'] }], 'category');
    const frame = rowsToFrame([{ x: 'a' }], spec.inputs);
    expect(() => fitTransform({ spec, frame, lookups: [], seed: 1 })).toThrow(
      'encode[0] targetEncode: needs a target',
    );
  });
});
