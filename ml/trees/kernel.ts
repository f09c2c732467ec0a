import {
  assembleModule,
  type Code,
  clearMemory,
  copyMemory,
  type FunctionSource,
  f64,
  get,
  i32,
  i64,
  i64x2,
  loopWhile,
  select,
  set,
  tee,
} from './assembler.ts';

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
  /** parent − child, in place; both a multiple of 8 bytes. */
  subtract(parent: Pointer, parentEnd: Pointer, child: Pointer): void;
  unpackNarrow: Unpack;
  unpackWide: Unpack;
  /** Stable; `column` has a byte a row, which `goesLeft` maps to 1 or 0. Returns the address of the right side. */
  partition(list: Pointer, listEnd: Pointer, column: Pointer, goesLeft: Pointer, scratch: Pointer): Pointer;
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

const layouts = ['Narrow', 'Wide'] as const;
type Layout = (typeof layouts)[number];
type CellBits = 16 | 32;
const slotShift = { Narrow: 3, Wide: 4 } as const;

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
    subtract(),
    partition(),
  ];
}

const bytesOf = { i32: 4, i64: 8, f64: 8, v128: 16 } as const;
const advance = (local: number, bytes: number): Code => set(local, i32.add(get(local), i32.const(bytes)));
const elementAt = (base: number, index: Code, shift: number): Code =>
  i32.add(get(base), i32.shl(index, i32.const(shift)));

function binColumn(bits: CellBits): FunctionSource {
  const [values, end, valueStride, thresholds, missingBin] = [0, 1, 2, 3, 4] as const;
  const [bins, slots, slotStride, firstSlot] = [5, 6, 7, 8] as const;
  const [value, place, bin] = [9, 10, 11] as const;
  const store = bits === 16 ? i32.store16 : i32.store;
  /** Passes 2^power thresholds if the last of them is below the value: no branch, which would be wrong half the time. */
  const halve = (power: number): Code =>
    set(
      place,
      i32.add(
        get(place),
        i32.shl(
          f64.less(f64.load({ at: get(place), offset: (2 ** power - 1) * 8 }), get(value)),
          i32.const(power + 3),
        ),
      ),
    );
  return {
    name: `binColumn${bits}`,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['f64', 'i32', 'i32'],
    body: loopWhile(
      i32.lt(get(values), get(end)),
      set(value, f64.load({ at: get(values) })),
      set(place, get(thresholds)),
      ...[7, 6, 5, 4, 3, 2, 1, 0].map(halve),
      set(
        bin,
        select(
          get(missingBin),
          i32.shiftUnsigned(i32.sub(get(place), get(thresholds)), i32.const(3)),
          f64.notEqual(get(value), get(value)),
        ),
      ),
      i32.store8({ at: get(bins) }, get(bin)),
      store({ at: get(slots) }, i32.add(get(bin), get(firstSlot))),
      advance(bins, 1),
      set(slots, i32.add(get(slots), get(slotStride))),
      set(values, i32.add(get(values), get(valueStride))),
    ),
  };
}

function measure(): FunctionSource {
  const [list, end, gradients, hessians, into] = [0, 1, 2, 3, 4] as const;
  const [row, differs, gradientSize, hessianSize, first, hessian] = [5, 6, 7, 8, 9, 10] as const;
  return {
    name: 'measure',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: ['i32', 'i32', 'f64', 'f64', 'f64', 'f64'],
    body: [
      ...set(first, f64.load({ at: elementAt(hessians, i32.load({ at: get(list) }), 3) })),
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        set(
          gradientSize,
          f64.add(get(gradientSize), f64.absolute(f64.load({ at: elementAt(gradients, get(row), 3) }))),
        ),
        set(hessian, f64.load({ at: elementAt(hessians, get(row), 3) })),
        set(hessianSize, f64.add(get(hessianSize), get(hessian))),
        set(differs, i32.or(get(differs), f64.notEqual(get(hessian), get(first)))),
        advance(list, bytesOf.i32),
      ),
      ...f64.store({ at: get(into) }, get(gradientSize)),
      ...f64.store({ at: get(into), offset: 8 }, get(hessianSize)),
      ...f64.store({ at: get(into), offset: 16 }, f64.fromI32(get(differs))),
    ],
  };
}

