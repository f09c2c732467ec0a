import { type Part, partOf } from './crew-board.ts';
import { type ChosenRounding, chooseRounding, measuredRows, type Rounding } from './gradients.ts';
import type { GrowerRows, RowRange } from './histogram.ts';
import type { Kernel } from './kernel.ts';
import { roomFor, type SharedMemory } from './memory.ts';

/** In shared memory. */
export type DerivativeArrays = {
  /** 8 or 16 bytes a row: its gradient, hessian and count of 1 as a slot of a histogram holds their sums. */
  packed: Float64Array;
  /** Three doubles a block of rows: see `Kernel.measure`. */
  sizes: Float64Array;
  /** Two a thread: see `Pack`. */
  sums: Float64Array;
};

const widePackedBytes = 16;
const sizesOfBlock = 3;
const sumsOfThread = 2;

const blocksOf = (rows: number): number => Math.ceil(rows / measuredRows);

export function derivativeBytes({ rows, helpers }: { rows: number; helpers: number }): number {
  return (
    roomFor(rows * widePackedBytes) +
    roomFor(blocksOf(rows) * sizesOfBlock * 8) +
    roomFor((1 + helpers) * sumsOfThread * 8)
  );
}

export function allocateDerivatives(
  memory: SharedMemory,
  { rows, helpers }: { rows: number; helpers: number },
): DerivativeArrays {
  return {
    packed: memory.doubles(rows * (widePackedBytes / 8)),
    sizes: memory.doubles(blocksOf(rows) * sizesOfBlock),
    sums: memory.doubles((1 + helpers) * sumsOfThread),
  };
}

/** What threads do with the derivatives of a tree's rows, the first `count` of the grower's list, before it grows. */
export type RoundingStage =
  | { kind: 'measure'; count: number }
  | { kind: 'pack'; count: number; rounding: ChosenRounding };

export type PackedDerivatives = {
  /** A thread's part of a stage. */
  perform(stage: RoundingStage, part: Part): void;
  /** @param share has all threads perform their parts of a stage, and returns how many they are */
  round(count: number, share: (stage: RoundingStage) => number): Rounding;
};

export function createPackedDerivatives(
  kernel: Kernel,
  { rows, gradients, hessians }: Omit<GrowerRows, 'binned' | 'binning'>,
  { packed, sizes, sums }: DerivativeArrays,
): PackedDerivatives {
  const listed = ({ start, end }: RowRange) =>
    [
      rows.byteOffset + start * rows.BYTES_PER_ELEMENT,
      rows.byteOffset + end * rows.BYTES_PER_ELEMENT,
      gradients.byteOffset,
      hessians.byteOffset,
    ] as const;
  const firstHessian = (block: number): number => hessians[rows[block * measuredRows] as number] as number;

  const measure = (count: number, part: Part): void => {
    const blocks = partOf({ start: 0, end: blocksOf(count) }, part);
    for (let block = blocks.start; block < blocks.end; block++) {
      const start = block * measuredRows;
      const range = { start, end: Math.min(count, start + measuredRows) };
      kernel.measure(...listed(range), sizes.byteOffset + block * sizesOfBlock * 8);
    }
  };
  const pack = (count: number, rounding: ChosenRounding, part: Part): void => {
    const { countBits, gradientUnit, hessianUnit, equalHessian } = rounding;
    const { packWide, packNarrow } = kernel;
    const packRows = equalHessian === null ? packWide : packNarrow;
    packRows(
      ...listed(partOf({ start: 0, end: count }, part)),
      packed.byteOffset,
      countBits,
      1 / gradientUnit,
      1 / hessianUnit,
      sums.byteOffset + part.index * sumsOfThread * 8,
    );
  };
  const chooseFor = (count: number): ChosenRounding => {
    let gradient = 0;
    let hessian = 0;
    let isEqual = true;
    for (let block = 0; block < blocksOf(count); block++) {
      const at = block * sizesOfBlock;
      gradient += sizes[at] as number;
      hessian += sizes[at + 1] as number;
      if (sizes[at + 2] !== 0 || firstHessian(block) !== firstHessian(0)) isEqual = false;
    }
    return chooseRounding({ rows: count, gradient, hessian, equalHessian: isEqual ? firstHessian(0) : null });
  };

  return {
    perform: (stage, part) => {
      if (stage.kind === 'measure') measure(stage.count, part);
      else pack(stage.count, stage.rounding, part);
    },
    round: (count, share) => {
      share({ kind: 'measure', count });
      const rounding = chooseFor(count);
      const threads = share({ kind: 'pack', count, rounding });
      const { gradientUnit, hessianUnit, equalHessian } = rounding;
      const totals = { gradient: 0, hessian: equalHessian === null ? 0 : count * equalHessian, rows: count };
      for (let thread = 0; thread < threads; thread++) {
        const at = thread * sumsOfThread;
        totals.gradient += (sums[at] as number) * gradientUnit;
        if (equalHessian === null) totals.hessian += (sums[at + 1] as number) * hessianUnit;
      }
      return { ...rounding, totals };
    },
  };
}
