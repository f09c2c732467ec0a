import { z } from 'zod';
import { columnName as name } from './column-name.ts';
import { aggregate } from './encode/aggregate.ts';
import { encodeStepSchema } from './encode/registry.ts';
import { daysBetween, difference, ratio } from './features/arithmetic.ts';
import { datePart } from './features/calendar.ts';
import { cross } from './features/cross.ts';
import { featureStepSchema } from './features/registry.ts';

/** A recipe is data: the fitted one travels in the artifact, so any build serves any version (compare R's `recipes`). */

export { type EncodeStep, encodeStepSchema } from './encode/registry.ts';
export { type FeatureStep, featureStepSchema } from './features/registry.ts';

/** Steps that a search may add to a recipe. */
export const generatedStepSchema = z.discriminatedUnion('step', [
  ratio.schema,
  difference.schema,
  daysBetween.schema,
  datePart.schema,
  cross.schema,
  aggregate.schema,
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
