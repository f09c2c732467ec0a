import {
  assembleModule,
  type FunctionSource,
  f64,
  f64x2,
  get,
  i32,
  loopWhile,
  set,
} from '../trees/assembler.ts';
import { advance, bytesOf } from '../trees/kernel-code.ts';

/** Rows and columns of a tile. */
export const tile = { rows: 4, columns: 4 } as const;

/**
 * The whole tiles of a product over a shared memory, for the SIMD of WebAssembly. Each element is summed along k in a
 * lane of its own, so its bits are those of a plain loop. Addresses and strides in bytes; a row of the product is as long
 * as one of the right factor.
 */
export type MultiplyTiles = (
  left: number,
  leftEnd: number,
  right: number,
  to: number,
  /** From a row of the left factor to the next, and along a row. */
  leftStride: number,
  leftStep: number,
  rightStride: number,
  columns: number,
  k: number,
) => void;

/** Undefined until first asked for; null where this engine has no WebAssembly with SIMD and threads. */
let compiled: WebAssembly.Module | null | undefined;

export function createMultiplyTiles(memory: WebAssembly.Memory): MultiplyTiles | null {
  if (compiled === undefined) {
    const bytes = assembleModule([multiplyTiles()]);
    compiled = WebAssembly.validate(bytes) ? new WebAssembly.Module(bytes) : null;
  }
  if (compiled === null) return null;
  const { exports } = new WebAssembly.Instance(compiled, { tree: { memory } });
  return (exports as { multiplyTiles: MultiplyTiles }).multiplyTiles;
}

function multiplyTiles(): FunctionSource {
  const [left, leftEnd, right, to, leftStride] = [0, 1, 2, 3, 4] as const;
  const [leftStep, rightStride, columns, k] = [5, 6, 7, 8] as const;
  const [column, rest, below, at] = [9, 10, 11, 12] as const;
  const rows = [13, 14, 15, 16] as const;
  const [first, second, value] = [17, 26, 27] as const;
  /** Of each row the sums of the tile's first pair of columns and of its second. */
  const sums = [
    [18, 19],
    [20, 21],
    [22, 23],
    [24, 25],
  ] as const;
  const addTo = (sum: number, factor: number) =>
    set(sum, f64x2.add(get(sum), f64x2.mul(get(value), get(factor))));
  return {
    name: 'multiplyTiles',
    parameters: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'],
    result: null,
    locals: [
      ...(['i32', 'i32', 'i32', 'i32'] as const),
      ...(['i32', 'i32', 'i32', 'i32'] as const),
      ...(['v128', 'v128', 'v128'] as const),
      ...(['v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128', 'v128'] as const),
    ],
    body: loopWhile(
      i32.lt(get(left), get(leftEnd)),
      set(column, i32.const(0)),
      loopWhile(
        i32.lt(get(column), get(columns)),
        sums.flat().flatMap((sum) => set(sum, f64x2.splat(f64.const(0)))),
        set(rows[0], get(left)),
        set(rows[1], i32.add(get(rows[0]), get(leftStride))),
        set(rows[2], i32.add(get(rows[1]), get(leftStride))),
        set(rows[3], i32.add(get(rows[2]), get(leftStride))),
        set(below, i32.add(get(right), get(column))),
        set(rest, get(k)),
        loopWhile(
          i32.lt(i32.const(0), get(rest)),
          set(first, f64x2.load({ at: get(below) })),
          set(second, f64x2.load({ at: get(below), offset: bytesOf.v128 })),
          sums.flatMap(([low, high], row) => [
            ...set(value, f64x2.loadSplat({ at: get(rows[row] as number) })),
            ...addTo(low, first),
            ...addTo(high, second),
          ]),
          rows.flatMap((row) => set(row, i32.add(get(row), get(leftStep)))),
          set(below, i32.add(get(below), get(rightStride))),
          advance(rest, -1),
        ),
        set(at, i32.add(get(to), get(column))),
        sums.flatMap(([low, high]) => [
          ...f64x2.store({ at: get(at) }, get(low)),
          ...f64x2.store({ at: get(at), offset: bytesOf.v128 }, get(high)),
          ...set(at, i32.add(get(at), get(rightStride))),
        ]),
        advance(column, tile.columns * bytesOf.f64),
      ),
      set(left, i32.add(get(left), i32.mul(get(leftStride), i32.const(tile.rows)))),
      set(to, i32.add(get(to), i32.mul(get(rightStride), i32.const(tile.rows)))),
    ),
  };
}
