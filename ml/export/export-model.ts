import type { Artifact } from '../artifact.ts';
import { findLearner, learners } from '../learners/registry.ts';
import { compileRecipe } from '../recipe/compile.ts';
import type { SumOfTrees } from '../sum-of-trees.ts';
import { lightGbmNames, toLightGbmText } from './lightgbm.ts';

/** Thrown for a model that the form asked for cannot hold. */
export class NotExportable extends Error {
  override readonly name = 'NotExportable';
}

export type LightGbmExport = {
  /** What `lightgbm.Booster(model_str=…)` reads: the learner, which takes rows that the recipe has prepared. */
  model: string;
  /**
   * The golden rows so prepared, as CSV: the model's features, an empty field for a missing one, and `prediction`,
   * which is the learner's, before it is held to the target's range.
   */
  rows: string;
};

/**
 * @throws NotExportable where the learner is no sum of trees
 * @throws NotExplainable for a model that was stored without the row counts of its nodes
 */
export function exportLightGbm({
  learner: { name, head },
  sections,
  recipe,
  lookups,
  goldenRows,
}: Artifact): LightGbmExport {
  const learner = findLearner(name);
  if (learner.sumOfTrees === undefined) {
    const others = [...learners.values()].filter(({ sumOfTrees }) => sumOfTrees !== undefined);
    throw new NotExportable(
      `LightGBM holds sums of trees, which ${name} is not; those of ${others.map((other) => other.name).join(', ')} are`,
    );
  }
  const stored = { head, sections };
  const sum = learner.sumOfTrees(stored);
  const blocks = compileRecipe(recipe, lookups).transform(goldenRows.map(({ instance }) => instance));
  const predictions = learner.load(stored).predict(blocks);
  const columns = columnsOf(sum);
  const lines = Array.from(predictions, (prediction, row) => {
    const numbers = sum.inputs.dense.map((_, i) => blocks.dense.values[row * sum.inputs.dense.length + i]);
    const codes = sum.inputs.codes.map((_, i) => blocks.codes.values[row * sum.inputs.codes.length + i]);
    return [...numbers.map(field), ...codes.map((code = -1) => (code < 0 ? '' : String(code))), prediction];
  });
  return {
    model: toLightGbmText({
      ...sum,
      columns,
      levels: blocks.codes.levels.map(({ length }) => length),
      objective: sum.output === 'sigmoid' ? 'binary' : 'regression',
    }),
    rows: [[...lightGbmNames(columns), 'prediction'], ...lines].map((line) => `${line.join(',')}\n`).join(''),
  };
}

const columnsOf = ({ inputs }: SumOfTrees): string[] => [...inputs.dense, ...inputs.codes];

const field = (value = Number.NaN): string => (Number.isNaN(value) ? '' : String(value));
