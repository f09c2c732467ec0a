import { assembleModule, type FunctionSource } from './assembler.ts';
import { clear, combine, countAll, countSome, unpack } from './histogram-kernels.ts';
import { layouts } from './kernel-code.ts';
import { copy, divide } from './partition-kernel.ts';
import { binColumn, measure, pack } from './preparing-kernels.ts';

/** An address in bytes. */
type Pointer = number;

/**
 * Packs gradients and hessians of the listed rows, `…Scale` making integers of them; a hessian above 0 becomes 1 at
 * least. Writes two doubles, the sums of those integers: of gradients, and (wide only) of hessians.
 */
type Pack = (
  list: Pointer,
  listEnd: Pointer,
  gradients: Pointer,
  hessians: Pointer,
  packed: Pointer,
  countBits: number,
  gradientScale: number,
  hessianScale: number,
  sums: Pointer,
) => void;

/**
 * Writes the bins of one column of a block of rows, and the slots that they are. `values` are `valueStride` bytes
 * apart; `thresholds` are 256 doubles, infinite from the last one on; NaN goes into `missingBin`.
 */
type BinColumn = (
  values: Pointer,
  valuesEnd: Pointer,
  valueStride: number,
  thresholds: Pointer,
  missingBin: number,
  bins: Pointer,
  slots: Pointer,
  slotStride: number,
  firstSlot: number,
) => void;

/** Adds the listed rows to the slots that their cells name; `columns` are bytes within a row, the last two `…End`. */
type CountAll = (
  list: Pointer,
  listEnd: Pointer,
  cells: Pointer,
  rowBytes: number,
  packed: Pointer,
  histogram: Pointer,
  bytesByFours: number,
  bytes: number,
) => void;

/** As `CountAll`, for columns in a list of their offsets within a row, in bytes. */
type CountSome = (
  list: Pointer,
  listEnd: Pointer,
  cells: Pointer,
  rowBytes: number,
  packed: Pointer,
  histogram: Pointer,
  columns: Pointer,
  columnsEnd: Pointer,
) => void;

/** Writes three doubles a slot: gradient, hessian, rows. Narrow slots have `hessianUnit` a row. */
type Unpack = (
  slots: Pointer,
  slotsEnd: Pointer,
  into: Pointer,
  countBits: number,
  gradientUnit: number,
  hessianUnit: number,
) => void;

/**
 * The innermost loops of the tree grower over a shared memory, in WebAssembly: it has 64-bit integers, of which one
 * addition sums gradients and counts rows, and it checks no bounds.
 *
 * A `narrow` slot is Σ gradient · 2^countBits + rows in 8 bytes, for rows whose hessians are equal; a `wide` one is
 * Σ gradient and Σ hessian · 2^countBits + rows in 16. Cells of a row name slots, in 16 or 32 bits.
 */
export type Kernel = {
  binColumn16: BinColumn;
  binColumn32: BinColumn;
  /**
   * Writes three doubles about the listed rows: Σ |gradient|, Σ hessian, and whether any hessian differs from the
   * first (1 or 0).
   */
  measure(list: Pointer, listEnd: Pointer, gradients: Pointer, hessians: Pointer, into: Pointer): void;
  packNarrow: Pack;
  packWide: Pack;
  countAllNarrow16: CountAll;
  countAllNarrow32: CountAll;
  countAllWide16: CountAll;
  countAllWide32: CountAll;
  countSomeNarrow16: CountSome;
  countSomeNarrow32: CountSome;
  countSomeWide16: CountSome;
  countSomeWide32: CountSome;
  clear(at: Pointer, bytes: number): void;
  /** Slot by slot, in place of the first; a multiple of 8 bytes. */
  add(to: Pointer, toEnd: Pointer, other: Pointer): void;
  subtract(from: Pointer, fromEnd: Pointer, other: Pointer): void;
  unpackNarrow: Unpack;
  unpackWide: Unpack;
  /**
   * `column` has a byte a row, which `goesLeft` maps to 1 or 0. Moves those that go left to the list's front, the
   * others to `scratch`, in order; returns the end of the first.
   */
  divide(list: Pointer, listEnd: Pointer, column: Pointer, goesLeft: Pointer, scratch: Pointer): Pointer;
  /** The two may overlap. */
  copy(to: Pointer, from: Pointer, bytes: number): void;
};

/** Undefined until first asked for; null where this engine has no WebAssembly with SIMD and threads. */
let compiled: WebAssembly.Module | null | undefined;

/** Null where the engine that runs this lacks WebAssembly, its SIMD or its shared memories. */
export function createKernel(memory: WebAssembly.Memory): Kernel | null {
  if (compiled === undefined) {
    const bytes = assembleModule(functions());
    compiled = isSupported(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  return compiled === null
    ? null
    : (new WebAssembly.Instance(compiled, { tree: { memory } }).exports as Kernel);
}

const isSupported = (bytes: Uint8Array): boolean =>
  typeof WebAssembly === 'object' && WebAssembly.validate(bytes);

function functions(): FunctionSource[] {
  return [
    ...layouts.flatMap((layout) => [
      pack(layout),
      unpack(layout),
      ...([16, 32] as const).flatMap((bits) => [countAll(layout, bits), countSome(layout, bits)]),
    ]),
    binColumn(16),
    binColumn(32),
    measure(),
    clear(),
    combine('add'),
    combine('subtract'),
    divide(),
    copy(),
  ];
}
