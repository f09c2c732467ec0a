import { createMultiply, multiply as multiplyPlainly, transpose } from '../network/multiply.ts';
import { createSharedMemory, plainArrays, roomFor } from '../trees/memory.ts';
import { createNearest, type Nearest, type SearchedRows } from './nearest.ts';

/** Points searched for at a time, and rows that they are multiplied with at a time: what the processor's cache holds. */
export const pointsAtOnce = 64;
const rowsAtOnce = 64;

/** Searches for some of the points, `pointsAtOnce` at most; the result of each is valid until the next call. */
export type BatchSearch = (points: Float64Array, range: { start: number; end: number }) => readonly Nearest[];

/**
 * Exact search for the nearest rows of many points at once, by all rows: |p|² + |r|² − 2 p·r is a squared distance but
 * for rounding, and products of matrices are fast. Rows that it cannot rule out are measured as the tree measures them.
 */
export function createBatchSearch(searched: SearchedRows): BatchSearch {
  const { points: rows, numbers, width } = searched;
  const bytes = [rows.length, pointsAtOnce * width, pointsAtOnce * rowsAtOnce].map((length) =>
    roomFor(length * 8),
  );
  const { memory, doubles } = createSharedMemory(bytes.reduce((sum, size) => sum + size, 0)) ?? {
    memory: null,
    ...plainArrays,
  };
  const multiply = (memory && createMultiply(memory)) ?? multiplyPlainly;
  // Blocks of rows, each width × rows.
  const turned = doubles(rows.length);
  const left = doubles(pointsAtOnce * width);
  const products = doubles(pointsAtOnce * rowsAtOnce);
  for (let start = 0; start < numbers.length; start += rowsAtOnce) {
    const block = [start * width, Math.min(rows.length, (start + rowsAtOnce) * width)] as const;
    const size = { rows: Math.min(rowsAtOnce, numbers.length - start), columns: width };
    transpose(rows.subarray(...block), turned.subarray(...block), size);
  }
  const lengths = squaredLengths(rows, width);
  // Each of the three sums, and that of the squared gaps, is off by less than width · 2⁻⁵³ of both squared lengths together.
  const slack = 8 * (width + 4) * 2 ** -53;
  const found = Array.from({ length: pointsAtOnce }, () => createNearest(searched));

  const squareOf = (place: number, points: Float64Array, point: number): number => {
    let square = 0;
    for (let column = 0; column < width; column++) {
      const gap = (rows[place * width + column] as number) - (points[point * width + column] as number);
      square += gap * gap;
    }
    return square;
  };

  return (points, { start, end }) => {
    const many = end - start;
    const some = points.subarray(start * width, end * width);
    const lengthsOfSome = squaredLengths(some, width);
    left.set(some);
    for (let i = 0; i < many; i++) found[i]?.clear();
    for (let first = 0; first < numbers.length; first += rowsAtOnce) {
      const n = Math.min(rowsAtOnce, numbers.length - first);
      const right = turned.subarray(first * width, (first + n) * width);
      multiply({ left, right, to: products, m: many, n, k: width });
      for (let i = 0; i < many; i++) {
        const nearest = found[i] as Nearest;
        const length = lengthsOfSome[i] as number;
        let limit = nearest.limit();
        for (let j = 0; j < n; j++) {
          const both = length + (lengths[first + j] as number);
          if (both - 2 * (products[i * n + j] as number) - slack * both > limit) continue;
          nearest.offer(first + j, squareOf(first + j, some, i));
          limit = nearest.limit();
        }
      }
    }
    return found.slice(0, many);
  };
}

function squaredLengths(points: Float64Array, width: number): Float64Array {
  return Float64Array.from({ length: points.length / width }, (_, point) => {
    let sum = 0;
    for (let at = point * width; at < (point + 1) * width; at++) sum += (points[at] as number) ** 2;
    return sum;
  });
}
