import type { Blocks } from '../blocks.ts';
import { type BinnedRows, binnedRowsBytes, binRows, binRowsByKernel } from './binned-rows.ts';
import { type Binning, maxValueBins } from './binning.ts';
import type { Rounding } from './gradients.ts';
import { createPlainHistograms, type GrowerRows, type Histograms, slotWidth } from './histogram.ts';
import { createKernel, type Kernel } from './kernel.ts';
import { createSharedMemory, plainArrays, roomFor, type SharedMemory } from './memory.ts';
import { type NodeSearch, searchNode } from './node-search.ts';
import { allocatePackedArrays, createPackedHistograms, packedBytes } from './packed-histogram.ts';
import { createKernelPartition, createPlainPartition, type Partition, type RowLists } from './partition.ts';
import { createFeatureScan, type SplitRules } from './splitting.ts';

/** More histograms than fit into this are not kept for subtraction: their nodes are counted again. */
const histogramBytes = 256 * 1024 * 1024;
const bytesOfSlot = 16;
const mostBins = maxValueBins + 1;

/** What a grower works with: arrays in shared memory and kernels where there are, else plain ones. */
export type GrowerParts = RowLists &
  Pick<GrowerRows, 'gradients' | 'hessians'> & {
    partition: Partition;
    /** Rounds and takes over the derivatives of the first `count` rows; the searches that follow are in their tree. */
    begin(count: number): Rounding;
    search(search: NodeSearch): void;
    binned: BinnedRows;
    histograms: Histograms;
    /** Below this many rows counting a child again is cheaper than subtracting whole histograms. */
    rowsToKeep: number;
  };

export function createGrowerParts(job: {
  blocks: Blocks;
  binning: Binning;
  rules: SplitRules & { maxLeaves: number };
  plain?: boolean;
}): GrowerParts {
  const { blocks, binning, rules } = job;
  const features = binning.features.length;
  const slots = binning.offsets[features] as number;
  const rowsToKeep = Math.ceil(slots / Math.max(1, features));
  // Leaves worth keeping share the rows; two more are at work.
  const wanted = Math.min(rules.maxLeaves, Math.floor(blocks.rows / Math.max(1, rowsToKeep))) + 2;
  const capacity = Math.max(1, Math.min(wanted, Math.floor(histogramBytes / (slots * bytesOfSlot))));
  const size = { rows: blocks.rows, dense: blocks.dense.names.length, features, slots, capacity };

  const memory = job.plain === true ? null : createSharedMemory(bytesFor(size));
  const kernel = memory === null ? null : createKernel(memory.memory);
  const arrays = kernel === null || memory === null ? plainArrays : memory;
  const binned =
    kernel === null || memory === null
      ? binRows(binning, blocks)
      : binRowsByKernel({ kernel, memory, binning, blocks });
  const lists = {
    rows: arrays.integers(blocks.rows),
    scratch: arrays.integers(blocks.rows),
    goesLeft: arrays.bytes(mostBins),
  };
  const derivatives = { gradients: arrays.doubles(blocks.rows), hessians: arrays.doubles(blocks.rows) };
  const rows: GrowerRows = { ...derivatives, binned, binning, rows: lists.rows };
  const histograms =
    kernel === null || memory === null
      ? createPlainHistograms(rows, capacity)
      : packedHistograms(kernel, memory, rows, size);
  const searcher = { histograms, scan: createFeatureScan(binning, rules) };
  const whole = { index: 0, of: 1 };
  return {
    ...lists,
    ...derivatives,
    binned,
    histograms,
    rowsToKeep,
    partition:
      kernel === null ? createPlainPartition(binned, lists) : createKernelPartition(kernel, binned, lists),
    begin: (count) => histograms.begin(count),
    search: (search) => searchNode(search, searcher, whole),
  };
}

type Size = { rows: number; dense: number; features: number; slots: number; capacity: number };

function bytesFor({ rows, dense, features, slots, capacity }: Size): number {
  return (
    binnedRowsBytes({ rows, dense, features, slots }) +
    2 * roomFor(rows * 4) +
    2 * roomFor(rows * 8) +
    roomFor(mostBins) +
    packedBytes({ rows, slots, capacity }) +
    roomFor(mostBins * slotWidth * 8) +
    roomFor(features * 4)
  );
}

function packedHistograms(kernel: Kernel, memory: SharedMemory, rows: GrowerRows, size: Size): Histograms {
  const scratch = {
    unpacked: memory.doubles(mostBins * slotWidth),
    columns: memory.integers(size.features),
  };
  return createPackedHistograms(kernel, rows, allocatePackedArrays(memory, size), scratch);
}
