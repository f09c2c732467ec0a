import fc from 'fast-check';
import type { Blocks } from '../../ml/blocks.ts';
import { checkRecipe } from '../../ml/recipe/check.ts';
import type { Instance } from '../../ml/recipe/instances.ts';
import type { LookupTable } from '../../ml/recipe/lookups.ts';
import { type RecipeSpec, recipeSpecSchema } from '../../ml/recipe/spec.ts';

/** Every feature step, over inputs of every kind. */
const shared = {
  inputs: [
    { name: 'price', kind: 'number' },
    { name: 'freight', kind: 'number' },
    { name: 'state', kind: 'category' },
    { name: 'sellerState', kind: 'category' },
    { name: 'seller', kind: 'category' },
    { name: 'bought', kind: 'timestamp' },
    { name: 'delivered', kind: 'timestamp' },
    { name: 'title', kind: 'text' },
    { name: 'message', kind: 'text' },
  ],
  lookups: [{ name: 'sellers', key: 'seller', values: { orders: 0, meanScore: null } }],
  features: [
    { step: 'take', column: 'price' },
    { step: 'take', column: 'freight', as: 'shipping' },
    { step: 'take', column: 'state' },
    { step: 'take', column: 'sellerState', as: 'origin' },
    { step: 'take', column: 'seller' },
    { step: 'take', column: 'message' },
    { step: 'take', column: 'bought' },
    { step: 'daysBetween', from: 'bought', to: 'delivered', as: 'days' },
    { step: 'difference', left: 'price', right: 'freight', as: 'margin' },
    { step: 'ratio', numerator: 'freight', denominator: 'price', as: 'freightRatio' },
    { step: 'sum', columns: ['price', 'freight', 'days'], as: 'total' },
    { step: 'isAfter', left: 'delivered', right: 'bought', as: 'after' },
    { step: 'isEqual', left: 'state', right: 'sellerState', as: 'sameState' },
    { step: 'isEqual', left: 'price', right: 'freight', as: 'samePrice' },
    { step: 'isMissing', column: 'delivered', as: 'undelivered' },
    { step: 'isMissing', column: 'state', as: 'noState' },
    { step: 'isMissing', column: 'message', as: 'silent' },
    { step: 'datePart', column: 'bought', part: 'year', as: 'year' },
    { step: 'datePart', column: 'bought', part: 'quarter', as: 'quarter' },
    { step: 'datePart', column: 'bought', part: 'month', as: 'month' },
    { step: 'datePart', column: 'bought', part: 'day', as: 'day' },
    { step: 'datePart', column: 'bought', part: 'weekday', as: 'weekday' },
    { step: 'datePart', column: 'bought', part: 'hour', as: 'hour' },
    { step: 'datePart', column: 'bought', part: 'isWeekend', as: 'weekend' },
    { step: 'bucket', column: 'price', edges: [0, 10, 100], as: 'priceClass' },
    { step: 'join', columns: ['title', 'message'], glue: ' . ', as: 'review' },
    { step: 'cross', left: 'state', right: 'sellerState', as: 'route' },
    { step: 'lookup', lookup: 'sellers', value: 'orders', as: 'sellerOrders' },
    { step: 'lookup', lookup: 'sellers', value: 'meanScore', as: 'sellerScore' },
  ],
} as const;

/** Every encode step but `targetEncode`: no step whose training rows differ. */
export const plainSpec: RecipeSpec = recipeSpecSchema.parse({
  ...shared,
  encode: [
    { step: 'drop', columns: ['bought'] },
    { step: 'aggregate', column: 'price', by: 'seller', statistic: 'mean', minRows: 2, as: 'sellerPrice' },
    { step: 'aggregate', column: 'margin', by: 'state', statistic: 'median', minRows: 1, as: 'stateMargin' },
    { step: 'aggregate', column: 'days', by: 'route', statistic: 'deviation', minRows: 1, as: 'routeSpread' },
    { step: 'clip', columns: ['price'], method: 'standardDeviations', width: 2 },
    { step: 'clip', columns: ['shipping'], method: 'interquartile', width: 1.5 },
    { step: 'log1p', columns: ['shipping', 'sellerOrders'] },
    { step: 'impute', columns: ['price', 'days'], strategy: 'median', indicator: true },
    { step: 'impute', columns: ['margin'], strategy: 'mean' },
    { step: 'impute', columns: ['month'], strategy: 'mode' },
    { step: 'impute', columns: ['hour'], strategy: 'constant', value: -1 },
    { step: 'impute', columns: ['origin'], strategy: 'mode', indicator: true },
    { step: 'impute', columns: ['seller'], strategy: 'constant', value: 'nobody' },
    { step: 'scale', columns: ['price', 'margin'], method: 'standard' },
    { step: 'scale', columns: ['year', 'days'], method: 'minMax' },
    { step: 'oneHot', columns: ['state', 'origin'], maxLevels: 3 },
    { step: 'scale', columns: ['day'], method: 'standard' },
    { step: 'codes', columns: 'categories', maxLevels: 4 },
    { step: 'tfidf', column: 'message', minDocuments: 1, ngrams: [1, 2] },
    { step: 'tfidf', column: 'message', minDocuments: 1, ngrams: [2, 3], analyzer: 'char', sublinear: false },
    { step: 'tfidf', column: 'review', minDocuments: 1, ngrams: [2, 4], analyzer: 'charInWords' },
    { step: 'tfidf', column: 'review', minDocuments: 1, language: 'pt', stem: true, dropStopWords: true },
  ],
});

