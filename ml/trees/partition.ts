import type { BinnedRows } from './binned-rows.ts';
import type { RowRange } from './histogram.ts';
import type { Kernel } from './kernel.ts';

/** Row lists and what dividing them takes, in shared memory where a kernel divides them. */
export type RowLists = {
  /** Rows in the order of their leaves. */
  rows: Int32Array;
  /** As long. */
  scratch: Int32Array;
  /** 1 for each bin whose rows go left. */
  goesLeft: Uint8Array;
};

/** A range whose rows that go left stand in `rows` before `middle`; the others in `scratch`, from `start` on. */
export type Divided = RowRange & { middle: number };

/** Divides rows by their bin of a feature, in order on both sides. Threads may divide runs of a range at a time. */
export type Partition = {
  divide(range: RowRange, feature: number): Divided;
  /** Brings the sides of adjoining ranges together in `rows`; returns where the right one begins. */
  join(parts: readonly Divided[]): number;
};

export function createPlainPartition(binned: BinnedRows, { rows, scratch, goesLeft }: RowLists): Partition {
  const { bins } = binned;
  return createPartition({
    divide: ({ start, end }, feature) => {
      const column = feature * binned.rows;
      let left = start;
      let right = start;
      for (let i = start; i < end; i++) {
        const row = rows[i] as number;
        if (goesLeft[bins[column + row] as number] === 1) rows[left++] = row;
        else scratch[right++] = row;
      }
      return left;
    },
    copy: (from, { start, end }, to) => {
      rows.set((from === 'rows' ? rows : scratch).subarray(start, end), to);
    },
  });
}

export function createKernelPartition(
  kernel: Kernel,
  binned: BinnedRows,
  { rows, scratch, goesLeft }: RowLists,
): Partition {
  const rowBytes = rows.BYTES_PER_ELEMENT;
  const addressIn = (list: Int32Array, place: number): number => list.byteOffset + place * rowBytes;
  return createPartition({
    divide: ({ start, end }, feature) => {
      const from = addressIn(rows, start);
      const column = binned.bins.byteOffset + feature * binned.rows;
      const middle = kernel.divide(
        from,
        addressIn(rows, end),
        column,
        goesLeft.byteOffset,
        addressIn(scratch, start),
      );
      // Addresses past 2 GiB come back as negative numbers, but their distances do not.
      return start + ((middle - from) | 0) / rowBytes;
    },
    copy: (from, { start, end }, to) => {
      const list = from === 'rows' ? rows : scratch;
      kernel.copy(addressIn(rows, to), addressIn(list, start), (end - start) * rowBytes);
    },
  });
}

function createPartition({
  divide,
  copy,
}: {
  /** Returns the end of those that go left. */
  divide(range: RowRange, feature: number): number;
  /** Into `rows`. */
  copy(from: 'rows' | 'scratch', range: RowRange, to: number): void;
}): Partition {
  return {
    divide: (range, feature) => ({ ...range, middle: divide(range, feature) }),
    join: (parts) => {
      let end = parts[0]?.start ?? 0;
      for (const { start, middle } of parts) {
        if (start !== end) copy('rows', { start, end: middle }, end);
        end += middle - start;
      }
      const right = end;
      for (const part of parts) {
        const rows = part.end - part.middle;
        copy('scratch', { start: part.start, end: part.start + rows }, end);
        end += rows;
      }
      return right;
    },
  };
}
