import type { Blocks } from '../blocks.ts';
import { type Binning, binOf } from './binning.ts';
import type { Kernel } from './kernel.ts';
import { type Arrays, plainArrays, roomFor, type SharedMemory } from './memory.ts';

export type BinnedRows = {
  rows: number;
  features: number;
  /**
   * Rows × features, row-major, so that one row's values share a cache line while histograms are filled. Slots, not
   * bins: two bytes in place of one, but no look-up of the offset in the innermost loop, which made it twice as
   * fast. Four bytes where there are more slots than two can count.
   */
  slots: Uint16Array | Int32Array;
  /** Features × rows, column-major, because dividing a node's rows reads one feature only. */
  bins: Uint8Array;
};

/** Slots that two bytes can name. */
const mostNarrowSlots = 0x10000;
/** Rows whose values are in the processor's cache while each of their columns is binned. */
const blockRows = 256;
/** See `BinColumn`. */
const tableLength = 256;

/** Bytes of shared memory that `binRowsByKernel` takes. */
export function binnedRowsBytes(size: {
  rows: number;
  dense: number;
  features: number;
  slots: number;
}): number {
  const cells = size.rows * size.features;
  return (
    roomFor(cells * (size.slots <= mostNarrowSlots ? 2 : 4)) +
    roomFor(cells) +
    roomFor(blockRows * size.dense * 8) +
    roomFor(tableLength * size.dense * 8)
  );
}

export function binRows(binning: Binning, blocks: Blocks): BinnedRows {
  const binned = allocate(plainArrays, binning, blocks.rows);
  const width = blocks.dense.names.length;
  binning.features.forEach((feature, column) => {
    if (feature.kind !== 'number') return;
    for (let row = 0; row < blocks.rows; row++) {
      const bin = binOf(feature.thresholds, blocks.dense.values[row * width + column] as number);
      putBin(binned, binning, { row, column, bin });
    }
  });
  binCodes(binned, binning, blocks);
  return binned;
}

export function binRowsByKernel(job: {
  kernel: Kernel;
  memory: SharedMemory;
  binning: Binning;
  blocks: Blocks;
}): BinnedRows {
  const { kernel, memory, binning, blocks } = job;
  const { features, offsets } = binning;
  const binned = allocate(memory, binning, blocks.rows);
  const { slots, bins } = binned;
  const width = blocks.dense.names.length;
  const values = memory.doubles(blockRows * width);
  const tables = memory.doubles(tableLength * width).fill(Number.POSITIVE_INFINITY);
  features.forEach((feature, column) => {
    if (feature.kind === 'number') tables.set(feature.thresholds, column * tableLength);
  });
  const cellBytes = slots.BYTES_PER_ELEMENT;
  const binColumn = cellBytes === 2 ? kernel.binColumn16 : kernel.binColumn32;
  for (let start = 0; start < blocks.rows; start += blockRows) {
    const end = Math.min(blocks.rows, start + blockRows);
    values.set(blocks.dense.values.subarray(start * width, end * width));
    const valuesEnd = values.byteOffset + (end - start) * width * 8;
    for (let column = 0; column < width; column++) {
      binColumn(
        values.byteOffset + column * 8,
        valuesEnd,
        width * 8,
        tables.byteOffset + column * tableLength * 8,
        features[column]?.bins ?? 0,
        bins.byteOffset + column * blocks.rows + start,
        slots.byteOffset + (start * features.length + column) * cellBytes,
        features.length * cellBytes,
        offsets[column] as number,
      );
    }
  }
  binCodes(binned, binning, blocks);
  return binned;
}

function allocate(arrays: Arrays, { features, offsets }: Binning, rows: number): BinnedRows {
  const width = features.length;
  const cells = rows * width;
  const isNarrow = (offsets[width] as number) <= mostNarrowSlots;
  return {
    rows,
    features: width,
    slots: isNarrow ? arrays.words(cells) : arrays.integers(cells),
    bins: arrays.bytes(cells),
  };
}

function binCodes(binned: BinnedRows, binning: Binning, blocks: Blocks): void {
  const { names, values } = blocks.codes;
  const dense = blocks.dense.names.length;
  names.forEach((_, place) => {
    const column = dense + place;
    const missing = binning.features[column]?.bins ?? 0;
    for (let row = 0; row < blocks.rows; row++) {
      const code = values[row * names.length + place] as number;
      putBin(binned, binning, { row, column, bin: code < 0 || code >= missing ? missing : code });
    }
  });
}

function putBin(
  { rows, features, slots, bins }: BinnedRows,
  { offsets }: Binning,
  { row, column, bin }: { row: number; column: number; bin: number },
): void {
  bins[column * rows + row] = bin;
  slots[row * features + column] = (offsets[column] as number) + bin;
}
