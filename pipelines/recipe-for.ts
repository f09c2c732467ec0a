import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../contracts/pipeline.ts';
import type { Tuned } from '../contracts/search.ts';
import { featuresAt, featuresWithout } from '../ml/moments.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import type { GeneratedStep, RecipeSpec } from '../ml/recipe/spec.ts';
import { withGenerated } from '../ml/search/proposals.ts';

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

/**
 * The declaration with features that a search kept for candidates of it: beside those there are, and aggregates before
 * the other steps of these candidates' encodings. One that it has word for word is not added again.
 */
export function withGeneratedFeatures<P extends Pick<Pipeline, 'features' | 'encodings' | 'candidates'>>(
  pipeline: P,
  { candidates, generated = [] }: Pick<Tuned, 'candidates' | 'generated'>,
): P {
  const isNew = (step: GeneratedStep, present: readonly unknown[]) =>
    !present.some((other) => isDeepStrictEqual(other, step));
  const features = generated.filter((step) => step.step !== 'aggregate' && isNew(step, pipeline.features));
  const encodings = { ...pipeline.encodings };
  for (const name of new Set(Object.keys(candidates).map((of) => pipeline.candidates[of]?.encoding ?? ''))) {
    const encode = encodings[name];
    if (encode === undefined) continue;
    const aggregates = generated.filter((step) => step.step === 'aggregate' && isNew(step, encode));
    encodings[name] = withGenerated({ features: [], encode }, aggregates).encode;
  }
  return {
    ...pipeline,
    features: withGenerated({ features: pipeline.features, encode: [] }, features).features,
    encodings,
  };
}

/** A named part of a declaration. @throws UnknownPart listing those there are */
function partOf<T>(parts: Readonly<Record<string, T>>, noun: string, name: string): T {
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  if (part === undefined)
    throw new UnknownPart(`no ${noun} "${name}"; there are ${Object.keys(parts).join(', ')}`);
  return part;
}