export const targetSpec: RecipeSpec = recipeSpecSchema.parse({
  ...shared,
  encode: [
    { step: 'drop', columns: ['bought', 'message', 'review'] },
    { step: 'targetEncode', columns: ['state'], smoothing: 2, folds: 3 },
    { step: 'targetEncode', columns: ['seller'], smoothing: 2, permutations: 2 },
    { step: 'codes', columns: ['origin', 'route'] },
    { step: 'impute', columns: 'numbers', strategy: 'mean' },
    { step: 'scale', columns: 'numbers', method: 'standard' },
  ],
});

/** Recipes of their own: any of the features that learners can read once encoded, by any order of steps. */
export const specArbitrary: fc.Arbitrary<RecipeSpec> = fc
  .record({
    features: fc.shuffledSubarray([...shared.features], { minLength: 1 }),
    numberSteps: fc.array(
      fc.constantFrom(
        { step: 'clip', columns: 'numbers', method: 'standardDeviations', width: 1 },
        { step: 'clip', columns: 'numbers', method: 'interquartile', width: 0.5 },
        { step: 'log1p', columns: 'numbers' },
        { step: 'impute', columns: 'numbers', strategy: 'mean' },
        { step: 'impute', columns: 'numbers', strategy: 'mode' },
        { step: 'scale', columns: 'numbers', method: 'standard' },
        { step: 'scale', columns: 'numbers', method: 'minMax' },
      ),
      { maxLength: 5 },
    ),
    fillCategories: fc.boolean(),
    categories: fc.constantFrom('oneHot', 'codes', 'targetEncode'),
    maxLevels: fc.integer({ min: 1, max: 4 }),
    categoriesAt: fc.nat({ max: 5 }),
  })
  .map(({ features, numberSteps, fillCategories, categories, maxLevels, categoriesAt }) => {
    const fill = { step: 'impute', columns: 'categories', strategy: 'mode', indicator: true };
    const category = {
      step: categories,
      columns: 'categories',
      ...(categories === 'targetEncode' ? { folds: 2 } : { maxLevels }),
    };
    const dropped = features
      .map((step) => ('as' in step ? step.as : step.column))
      .filter((name) => ['bought', 'message', 'review'].includes(name));
    const encode = [
      ...(dropped.length === 0 ? [] : [{ step: 'drop', columns: dropped }]),
      ...numberSteps.slice(0, categoriesAt),
      ...(fillCategories ? [fill] : []),
      category,
      ...numberSteps.slice(categoriesAt),
    ];
    return recipeSpecSchema.parse({ ...shared, features, encode });
  })
  .filter((spec) => checkRecipe(spec).length === 0);

export const sellers: LookupTable = {
  name: 'sellers',
  keys: ['s1', 's2', 's3'],
  values: { orders: Float64Array.of(10, 0, 3), meanScore: Float64Array.of(4.5, Number.NaN, 1) },
};

const missing = fc.constantFrom(null, undefined);
const amount = fc.oneof(
  // Quotients of tiny numbers overflow, which a fit refuses by a rule of its own.
  { weight: 6, arbitrary: fc.double({ min: 1e-3, max: 1000, noNaN: true }) },
  { weight: 2, arbitrary: fc.double({ min: -1000, max: -1e-3, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 10) },
  { weight: 1, arbitrary: missing },
);
const moment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .date({
        min: new Date('1601-01-01T00:00:00Z'),
        max: new Date('2400-01-01T00:00:00Z'),
        noInvalidDate: true,
      })
      .chain((date) => {
        const iso = date.toISOString();
        return fc.constantFrom(
          iso,
          iso.slice(0, 19).replace('T', ' '),
          `${iso.slice(0, 19)}+02:00`,
          iso.slice(0, 10),
        );
      }),
  },
  { weight: 1, arbitrary: missing },
);
const level = (...names: string[]) =>
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: missing });
const words = fc
  .array(fc.constantFrom('bom', 'ruim', 'não', 'chegou', 'a', 'Produto', '👍', '!'), { maxLength: 8 })
  .map((parts) => parts.join(' '));

/** Request rows with missing fields, and with levels and words that a fit on other rows has not seen. */
export const instanceArbitrary: fc.Arbitrary<Instance> = fc.record({
  price: amount,
  freight: amount,
  state: level('SP', 'RJ', 'MG', 'AC', 'other', ''),
  sellerState: level('SP', 'RJ', 'PR', 'other'),
  seller: level('s1', 's2', 's3', 's4', '__proto__'),
  bought: moment,
  delivered: moment,
  title: fc.oneof({ weight: 2, arbitrary: words }, { weight: 1, arbitrary: missing }),
  message: fc.oneof({ weight: 5, arbitrary: words }, { weight: 1, arbitrary: missing }),
});

/** Typed arrays compare by value with -0 and NaN told apart, as `Object.is` does. */
export const bits = (blocks: Blocks) => ({
  rows: blocks.rows,
  dense: { names: blocks.dense.names, values: [...blocks.dense.values] },
  codes: { names: blocks.codes.names, levels: blocks.codes.levels, values: [...blocks.codes.values] },
  sparse: {
    names: blocks.sparse.names,
    offsets: [...blocks.sparse.offsets],
    indices: [...blocks.sparse.indices],
    values: [...blocks.sparse.values],
  },
});
