import type { Artifact } from '../artifact.ts';
import { decideClass } from '../decision.ts';
import { type Cell, type Frame, readCell } from '../frame.ts';
import { findLearner } from '../learners/registry.ts';
import { holdToRange } from '../range.ts';
import { featureName } from '../recipe/features/registry.ts';
import { type Instance, rowsToFrame } from '../recipe/instances.ts';
import { featureFrame, transform } from '../recipe/recipe.ts';
import { outputsOf } from '../scorer.ts';
import { columnOrigins } from './column-origins.ts';
import type { Explainer, ExplanationSpace } from './explainer.ts';
import { createTermContributions, type WordContribution } from './word-contributions.ts';

/**
 * `baseValue` and all contributions add up to the prediction in `space`: before the link (log odds), and before it was
 * held to the range of the target.
 */
export type Explanation = {
  space: ExplanationSpace;
  baseValue: number;
  /** Of more than two classes: the one whose score is explained, which is the one decided unless another was asked for. */
  label?: string;
  /** Where the sum lies outside the range of the target: the sum, and what is answered in its place. */
  heldToRange: { from: number; to: number } | null;
  /** Of the features that reach the model, the largest first; of equal ones, in the order of the declaration. */
  contributions: readonly { feature: string; value: Cell; contribution: number }[];
  /** Where texts were read: what their words add, the largest first. Those of a text add up to its contribution. */
  words?: readonly WordContribution[];
};

export type Explain = {
  /** Instances are taken as validated, as a `Scorer` takes them. */
  explainInstances(instances: readonly Instance[]): Explanation[];
  /**
   * The same for rows in columns, as-of columns of look-ups included.
   * @param output of more than two classes, the one to explain of all rows; absent, the one decided of each
   */
  explainFrame(frame: Frame, output?: number): Explanation[];
};

/** @throws NotExplainable where the model has no additive explanation, or was stored without what one needs */
export function createExplain(artifact: Artifact): Explain {
  const { recipe, lookups, learner, sections, range, task, classes } = artifact;
  const model = { head: learner.head, sections };
  const { load, explainer: explainerOf } = findLearner(learner.name);
  const predictor = load(model);
  const outputs = outputsOf(artifact);
  const explainers = Array.from({ length: outputs }, (_, output) => explainerOf(model, task, output));
  const origins = columnOrigins(recipe);
  const terms = createTermContributions(recipe);

  const explainFrame = (frame: Frame, asked?: number): Explanation[] => {
    const features = featureFrame({ fitted: recipe, frame, lookups });
    const blocks = transform({ fitted: recipe, frame, lookups });
    const names = [...blocks.dense.names, ...blocks.codes.names];
    const reached = new Set([...names.map((name) => originOf(origins, name)), ...terms.features]);
    const ordered = recipe.features.map(featureName).filter((name) => reached.has(name));
    const places = new Map(ordered.map((name, place) => [name, place]));
    const placeOf = names.map((name) => places.get(originOf(origins, name)) ?? 0);
    const predicted = predictor.predict(blocks);
    const held = holdToRange(predicted.slice(), range);
    const explained = Int32Array.from({ length: frame.rows }, (_, row) => {
      if (outputs === 1) return 0;
      return asked ?? decideClass(predicted, { ...artifact, start: row * outputs, classes: outputs });
    });
    const added = explainers.map((explainer, output) =>
      explained.includes(output)
        ? { columns: explainer.contributions(blocks), entries: explainer.sparseContributions?.(blocks) }
        : null,
    );

    return Array.from({ length: frame.rows }, (_, row) => {
      const output = explained[row] as number;
      const { space, baseValue } = explainers[output] as Explainer;
      const { columns = new Float64Array(), entries } = added[output] ?? {};
      const perFeature = new Float64Array(ordered.length);
      placeOf.forEach((place, column) => {
        perFeature[place] = (perFeature[place] as number) + (columns[row * names.length + column] as number);
      });
      const { sparse } = blocks;
      const ofTerms = entries === undefined ? null : terms.ofRow({ row, texts: features, sparse, entries });
      for (const [feature, contribution] of ofTerms?.features ?? []) {
        const place = places.get(feature) ?? 0;
        perFeature[place] = (perFeature[place] as number) + contribution;
      }
      const [from, to] = [predicted[row] as number, held[row] as number];
      return {
        space,
        baseValue,
        ...(outputs === 1 ? {} : { label: classes?.[output] ?? '' }),
        heldToRange: outputs > 1 || from === to ? null : { from, to },
        contributions: ordered
          .map((feature, place) => ({
            feature,
            value: readCell(features.columns.get(feature), row),
            contribution: perFeature[place] as number,
          }))
          .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)),
        ...(ofTerms === null ? {} : { words: ofTerms.words }),
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
