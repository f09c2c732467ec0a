import type { SparseBlock } from '../../../ml/blocks.ts';

/** Compressed sparse rows of a table; terms are named t0, t1, … */
export function tableOf(rows: readonly (readonly number[])[]): SparseBlock {
  const entries = rows.map((row) => row.flatMap((value, term) => (value === 0 ? [] : [{ term, value }])));
  const offsets = [0];
  for (const own of entries) offsets.push((offsets.at(-1) ?? 0) + own.length);
  return {
    names: (rows[0] ?? []).map((_, term) => `t${term}`),
    offsets: Int32Array.from(offsets),
    indices: Int32Array.from(entries.flat(), ({ term }) => term),
    values: Float64Array.from(entries.flat(), ({ value }) => value),
  };
}

export function runToEnd<T>(units: Generator<unknown, T, void>): T {
  for (;;) {
    const step = units.next();
    if (step.done === true) return step.value;
  }
}

/** The rows of a matrix, in an order that does not depend on how topics were numbered. */
export function sortedRows(words: Float64Array, topics: number): number[][] {
  const terms = words.length / topics;
  const rows = Array.from({ length: topics }, (_, topic) => [
    ...words.subarray(topic * terms, (topic + 1) * terms),
  ]);
  return rows.sort((left, right) => (left[0] ?? 0) - (right[0] ?? 0));
}