function pack(layout: Layout): FunctionSource {
  const [list, end, gradients, hessians, packed] = [0, 1, 2, 3, 4] as const;
  const [countBits, gradientScale, hessianScale, sums] = [5, 6, 7, 8] as const;
  const [row, at, bits, gradient, hessian, gradients64, hessians64] = [9, 10, 11, 12, 13, 14, 15] as const;
  const derivativeOf = (from: number) => f64.load({ at: elementAt(from, get(row), 3) });
  const scaled = (value: Code, scale: number) => f64.nearest(f64.mul(value, get(scale)));
  const withRow = (value: Code) => i64.add(i64.shl(value, get(bits)), i64.const(1));
  const isAboveZero = f64.fromI32(f64.less(f64.const(0), derivativeOf(hessians)));
  return {
    name: `pack${layout}`,
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'f64', 'f64', 'i32'],
    result: null,
    locals: ['i32', 'i32', 'i64', 'i64', 'i64', 'i64', 'i64'],
    body: [
      ...set(bits, i64.fromI32(get(countBits))),
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        set(at, elementAt(packed, get(row), slotShift[layout])),
        set(gradient, i64.fromF64(scaled(derivativeOf(gradients), gradientScale))),
        set(gradients64, i64.add(get(gradients64), get(gradient))),
        ...(layout === 'Narrow'
          ? [i64.store({ at: get(at) }, withRow(get(gradient)))]
          : [
              set(hessian, i64.fromF64(f64.most(scaled(derivativeOf(hessians), hessianScale), isAboveZero))),
              set(hessians64, i64.add(get(hessians64), get(hessian))),
              i64.store({ at: get(at) }, get(gradient)),
              i64.store({ at: get(at), offset: 8 }, withRow(get(hessian))),
            ]),
        advance(list, bytesOf.i32),
      ),
      ...f64.store({ at: get(sums) }, f64.fromI64(get(gradients64))),
      ...f64.store({ at: get(sums), offset: 8 }, f64.fromI64(get(hessians64))),
    ],
  };
}

/** Adds the row's packed value to the slot of the cell at `offset` behind `cell`. */
function addCell(
  layout: Layout,
  bits: CellBits,
  locals: { cell: number; offset: number; histogram: number; value: number; slot: number },
): Code {
  const { cell, offset, histogram, value, slot } = locals;
  const name = (bits === 16 ? i32.load16 : i32.load)({ at: get(cell), offset });
  const { add, load, store } = layout === 'Narrow' ? i64 : i64x2;
  const at = tee(slot, elementAt(histogram, name, slotShift[layout]));
  return store({ at }, add(load({ at: get(slot) }), get(value)));
}

const countParameters = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const;

/** For each listed row its packed value and the address of its first cell, then the statements. */
function eachRow(layout: Layout, locals: { value: number; cells: number }, ...statements: Code[]): Code {
  const [list, end, cells, rowBytes, packed] = [0, 1, 2, 3, 4] as const;
  const row = locals.cells;
  const { load } = layout === 'Narrow' ? i64 : i64x2;
  return loopWhile(
    i32.lt(get(list), get(end)),
    set(row, i32.load({ at: get(list) })),
    set(locals.value, load({ at: elementAt(packed, get(row), slotShift[layout]) })),
    set(locals.cells, i32.add(get(cells), i32.mul(get(row), get(rowBytes)))),
    ...statements,
    advance(list, bytesOf.i32),
  );
}

function countAll(layout: Layout, bits: CellBits): FunctionSource {
  const [histogram, bytesByFours, bytes] = [5, 6, 7] as const;
  const [cell, slot, end, fours, value] = [8, 9, 10, 11, 12] as const;
  const width = bits / 8;
  const add = (offset: number) => addCell(layout, bits, { cell, offset, histogram, value, slot });
  return {
    name: `countAll${layout}${bits}`,
    parameters: countParameters,
    result: null,
    locals: ['i32', 'i32', 'i32', 'i32', layout === 'Narrow' ? 'i64' : 'v128'],
    body: eachRow(
      layout,
      { value, cells: cell },
      set(end, i32.add(get(cell), get(bytes))),
      set(fours, i32.add(get(cell), get(bytesByFours))),
      // Neighbouring cells never name the same slot, so the processor need not wait for one sum to begin the next.
      loopWhile(
        i32.lt(get(cell), get(fours)),
        ...[0, 1, 2, 3].map((i) => add(i * width)),
        advance(cell, 4 * width),
      ),
      loopWhile(i32.lt(get(cell), get(end)), add(0), advance(cell, width)),
    ),
  };
}

