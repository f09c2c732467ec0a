import type { Pipeline } from '../contracts/pipeline.ts';
import { featuresAt } from '../ml/moments.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';

/** Thrown for a candidate or variant that the pipeline does not have. */
export class UnknownPart extends Error {
  override readonly name = 'UnknownPart';
}

/**
 * The recipe of a candidate; of a variant, with the features known at its moment only.
 * @throws UnknownPart
 */
export function recipeFor(pipeline: Pipeline, candidate: string, variant: string | null = null): RecipeSpec {
  const { encoding } = partOf(pipeline.candidates, 'candidate', candidate);
  const encode = partOf(pipeline.encodings, 'encoding', encoding);
  if (variant === null) return recipeOf(pipeline, encode);
  const { moment } = partOf(pipeline.variants, 'variant', variant);
  const known = featuresAt(pipeline, { moment, encode });
  return recipeOf({ ...pipeline, features: known.features }, known.encode);
}

/** A named part of a declaration. @throws UnknownPart listing those there are */
function partOf<T>(parts: Readonly<Record<string, T>>, noun: string, name: string): T {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined)
    throw new UnknownPart(`no ${noun} "${name}"; there are ${Object.keys(parts).join(', ')}`);
  return part;
}
