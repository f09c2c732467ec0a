import type { SparseBlock } from '../blocks.ts';

/** Collects compressed sparse rows; the arrays double when full. */
export type SparseRows = {
  /** Appends to the row that is open. */
  add(index: number, value: number): void;
  /** Closes the open row. */
  endRow(): void;
  finish(names: readonly string[]): SparseBlock;
};

export function createSparseRows(rows: number): SparseRows {
  const offsets = new Int32Array(rows + 1);
  // Most recipes have no sparse part, and a request for one row should not pay for it.
  let indices = new Int32Array(0);
  let values = new Float64Array(0);
  let size = 0;
  let row = 0;
  return {
    add(index, value) {
      if (size === indices.length) {
        const capacity = Math.max(64, size * 2);
        const wider = { indices: new Int32Array(capacity), values: new Float64Array(capacity) };
        wider.indices.set(indices);
        wider.values.set(values);
        ({ indices, values } = wider);
      }
      indices[size] = index;
      values[size] = value;
      size += 1;
    },
    endRow() {
      row += 1;
      offsets[row] = size;
    },
    finish: (names) => ({ names, offsets, indices: indices.slice(0, size), values: values.slice(0, size) }),
  };
}
