import { describe, expect, it } from 'vitest';
import { featureMoments, featuresAt, type MomentDeclaration, refuseLaterFeatures } from '../../ml/moments.ts';
import { checkRecipe } from '../../ml/recipe/check.ts';
import { type RecipeDeclaration, recipeOf } from '../../ml/recipe/declare.ts';
import { featureName } from '../../ml/recipe/features/registry.ts';
import { type EncodeStep, recipeSpecSchema } from '../../ml/recipe/spec.ts';

const parsed = recipeSpecSchema.parse({
  inputs: [{ name: 'price', kind: 'number' }],
  lookups: [{ name: 'sellers', key: 'seller', values: { orders: 0 } }],
  features: [
    { step: 'take', column: 'price' },
    { step: 'take', column: 'state' },
    { step: 'daysBetween', from: 'approvedAt', to: 'deliveredAt', as: 'days' },
    { step: 'bucket', column: 'days', edges: [7, 14], as: 'delay' },
    { step: 'isEqual', left: 'state', right: 'sellerState', as: 'sameState' },
    { step: 'take', column: 'carrier' },
    { step: 'lookup', lookup: 'sellers', value: 'orders', as: 'sellerOrders' },
  ],
  encode: [
    { step: 'clip', columns: ['days'], method: 'interquartile', width: 3 },
    { step: 'impute', columns: ['price', 'days'], strategy: 'median', indicator: true },
    { step: 'scale', columns: ['days_missing', 'price'], method: 'standard' },
    { step: 'targetEncode', columns: ['carrier'], permutations: 2 },
    { step: 'log1p', columns: ['carrier_target_1', 'carrier_target_2'] },
    { step: 'oneHot', columns: 'categories' },
  ],
});

const declaration = {
  moments: [{ name: 'purchased' }, { name: 'approved' }, { name: 'delivered' }, { name: 'reviewed' }],
  moment: 'delivered',
  rows: {
    columns: {
      price: { kind: 'number', availableAt: 'purchased' },
      state: { kind: 'category', availableAt: 'purchased' },
      seller: { kind: 'category', availableAt: 'purchased' },
      sellerState: { kind: 'category', availableAt: 'purchased' },
      sellerOrders: { kind: 'number', availableAt: 'approved' },
      approvedAt: { kind: 'timestamp', availableAt: 'approved' },
      deliveredAt: { kind: 'timestamp', availableAt: 'delivered' },
      carrier: { kind: 'category', availableAt: 'delivered' },
      comment: { kind: 'text', availableAt: 'reviewed' },
      score: { kind: 'number', availableAt: 'reviewed' },
    },
  },
  lookups: parsed.lookups,
  features: parsed.features,
  refused: { carrier: 'the contract with the carrier forbids it' },
  target: { column: 'score' },
} as const satisfies MomentDeclaration & RecipeDeclaration;

describe('featureMoments', () => {
  it('takes the latest moment of what a feature is made from, through other features too', () => {
    expect(Object.fromEntries(featureMoments(declaration))).toEqual({
      price: 'purchased',
      state: 'purchased',
      days: 'delivered',
      delay: 'delivered',
      sameState: 'purchased',
      carrier: 'delivered',
      sellerOrders: 'approved',
    });
  });

  it('refuses a moment that the order does not name', () => {
    const columns = { price: { availableAt: 'someday' } };
    expect(() => featureMoments({ ...declaration, rows: { columns } })).toThrow(
      "column 'price' names the moment 'someday'; known: purchased, approved, delivered, reviewed",
    );
  });
});

describe('refuseLaterFeatures', () => {
  it('passes what is known at the moment and not refused', () => {
    expect(refuseLaterFeatures({ ...declaration, refused: {} })).toEqual([]);
  });

  it('names features that are known too late', () => {
    expect(refuseLaterFeatures({ ...declaration, moment: 'approved', refused: {} })).toEqual([
      "features[2] daysBetween: 'days' is known from 'delivered' on, later than the prediction at 'approved'",
      "features[3] bucket: 'delay' is known from 'delivered' on, later than the prediction at 'approved'",
      "features[5] take: 'carrier' is known from 'delivered' on, later than the prediction at 'approved'",
    ]);
  });

  it('names features made from refused columns and from the target, however far down', () => {
    const features = recipeSpecSchema.shape.features.parse([
      { step: 'take', column: 'comment', as: 'text' },
      { step: 'isMissing', column: 'text', as: 'silent' },
      { step: 'take', column: 'score' },
    ]);
    const refused = { comment: 'written with the score' };
    expect(refuseLaterFeatures({ ...declaration, moment: 'reviewed', features, refused })).toEqual([
      "features[0] take: 'text' is made from a refused column, 'comment': written with the score",
      "features[1] isMissing: 'silent' is made from a refused column, 'comment': written with the score",
      "features[2] take: 'score' is made from a refused column, 'score': it is what is predicted",
    ]);
  });
});

describe('featuresAt', () => {
  it('keeps what is known by then and drops every mention of the rest', () => {
    const { features, encode } = featuresAt(declaration, { moment: 'approved', encode: parsed.encode });
    expect(features.map(featureName)).toEqual(['price', 'state', 'sameState', 'sellerOrders']);
    expect(encode).toEqual([
      { step: 'impute', columns: ['price'], strategy: 'median', indicator: true },
      { step: 'scale', columns: ['price'], method: 'standard' },
      { step: 'oneHot', columns: 'categories', maxLevels: 50 },
    ]);
    expect(checkRecipe(recipeOf({ ...declaration, features }, encode))).toEqual([]);
  });

  it('drops an aggregate with its number or its category', () => {
    const aggregate = (column: string, by: string, as: string): EncodeStep => ({
      step: 'aggregate',
      statistic: 'mean',
      minRows: 10,
      column,
      by,
      as,
    });
    const encode = [aggregate('price', 'state', 'usualPrice'), aggregate('days', 'state', 'usualDays')];
    const scaled: EncodeStep = { step: 'scale', columns: ['usualPrice', 'usualDays'], method: 'standard' };
    const known = featuresAt(declaration, { moment: 'approved', encode: [...encode, scaled] });
    expect(known.encode).toEqual([encode[0], { ...scaled, columns: ['usualPrice'] }]);
  });

  it('changes nothing at the moment of the pipeline', () => {
    const { features, encode } = featuresAt(declaration, { moment: 'delivered', encode: parsed.encode });
    expect(features).toEqual(parsed.features);
    expect(encode).toEqual(parsed.encode);
    expect(checkRecipe(recipeOf({ ...declaration, features }, encode))).toEqual([]);
  });
});
