import { createMultiplyTiles, tile } from './multiply-kernel.ts';

export type Product = {
  /** m × k, row-major; where `isTurned`, the k × m of which it is the transpose. */
  left: Float64Array;
  isTurned?: boolean;
  /** k × n. */
  right: Float64Array;
  /** m × n. */
  to: Float64Array;
  m: number;
  n: number;
  k: number;
};

/**
 * to = left · right. Each element is summed along k from its start, whatever stands beside it: a row's answers depend
 * neither on the rows that it is multiplied with nor on who multiplies.
 */
export type Multiply = (product: Product) => void;

/** Four rows by two columns at a time: each number read is used several times, and no sum waits for another. */
export const multiply: Multiply = (product) => {
  const { left, right, to, m, n, k } = product;
  const { stride, step } = stridesOf(product);
  const rows = m - (m % 4);
  const columns = n - (n % 2);
  for (let i = 0; i < rows; i += 4) {
    const a = i * stride;
    const b = a + stride;
    const c = b + stride;
    const d = c + stride;
    for (let j = 0; j < columns; j += 2) {
      let [a0, a1, b0, b1, c0, c1, d0, d1] = [0, 0, 0, 0, 0, 0, 0, 0];
      for (let p = 0, at = j, from = 0; p < k; p++, at += n, from += step) {
        const right0 = right[at] as number;
        const right1 = right[at + 1] as number;
        const leftA = left[a + from] as number;
        const leftB = left[b + from] as number;
        const leftC = left[c + from] as number;
        const leftD = left[d + from] as number;
        a0 += leftA * right0;
        a1 += leftA * right1;
        b0 += leftB * right0;
        b1 += leftB * right1;
        c0 += leftC * right0;
        c1 += leftC * right1;
        d0 += leftD * right0;
        d1 += leftD * right1;
      }
      const at = i * n + j;
      to[at] = a0;
      to[at + 1] = a1;
      to[at + n] = b0;
      to[at + n + 1] = b1;
      to[at + 2 * n] = c0;
      to[at + 2 * n + 1] = c1;
      to[at + 3 * n] = d0;
      to[at + 3 * n + 1] = d1;
    }
  }
  multiplyRest(product, { rows, columns });
};

/** For arrays in one memory; null where this engine lacks WebAssembly, its SIMD or its shared memories. */
export function createMultiply(memory: WebAssembly.Memory): Multiply | null {
  const multiplyTiles = createMultiplyTiles(memory);
  if (multiplyTiles === null) return null;
  return (product) => {
    const { left, right, to, m, n, k } = product;
    const rows = m - (m % tile.rows);
    const columns = n - (n % tile.columns);
    const { stride, step } = stridesOf(product);
    const at = left.byteOffset;
    const strides = [stride * 8, step * 8, n * 8] as const;
    multiplyTiles(at, at + rows * strides[0], right.byteOffset, to.byteOffset, ...strides, columns * 8, k);
    multiplyRest(product, { rows, columns });
  };
}

/** From a row of the left factor to the next, and along a row. */
const stridesOf = ({ m, k, isTurned = false }: Product) =>
  isTurned ? { stride: 1, step: m } : { stride: k, step: 1 };

/** All but the first so many rows and columns. */
function multiplyRest(product: Product, { rows, columns }: { rows: number; columns: number }): void {
  const { left, right, to, m, n, k } = product;
  const { stride, step } = stridesOf(product);
  for (let row = 0; row < m; row++) {
    for (let column = row < rows ? columns : 0; column < n; column++) {
      let sum = 0;
      for (let p = 0; p < k; p++)
        sum += (left[row * stride + p * step] as number) * (right[p * n + column] as number);
      to[row * n + column] = sum;
    }
  }
}

/** @param from rows × columns, row-major; `to` becomes columns × rows */
export function transpose(
  from: Float64Array,
  to: Float64Array,
  { rows, columns }: { rows: number; columns: number },
): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      to[column * rows + row] = from[row * columns + column] as number;
    }
  }
}
