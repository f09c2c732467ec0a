import type { Pipeline } from '../contracts/pipeline.ts';
import { featuresAt, refuseLaterFeatures } from '../ml/moments.ts';
import { checkRecipe } from '../ml/recipe/check.ts';
import { recipeOf } from '../ml/recipe/declare.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';
import type { Fault } from './fault.ts';

/** Features by their moments, and each encoding as a recipe, at the moment of prediction and at those of variants. */
export function checkFeatures(pipeline: Pipeline): Fault[] {
  const faults = new Map<string, Fault>();
  const add = (fault: Fault): void => void faults.set(JSON.stringify([fault.path, fault.message]), fault);
  for (const problem of refuseLaterFeatures(pipeline)) add(faultOf(problem, []));
  for (const fault of lookupsWithoutPast(pipeline)) add(fault);
  for (const [encoding, encode] of Object.entries(pipeline.encodings))
    for (const problem of checkRecipe(recipeOf(pipeline, encode)))
      add(faultOf(problem, ['encodings', encoding]));
  if (faults.size > 0) return [...faults.values()];

  for (const [name, { moment, candidate }] of Object.entries(pipeline.variants)) {
    const encode = pipeline.encodings[pipeline.candidates[candidate]?.encoding ?? ''];
    if (encode === undefined) continue;
    for (const problem of checkRecipe(recipeAt(pipeline, moment, encode)))
      add({ path: ['variants', name], message: `at "${moment}": ${problem}` });
  }
  return [...faults.values()];
}

/** Without its value as of each row, training would read the table, which has seen the row's own target. */
function lookupsWithoutPast({ features, rows }: Pipeline): Fault[] {
  return features.flatMap((feature, i): Fault[] => {
    if (feature.step !== 'lookup') return [];
    const kind = rows.columns[feature.as]?.kind;
    if (kind === 'number') return [];
    const found = kind === undefined ? 'there is none' : `it is a ${kind}`;
    return [
      {
        path: ['features', i],
        message: `lookup: rows.columns needs a number "${feature.as}", the value as of each row, for training; ${found}`,
      },
    ];
  });
}

function recipeAt(pipeline: Pipeline, moment: string, encode: Pipeline['encodings'][string]): RecipeSpec {
  const known = featuresAt(pipeline, { moment, encode });
  return recipeOf({ ...pipeline, features: known.features }, known.encode);
}

/** Problems of `ml` begin with their place in a recipe, such as "features[3] ratio: …". */
function faultOf(problem: string, encodingPath: Fault['path']): Fault {
  const { list, index, message } =
    /^(?<list>features|encode|lookups)\[(?<index>\d+)\] (?<message>[\s\S]*)$/.exec(problem)?.groups ?? {};
  if (list === undefined || message === undefined) return { path: encodingPath, message: problem };
  const place = list === 'encode' ? encodingPath : [list];
  return { path: [...place, Number(index)], message };
}
