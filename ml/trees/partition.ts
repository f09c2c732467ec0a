import type { BinnedRows } from './binned-rows.ts';
import type { RowRange } from './histogram.ts';
import type { Kernel } from './kernel.ts';

/** Row lists and what dividing them takes, in shared memory where a kernel divides them. */
export type RowLists = {
  /** Rows in the order of their leaves. */
  rows: Int32Array;
  scratch: Int32Array;
  /** 1 for each bin whose rows go left. */
  goesLeft: Uint8Array;
};

/** Divides a range of rows by their bin of a feature, in order on both sides; returns where the right side begins. */
export type Partition = (range: RowRange, feature: number) => number;

export function createPlainPartition(binned: BinnedRows, { rows, scratch, goesLeft }: RowLists): Partition {
  const { bins } = binned;
  return ({ start, end }, feature) => {
    const column = feature * binned.rows;
    let left = start;
    let right = 0;
    for (let i = start; i < end; i++) {
      const row = rows[i] as number;
      if (goesLeft[bins[column + row] as number] === 1) rows[left++] = row;
      else scratch[right++] = row;
    }
    rows.set(scratch.subarray(0, right), left);
    return left;
  };
}

export function createKernelPartition(
  kernel: Kernel,
  binned: BinnedRows,
  { rows, scratch, goesLeft }: RowLists,
): Partition {
  const addressOf = (place: number): number => rows.byteOffset + place * rows.BYTES_PER_ELEMENT;
  return ({ start, end }, feature) => {
    const column = binned.bins.byteOffset + feature * binned.rows;
    const from = addressOf(start);
    const right = kernel.partition(from, addressOf(end), column, goesLeft.byteOffset, scratch.byteOffset);
    // Addresses past 2 GiB come back as negative numbers, but their distances do not.
    return start + ((right - from) | 0) / rows.BYTES_PER_ELEMENT;
  };
}
