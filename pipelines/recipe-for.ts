import type { Pipeline } from '../contracts/pipeline.ts';
import { featuresAt, featuresWithout } from '../ml/moments.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';

/** Thrown for a candidate or variant that the pipeline does not have. */
export class UnknownPart extends Error {
  override readonly name = 'UnknownPart';
}

/**
 * The recipe of a candidate; of a variant, with the features known at its moment only.
 * @param options.leftOut names of features that the rows are no good for
 * @throws UnknownPart
 */
export function recipeFor(
  pipeline: Pipeline,
  candidate: string,
  options: { variant?: string | null; leftOut?: Iterable<string> } = {},
): RecipeSpec {
  const { variant = null, leftOut = [] } = options;
  const { encoding } = partOf(pipeline.candidates, 'candidate', candidate);
  const encode = partOf(pipeline.encodings, 'encoding', encoding);
  const known =
    variant === null
      ? { features: pipeline.features, encode }
      : featuresAt(pipeline, { moment: partOf(pipeline.variants, 'variant', variant).moment, encode });
  const kept = featuresWithout({ ...pipeline, features: known.features }, { leftOut, encode: known.encode });
  return recipeOf({ ...pipeline, features: kept.features }, kept.encode);
}

/** A named part of a declaration. @throws UnknownPart listing those there are */
function partOf<T>(parts: Readonly<Record<string, T>>, noun: string, name: string): T {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined)
    throw new UnknownPart(`no ${noun} "${name}"; there are ${Object.keys(parts).join(', ')}`);
  return part;
}
