import type { Artifact } from '../artifact.ts';
import type { Blocks } from '../blocks.ts';
import { findLearner } from '../learners/registry.ts';
import { compileRecipe } from '../recipe/compile.ts';

/** The rows that a version carries as its recipe prepares them, and what its learner answers. */
export type PreparedRows = {
  blocks: Blocks;
  /** Rows × outputs, not held to the target's range. */
  predictions: Float64Array;
};

export function prepareGoldenRows({
  learner: { name, head },
  sections,
  recipe,
  lookups,
  goldenRows,
}: Artifact): PreparedRows {
  const blocks = compileRecipe(recipe, lookups).transform(goldenRows.map(({ instance }) => instance));
  return { blocks, predictions: findLearner(name).load({ head, sections }).predict(blocks) };
}

/**
 * CSV of dense columns, then codes as numbers, then the predictions; empty where a value is missing.
 * @param header one name a column
 */
export function preparedCsv({ blocks, predictions }: PreparedRows, header: readonly string[]): string {
  const { rows, dense, codes } = blocks;
  const outputs = rows === 0 ? 0 : predictions.length / rows;
  const lines = Array.from({ length: rows }, (_, row) => [
    ...Array.from(rowOf(dense.values, row, dense.names.length), field),
    ...Array.from(rowOf(codes.values, row, codes.names.length), (code) => (code < 0 ? '' : String(code))),
    ...rowOf(predictions, row, outputs),
  ]);
  return [header.map(quoted), ...lines].map((line) => `${line.join(',')}\n`).join('');
}

const rowOf = <T extends Float64Array | Int32Array>(values: T, row: number, width: number) =>
  values.subarray(row * width, (row + 1) * width);

const field = (value: number): string => (Number.isNaN(value) ? '' : String(value));

const quoted = (name: string): string => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);
