import { describe, expect, it } from 'vitest';
import { checkRecipe } from '../../ml/recipe/check.ts';
import { recipeOf } from '../../ml/recipe/declare.ts';
import { recipeSpecSchema } from '../../ml/recipe/spec.ts';
import { plainSpec, targetSpec } from './recipe-cases.ts';

const inputs = [
  { name: 'price', kind: 'number' },
  { name: 'state', kind: 'category' },
  { name: 'bought', kind: 'timestamp' },
  { name: 'message', kind: 'text' },
];
const takePrice = { step: 'take', column: 'price' };

const check = (part: { features?: unknown[]; encode?: unknown[]; lookups?: unknown[]; inputs?: unknown[] }) =>
  checkRecipe(recipeSpecSchema.parse({ inputs, features: [takePrice], ...part }));

describe('checkRecipe', () => {
  it('finds nothing wrong with a good recipe', () => {
    expect(checkRecipe(plainSpec)).toEqual([]);
    expect(checkRecipe(targetSpec)).toEqual([]);
  });

  const take = (column: string) => ({ step: 'take', column });
  it.each([
    [
      'an unknown column',
      { features: [takePrice, { step: 'ratio', numerator: 'price', denominator: 'x', as: 'r' }] },
      "features[1] ratio: unknown column 'x'; known: price, state, bought, message",
    ],
    [
      'a feature that a later step makes',
      {
        features: [
          { step: 'difference', left: 'twice', right: 'price', as: 'd' },
          { step: 'sum', columns: ['price', 'price'], as: 'twice' },
        ],
      },
      "features[0] difference: unknown column 'twice'; known: price, state, bought, message",
    ],
    [
      'a column of the wrong kind',
      { features: [{ step: 'daysBetween', from: 'price', to: 'bought', as: 'days' }] },
      "features[0] daysBetween: column 'price' is of kind number, needed: timestamp",
    ],
    [
      'a comparison of two kinds',
      { features: [{ step: 'isAfter', left: 'bought', right: 'price', as: 'late' }] },
      "features[0] isAfter: column 'price' is of kind number, needed: timestamp",
    ],
    [
      'a feature made twice',
      { features: [takePrice, takePrice] },
      "features[1] take: 'price' is already made by an earlier step",
    ],
    [
      'a feature called like an input',
      { features: [{ step: 'isMissing', column: 'price', as: 'state' }] },
      "features[0] isMissing: 'state' is an input column; choose another name",
    ],
    [
      'edges that fall',
      { features: [{ step: 'bucket', column: 'price', edges: [1, 3, 2], as: 'class' }] },
      'features[0] bucket: edges must rise: edges[2] is 2 after 3',
    ],
    [
      'an unknown look-up',
      { features: [{ step: 'lookup', lookup: 'sellers', value: 'orders', as: 'orders' }] },
      "features[0] lookup: unknown look-up 'sellers'; known: none",
    ],
    [
      'an unknown value of a look-up',
      {
        lookups: [{ name: 'states', key: 'state', values: { orders: 0 } }],
        features: [{ step: 'lookup', lookup: 'states', value: 'score', as: 'score' }],
      },
      "features[0] lookup: look-up 'states' has no value 'score'; known: orders",
    ],
    [
      'a look-up by a number',
      { lookups: [{ name: 'prices', key: 'price', values: { orders: 0 } }] },
      "lookups[0] prices: column 'price' is of kind number, needed: category",
    ],
    ['an input declared twice', { inputs: [...inputs, inputs[0]] }, "inputs[4]: 'price' is declared twice"],
    [
      'an encoding of a column that is no feature',
      { encode: [{ step: 'oneHot', columns: ['state'] }] },
      "encode[0] oneHot: unknown column 'state'; known: price",
    ],
    [
      'an encoding of a dropped column',
      {
        features: [takePrice, take('state')],
        encode: [
          { step: 'drop', columns: ['state'] },
          { step: 'codes', columns: ['state'] },
        ],
      },
      "encode[1] codes: unknown column 'state'; known: price",
    ],
    [
      'the mean of a category',
      {
        features: [takePrice, take('state')],
        encode: [{ step: 'impute', columns: 'categories', strategy: 'mean' }],
      },
      "encode[0] impute: takes columns of kind number, not 'categories'",
    ],
    [
      'a constant without a value',
      { encode: [{ step: 'impute', columns: ['price'], strategy: 'constant' }] },
      "encode[0] impute: strategy 'constant' needs a value",
    ],
    [
      'a text as the fill of a number',
      { encode: [{ step: 'impute', columns: ['price'], strategy: 'constant', value: 'none' }] },
      "encode[0] impute: column 'price' is of kind number, needed: category",
    ],
    [
      'a value that a strategy does not take',
      { encode: [{ step: 'impute', columns: ['price'], strategy: 'mean', value: 3 }] },
      "encode[0] impute: strategy 'mean' takes no value",
    ],
    [
      'a column named twice',
      { encode: [{ step: 'log1p', columns: ['price', 'price'] }] },
      "encode[0] log1p: column 'price' is named twice",
    ],
    [
      'n-grams from long to short',
      { features: [take('message')], encode: [{ step: 'tfidf', column: 'message', ngrams: [3, 2] }] },
      'encode[0] tfidf: ngrams run from 3 to 2',
    ],
    [
      'a category that no learner can read',
      { features: [takePrice, take('state')] },
      "features[1] take: column 'state' of kind category reaches no learner: add oneHot, codes or targetEncode, or drop it",
    ],
    [
      'a text that no learner can read',
      { features: [takePrice, take('message')] },
      "features[1] take: column 'message' of kind text reaches no learner: add tfidf, or drop it",
    ],
    [
      'a timestamp that no learner can read',
      { features: [takePrice, take('bought')] },
      "features[1] take: column 'bought' of kind timestamp reaches no learner: turn it into numbers with daysBetween or datePart, or drop it",
    ],
    [
      'a recipe that leaves nothing',
      { encode: [{ step: 'drop', columns: ['price'] }] },
      'encode: no column is left for the learner',
    ],
  ])('names the place of %s', (_, part, problem) => {
    expect(check(part)).toEqual([problem]);
  });

  it('reports all problems of the features at once', () => {
    const features = [
      { step: 'take', column: 'x' },
      { step: 'datePart', column: 'price', part: 'hour', as: 'hour' },
    ];
    expect(check({ features })).toHaveLength(2);
  });
});

describe('recipeOf', () => {
  it('asks a request for the columns that features read, and for no as-of column', () => {
    const spec = recipeOf(
      {
        rows: {
          columns: {
            price: { kind: 'number' },
            seller: { kind: 'category' },
            sellerOrders: { kind: 'number' },
            city: { kind: 'category' },
          },
        },
        lookups: [
          { name: 'sellers', key: 'seller', values: { orders: 0 } },
          { name: 'unused', key: 'city', values: { orders: 0 } },
        ],
        features: [
          { step: 'take', column: 'price' },
          { step: 'lookup', lookup: 'sellers', value: 'orders', as: 'sellerOrders' },
        ],
      },
      [],
    );
    expect(spec.inputs.map(({ name }) => name)).toEqual(['price', 'seller']);
    expect(spec.lookups.map(({ name }) => name)).toEqual(['sellers']);
    expect(checkRecipe(spec)).toEqual([]);
  });
});
