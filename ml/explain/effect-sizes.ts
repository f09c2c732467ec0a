import type { Artifact } from '../artifact.ts';
import { type Frame, selectColumn } from '../frame.ts';
import { findLearner } from '../learners/registry.ts';
import { createRandom, deriveSeed, shuffle } from '../random.ts';
import { holdToRange } from '../range.ts';
import { featureName } from '../recipe/features/registry.ts';
import { createEncoding } from '../recipe/recipe.ts';

/**
 * How far the answers move, in the mean, where one feature is shuffled among the rows: an order of the features for a
 * model whose answers have no contributions. Features that move nothing are left out.
 *
 * @param features as `featureFrame` gives them
 */
export function* effectSizes(options: {
  artifact: Artifact;
  features: Frame;
  seed: number;
}): Generator<void, { feature: string; meanSize: number }[], void> {
  const { artifact, features, seed } = options;
  const { recipe, learner, sections, range } = artifact;
  const encode = createEncoding(recipe);
  const predictor = findLearner(learner.name).load({ head: learner.head, sections });
  const answer = (columns: Frame['columns']) =>
    holdToRange(predictor.predict(encode({ rows: features.rows, columns })), range);
  const answers = answer(features.columns);
  const effects: { feature: string; meanSize: number }[] = [];
  for (const feature of recipe.features.map(featureName)) {
    const column = features.columns.get(feature);
    if (column === undefined) continue;
    const order = shuffle(
      Int32Array.from({ length: features.rows }, (_, row) => row),
      createRandom(deriveSeed(seed, `effect ${feature}`)),
    );
    const moved = answer(new Map(features.columns).set(feature, selectColumn(column, order)));
    const sum = moved.reduce((total, value, row) => total + Math.abs(value - (answers[row] as number)), 0);
    if (sum > 0) effects.push({ feature, meanSize: sum / features.rows });
    yield;
  }
  return effects.sort((a, b) => b.meanSize - a.meanSize);
}
