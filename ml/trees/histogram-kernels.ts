import {
  type Code,
  clearMemory,
  type FunctionSource,
  f64,
  get,
  i32,
  i64,
  i64x2,
  loopWhile,
  set,
  tee,
} from './assembler.ts';
import { advance, bytesOf, type CellBits, elementAt, type Layout, slotShift } from './kernel-code.ts';

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

export function countAll(layout: Layout, bits: CellBits): FunctionSource {
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

export function countSome(layout: Layout, bits: CellBits): FunctionSource {
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

export function clear(): FunctionSource {
  const body = clearMemory(get(0), get(1));
  return { name: 'clear', parameters: ['i32', 'i32'], result: null, locals: [], body };
}

export function combine(name: 'add' | 'subtract'): FunctionSource {
  const [first, end, second, pairsEnd] = [0, 1, 2, 3] as const;
  const operate = name === 'add' ? ('add' as const) : ('sub' as const);
  const inPlace = ({ load, store, [operate]: combined }: typeof i64 | typeof i64x2): Code =>
    store({ at: get(first) }, combined(load({ at: get(first) }), load({ at: get(second) })));
  return {
    name,
    parameters: ['i32', 'i32', 'i32'],
    result: null,
    locals: ['i32'],
    body: [
      ...set(pairsEnd, i32.sub(get(end), i32.const(8))),
      ...loopWhile(
        i32.lt(get(first), get(pairsEnd)),
        inPlace(i64x2),
        advance(first, bytesOf.v128),
        advance(second, bytesOf.v128),
      ),
      ...loopWhile(
        i32.lt(get(first), get(end)),
        inPlace(i64),
        advance(first, bytesOf.i64),
        advance(second, bytesOf.i64),
      ),
    ],
  };
}

export function unpack(layout: Layout): FunctionSource {
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
