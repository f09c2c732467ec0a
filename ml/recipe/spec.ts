import { z } from 'zod';

/** A recipe is data: the fitted one travels in the artifact, so any build serves any version (compare R's `recipes`). */

const name = z.string().min(1).max(128);

const daysBetweenSchema = z.strictObject({ step: z.literal('daysBetween'), from: name, to: name, as: name });
const differenceSchema = z.strictObject({ step: z.literal('difference'), left: name, right: name, as: name });
/** Missing where the denominator is zero or either side is missing. */
const ratioSchema = z.strictObject({
  step: z.literal('ratio'),
  numerator: name,
  denominator: name,
  as: name,
});
const datePartSchema = z.strictObject({
  step: z.literal('datePart'),
  column: name,
  /** `weekday`: Monday is 0, as in pandas. All parts are of UTC. */
  part: z.enum(['year', 'quarter', 'month', 'day', 'weekday', 'hour', 'isWeekend']),
  as: name,
});
/** A category: the two levels of a row as one. Missing where either side is. */
const crossSchema = z.strictObject({ step: z.literal('cross'), left: name, right: name, as: name });
/** What a number is like among the rows of a category's level, as a number beside both. */
const aggregateSchema = z.strictObject({
  step: z.literal('aggregate'),
  column: name,
  by: name,
  statistic: z.enum(['mean', 'median', 'deviation']),
  /** A level of fewer rows with the number counts as unseen. */
  minRows: z.int().min(1).default(10),
  as: name,
});

/** Derived features: row by row, nothing learned, the same in training and in serving. */
export const featureStepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('take'), column: name, as: name.optional() }),
  daysBetweenSchema,
  differenceSchema,
  ratioSchema,
  z.strictObject({ step: z.literal('sum'), columns: z.array(name).min(2), as: name }),
  /** 1 where left is later (or greater) than right, else 0; missing where either side is. */
  z.strictObject({ step: z.literal('isAfter'), left: name, right: name, as: name }),
  z.strictObject({ step: z.literal('isEqual'), left: name, right: name, as: name }),
  z.strictObject({ step: z.literal('isMissing'), column: name, as: name }),
  datePartSchema,
  /** Index of the half-open interval [edges[i-1], edges[i]) that holds the value: 0 … edges.length. */
  z.strictObject({ step: z.literal('bucket'), column: name, edges: z.array(z.number()).min(1), as: name }),
  crossSchema,
  /** A number from an as-of table stored with the version; see `lookups` of the pipeline. */
  z.strictObject({ step: z.literal('lookup'), lookup: name, value: name, as: name }),
]);
export type FeatureStep = z.infer<typeof featureStepSchema>;

/** Names of features, or all of a kind as they stand when the step is reached. */
const columnSelector = z.union([z.enum(['numbers', 'categories', 'texts']), z.array(name).min(1)]);

/** Preparation: limits, fills, levels and weights are learned from the training rows of a fold. */
export const encodeStepSchema = z.discriminatedUnion('step', [
  z.strictObject({ step: z.literal('drop'), columns: z.array(name).min(1) }),
  aggregateSchema,
  z.strictObject({
    step: z.literal('clip'),
    columns: columnSelector,
    method: z.enum(['standardDeviations', 'interquartile']),
    /** Half width, in standard deviations or interquartile ranges. */
    width: z.number().positive(),
  }),
  z.strictObject({
    step: z.literal('impute'),
    columns: columnSelector,
    strategy: z.enum(['mean', 'median', 'mode', 'constant']),
    /** Needed by `constant`. */
    value: z.union([z.number(), z.string()]).optional(),
    /** Adds `<column>_missing`, 1 where the value was filled. */
    indicator: z.boolean().default(false),
  }),
  z.strictObject({ step: z.literal('log1p'), columns: columnSelector }),
  z.strictObject({
    step: z.literal('scale'),
    columns: columnSelector,
    method: z.enum(['standard', 'minMax']),
  }),
  z.strictObject({
    step: z.literal('oneHot'),
    columns: columnSelector,
    /** Less frequent levels share `<column>=other`, which also stands for unseen ones. */
    maxLevels: z.int().min(1).max(1000).default(50),
  }),
  /** Category codes for the trees' own categorical splits; unseen and rarer levels become missing. */
  z.strictObject({
    step: z.literal('codes'),
    columns: columnSelector,
    maxLevels: z.int().min(1).max(250).default(250),
  }),
  /** Mean target by level, smoothed towards the global mean; on training rows never of the row itself. */
  z.strictObject({
    step: z.literal('targetEncode'),
    columns: columnSelector,
    smoothing: z.number().nonnegative().default(20),
    /** A training row's mean is that of the other folds. */
    folds: z.int().min(2).max(20).default(5),
    /** In place of folds: the mean of the rows before it in so many random orders, each in a column of its own. */
    permutations: z.int().min(1).max(8).optional(),
  }),
  z.strictObject({
    step: z.literal('tfidf'),
    column: name,
    analyzer: z.enum(['word', 'char']).default('word'),
    ngrams: z.tuple([z.int().min(1), z.int().max(6)]).default([1, 2]),
    minDocuments: z.int().min(1).default(3),
    maxFeatures: z.int().min(1).max(200_000).default(50_000),
    sublinear: z.boolean().default(true),
  }),
]);
export type EncodeStep = z.infer<typeof encodeStepSchema>;

/** Steps that a search may add to a recipe. */
export const generatedStepSchema = z.discriminatedUnion('step', [
  ratioSchema,
  differenceSchema,
  daysBetweenSchema,
  datePartSchema,
  crossSchema,
  aggregateSchema,
]);
export type GeneratedStep = z.infer<typeof generatedStepSchema>;

export const inputColumnSchema = z.strictObject({
  name,
  kind: z.enum(['number', 'category', 'timestamp', 'text']),
});
export type InputColumn = z.infer<typeof inputColumnSchema>;

/** A number looked up by a key, as built from the training data with strict `<` on time; stored with the version. */
export const lookupSpecSchema = z.strictObject({
  name,
  /** The input column that holds the key. */
  key: name,
  /** Defaults for a key that the table does not hold. */
  values: z.record(name, z.number().nullable()),
});
export type LookupSpec = z.infer<typeof lookupSpecSchema>;

export const recipeSpecSchema = z.strictObject({
  inputs: z.array(inputColumnSchema).min(1),
  lookups: z.array(lookupSpecSchema).default([]),
  features: z.array(featureStepSchema).min(1),
  encode: z.array(encodeStepSchema).default([]),
});
export type RecipeSpec = z.infer<typeof recipeSpecSchema>;
