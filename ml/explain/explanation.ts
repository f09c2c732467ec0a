import type { Artifact } from '../artifact.ts';
import { type Cell, type Frame, readCell } from '../frame.ts';
import { findLearner } from '../learners/registry.ts';
import { holdToRange } from '../range.ts';
import { featureName } from '../recipe/features/registry.ts';
import { type Instance, rowsToFrame } from '../recipe/instances.ts';
import { featureFrame, transform } from '../recipe/recipe.ts';
import { columnOrigins } from './column-origins.ts';
import type { ExplanationSpace } from './explainer.ts';

/**
 * `baseValue` and all contributions add up to the prediction in `space`: before the link (log odds), and before it was
 * held to the range of the target.
 */
export type Explanation = {
  space: ExplanationSpace;
  baseValue: number;
  /** Where the sum lies outside the range of the target: the sum, and what is answered in its place. */
  heldToRange: { from: number; to: number } | null;
  /** Of the features that reach the model, the largest first; of equal ones, in the order of the declaration. */
  contributions: readonly { feature: string; value: Cell; contribution: number }[];
};

export type Explain = {
  /** Instances are taken as validated, as a `Scorer` takes them. */
  explainInstances(instances: readonly Instance[]): Explanation[];
  /** The same for rows in columns, as-of columns of look-ups included. */
  explainFrame(frame: Frame): Explanation[];
};

/** @throws NotExplainable where the model has no additive explanation, or was stored without what one needs */
export function createExplain(artifact: Artifact): Explain {
  const { recipe, lookups, learner, sections, range, task } = artifact;
  const model = { head: learner.head, sections };
  const { load, explainer: explainerOf } = findLearner(learner.name);
  const predictor = load(model);
  const explainer = explainerOf(model, task);
  const { space, baseValue } = explainer;
  const origins = columnOrigins(recipe);

  const explainFrame = (frame: Frame): Explanation[] => {
    const features = featureFrame({ fitted: recipe, frame, lookups });
    const blocks = transform({ fitted: recipe, frame, lookups });
    const names = [...blocks.dense.names, ...blocks.codes.names];
    const reached = new Set(names.map((name) => originOf(origins, name)));
    const ordered = recipe.features.map(featureName).filter((name) => reached.has(name));
    const places = new Map(ordered.map((name, place) => [name, place]));
    const placeOf = names.map((name) => places.get(originOf(origins, name)) ?? 0);
    const perColumn = explainer.contributions(blocks);
    const predicted = predictor.predict(blocks);
    const held = holdToRange(predicted.slice(), range);

    return Array.from({ length: frame.rows }, (_, row) => {
      const perFeature = new Float64Array(ordered.length);
      placeOf.forEach((place, column) => {
        perFeature[place] =
          (perFeature[place] as number) + (perColumn[row * names.length + column] as number);
      });
      const [from, to] = [predicted[row] as number, held[row] as number];
      return {
        space,
        baseValue,
        heldToRange: from === to ? null : { from, to },
        contributions: ordered
          .map((feature, place) => ({
            feature,
            value: readCell(features.columns.get(feature), row),
            contribution: perFeature[place] as number,
          }))
          .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
      };
    });
  };
  return {
    explainFrame,
    explainInstances: (instances) => explainFrame(rowsToFrame(instances, recipe.inputs)),
  };
}

function originOf(origins: ReadonlyMap<string, string>, column: string): string {
  const origin = origins.get(column);
  if (origin === undefined) throw new RangeError(`column ${column} comes from no feature of the recipe`);
  return origin;
}
