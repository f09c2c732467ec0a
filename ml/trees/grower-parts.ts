import type { Blocks } from '../blocks.ts';
import { type BinnedRows, binnedRowsBytes, binRows, binRowsByKernel } from './binned-rows.ts';
import { type Binning, maxValueBins } from './binning.ts';
import { type Cores, type Crew, createCrew } from './crew.ts';
import { boardCells, boardNumbers, type CrewJob } from './crew-board.ts';
import { type Rounding, roundGradients } from './gradients.ts';
import {
  createPlainHistograms,
  type GrowerRows,
  type Histograms,
  type RowRange,
  slotWidth,
} from './histogram.ts';
import { createKernel, type Kernel } from './kernel.ts';
import { createSharedMemory, plainArrays, roomFor, type SharedMemory } from './memory.ts';
import { alone, type NodeSearch, searchNode } from './node-search.ts';
import { createPackedDerivatives } from './packed-derivatives.ts';
import {
  allocatePackedArrays,
  createPackedHistograms,
  type PackedScratch,
  packedBytes,
} from './packed-histogram.ts';
import { createKernelPartition, createPlainPartition, type Partition, type RowLists } from './partition.ts';
import { createFeatureScan, type SplitRules } from './splitting.ts';

/** More histograms than fit into this are not kept for subtraction: their nodes are counted again. */
const histogramBytes = 256 * 1024 * 1024;
const bytesOfSlot = 16;
/** With fewer cells than this the threads of a crew would wait for one another longer than they work. */
const fewestCells = 250_000;
/** Adding up another thread's counts takes about as long as counting so many rows a bin. */
const dealingFactor = 4;
const mostBins = maxValueBins + 1;

/** What a grower works with: arrays in shared memory and kernels where there are, else plain ones. */
export type GrowerParts = RowLists &
  Pick<GrowerRows, 'gradients' | 'hessians'> & {
    /** Divides a range of rows by their bin of a feature, in order on both sides; returns where the right one begins. */
    divide(range: RowRange, feature: number): number;
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
  cores?: Cores | undefined;
}): GrowerParts {
  const { blocks, binning, rules } = job;
  const features = binning.features.length;
  const slots = binning.offsets[features] as number;
  const rowsToKeep = Math.ceil(slots / Math.max(1, features));
  // Leaves worth keeping share the rows; two more are at work.
  const wanted = Math.min(rules.maxLeaves, Math.floor(blocks.rows / Math.max(1, rowsToKeep))) + 2;
  const capacity = Math.max(1, Math.min(wanted, Math.floor(histogramBytes / (slots * bytesOfSlot))));
  const helpers = blocks.rows * features < fewestCells ? 0 : (job.cores?.most ?? 0);
  const size = { rows: blocks.rows, dense: blocks.dense.names.length, features, slots, capacity, helpers };

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
  const grower: GrowerRows = { ...derivatives, binned, binning, rows: lists.rows };
  const { histograms, partition, crew, round } =
    kernel === null || memory === null
      ? {
          histograms: createPlainHistograms(grower, capacity),
          partition: createPlainPartition(binned, lists),
          crew: null,
          round: (count: number) => roundGradients(lists.rows.subarray(0, count), derivatives),
        }
      : createSharedParts({ kernel, memory, grower, lists, size, rules, rowsToKeep, cores: job.cores });
  const searcher = { histograms, scan: createFeatureScan(binning, rules) };
  return {
    ...lists,
    ...derivatives,
    binned,
    histograms,
    rowsToKeep,
    divide: (range, feature) =>
      crew === null ? partition.join([partition.divide(range, feature)]) : crew.divide(range, feature),
    begin: (count) => {
      const rounding = round(count);
      histograms.use(rounding);
      return rounding;
    },
    search: (search) => {
      if (crew === null) searchNode(search, searcher, alone);
      else crew.search(search, searcher);
    },
  };
}

type Size = {
  rows: number;
  dense: number;
  features: number;
  slots: number;
  capacity: number;
  helpers: number;
};

function bytesFor({ rows, dense, features, slots, capacity, helpers }: Size): number {
  const scratchBytes = roomFor(mostBins * slotWidth * 8) + roomFor(features * 4);
  return (
    binnedRowsBytes({ rows, dense, features, slots }) +
    2 * roomFor(rows * 4) +
    2 * roomFor(rows * 8) +
    roomFor(mostBins) +
    packedBytes({ rows, slots, capacity, helpers }) +
    (1 + helpers) * scratchBytes +
    roomFor(boardCells(features, helpers) * 4) +
    roomFor(boardNumbers(helpers) * 8)
  );
}

function createSharedParts(job: {
  kernel: Kernel;
  memory: SharedMemory;
  grower: GrowerRows;
  lists: RowLists;
  size: Size;
  rules: SplitRules;
  rowsToKeep: number;
  cores: Cores | undefined;
}): {
  histograms: Histograms;
  partition: Partition;
  crew: Crew | null;
  round(count: number): Rounding;
} {
  const { kernel, memory, grower, lists, size, rules, rowsToKeep, cores } = job;
  const packed = allocatePackedArrays(memory, size);
  const takeScratch = (): PackedScratch => ({
    unpacked: memory.doubles(mostBins * slotWidth),
    columns: memory.integers(size.features),
  });
  const histograms = createPackedHistograms(kernel, grower, packed, takeScratch());
  const derivatives = createPackedDerivatives(kernel, grower, packed);
  const partition = createKernelPartition(kernel, grower.binned, lists);
  const round = (count: number): Rounding =>
    derivatives.round(count, (stage) => {
      derivatives.perform(stage, alone);
      return 1;
    });
  if (cores === undefined || size.helpers === 0) return { histograms, partition, crew: null, round };
  const crewJob: CrewJob = {
    memory: memory.memory,
    grower,
    lists,
    packed,
    rules,
    scratch: Array.from({ length: size.helpers }, takeScratch),
    board: memory.integers(boardCells(size.features, size.helpers)),
    numbers: memory.doubles(boardNumbers(size.helpers)),
  };
  const rowsToDeal = dealingFactor * rowsToKeep;
  const crew = createCrew(crewJob, cores, { derivatives, partition, rowsToDeal });
  return { histograms, partition, crew, round: crew.begin };
}
