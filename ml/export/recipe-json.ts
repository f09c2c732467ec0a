import type { Artifact } from '../artifact.ts';
import type { Blocks } from '../blocks.ts';
import { prepareGoldenRows } from './prepared-rows.ts';

/** Raised when a reader of the form before would read this one wrongly. */
const recipeFormat = 1;

/**
 * The fitted recipe with its look-up tables, for programs that prepare rows for an exported learner: JSON, documented in
 * `docs/learners.md` and read by `docs/examples/recipe.py`. Missing numbers are null.
 */
export function exportRecipe(artifact: Artifact): string {
  const { task, moment, classes, threshold, decisionWeights, range, learner, recipe, lookups, goldenRows } =
    artifact;
  const { blocks } = prepareGoldenRows(artifact);
  const { dense, codes, sparse } = blocks;
  const json = {
    recipeFormat,
    task,
    moment,
    learner: learner.name,
    classes,
    threshold,
    decisionWeights,
    range,
    ...recipe,
    tables: lookups.map(({ name, keys, values }) => ({
      name,
      keys,
      values: Object.fromEntries(
        Object.entries(values).map(([value, column]) => [value, Array.from(column, numberOrNull)]),
      ),
    })),
    outputs: {
      dense: dense.names,
      codes: codes.names.map((name, i) => ({ name, levels: codes.levels[i] })),
      sparse: sparse.names,
    },
    rows: goldenRows.map(({ instance, score }, row) => ({ instance, ...preparedRow(blocks, row), score })),
  };
  return `${JSON.stringify(json)}\n`;
}

function preparedRow({ dense, codes, sparse }: Blocks, row: number) {
  const of = <T extends Float64Array | Int32Array>(values: T, width: number) =>
    values.subarray(row * width, (row + 1) * width);
  const from = sparse.offsets[row] as number;
  const to = sparse.offsets[row + 1] as number;
  return {
    dense: Array.from(of(dense.values, dense.names.length), numberOrNull),
    codes: [...of(codes.values, codes.names.length)],
    /** Places in the sparse columns, and their values; all others are 0. */
    sparse: Array.from(sparse.indices.subarray(from, to), (place, i) => [place, sparse.values[from + i]]),
  };
}

const numberOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