function countSome(layout: Layout, bits: CellBits): FunctionSource {
  const [histogram, columns, columnsEnd] = [5, 6, 7] as const;
  const [first, slot, cell, column, value] = [8, 9, 10, 11, 12] as const;
  return {
    name: `countSome${layout}${bits}`,
    parameters: countParameters,
    result: null,
    locals: ['i32', 'i32', 'i32', 'i32', layout === 'Narrow' ? 'i64' : 'v128'],
    body: eachRow(
      layout,
      { value, cells: first },
      set(column, get(columns)),
      loopWhile(
        i32.lt(get(column), get(columnsEnd)),
        set(cell, i32.add(get(first), i32.load({ at: get(column) }))),
        addCell(layout, bits, { cell, offset: 0, histogram, value, slot }),
        advance(column, bytesOf.i32),
      ),
    ),
  };
}

function clear(): FunctionSource {
  const body = clearMemory(get(0), get(1));
  return { name: 'clear', parameters: ['i32', 'i32'], result: null, locals: [], body };
}

function subtract(): FunctionSource {
  const [parent, end, child, pairsEnd] = [0, 1, 2, 3] as const;
  return {
    name: 'subtract',
    parameters: ['i32', 'i32', 'i32'],
    result: null,
    locals: ['i32'],
    body: [
      ...set(pairsEnd, i32.sub(get(end), i32.const(8))),
      ...loopWhile(
        i32.lt(get(parent), get(pairsEnd)),
        i64x2.store(
          { at: get(parent) },
          i64x2.sub(i64x2.load({ at: get(parent) }), i64x2.load({ at: get(child) })),
        ),
        advance(parent, bytesOf.v128),
        advance(child, bytesOf.v128),
      ),
      ...loopWhile(
        i32.lt(get(parent), get(end)),
        i64.store({ at: get(parent) }, i64.sub(i64.load({ at: get(parent) }), i64.load({ at: get(child) }))),
        advance(parent, bytesOf.i64),
        advance(child, bytesOf.i64),
      ),
    ],
  };
}

function unpack(layout: Layout): FunctionSource {
  const [slots, end, into, countBits, gradientUnit, hessianUnit] = [0, 1, 2, 3, 4, 5] as const;
  const [bits, value, rows] = [6, 7, 8] as const;
  const asDouble = (integer: Code, unit: number) => f64.mul(f64.fromI64(integer), get(unit));
  const gradient =
    layout === 'Narrow' ? i64.shiftSigned(get(value), get(bits)) : i64.load({ at: get(slots) });
  const hessian = layout === 'Narrow' ? get(rows) : i64.shiftUnsigned(get(value), get(bits));
  return {
    name: `unpack${layout}`,
    parameters: ['i32', 'i32', 'i32', 'i32', 'f64', 'f64'],
    result: null,
    locals: ['i64', 'i64', 'i64'],
    body: [
      ...set(bits, i64.fromI32(get(countBits))),
      ...loopWhile(
        i32.lt(get(slots), get(end)),
        set(value, i64.load({ at: get(slots), offset: layout === 'Narrow' ? 0 : 8 })),
        set(rows, i64.and(get(value), i64.sub(i64.shl(i64.const(1), get(bits)), i64.const(1)))),
        f64.store({ at: get(into) }, asDouble(gradient, gradientUnit)),
        f64.store({ at: get(into), offset: 8 }, asDouble(hessian, hessianUnit)),
        f64.store({ at: get(into), offset: 16 }, f64.fromI64(get(rows))),
        advance(slots, 1 << slotShift[layout]),
        advance(into, 24),
      ),
    ],
  };
}

function partition(): FunctionSource {
  const [list, end, column, goesLeft, scratch] = [0, 1, 2, 3, 4] as const;
  const [left, right, row, side] = [5, 6, 7, 8] as const;
  return {
    name: 'partition',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32'],
    result: 'i32',
    locals: ['i32', 'i32', 'i32', 'i32'],
    body: [
      ...set(left, get(list)),
      ...set(right, get(scratch)),
      // Each row is written to both sides and one of them moves on: no branch, which would be wrong half the time.
      ...loopWhile(
        i32.lt(get(list), get(end)),
        set(row, i32.load({ at: get(list) })),
        i32.store({ at: get(left) }, get(row)),
        i32.store({ at: get(right) }, get(row)),
        set(
          side,
          i32.load8({ at: i32.add(get(goesLeft), i32.load8({ at: i32.add(get(column), get(row)) })) }),
        ),
        set(left, elementAt(left, get(side), 2)),
        set(right, elementAt(right, i32.sub(i32.const(1), get(side)), 2)),
        advance(list, bytesOf.i32),
      ),
      ...copyMemory(get(left), get(scratch), i32.sub(get(right), get(scratch))),
      ...get(left),
    ],
  };
}
