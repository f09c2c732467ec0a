import type { Blocks } from '../blocks.ts';
import { selectValues } from '../frame.ts';
import { createRandom, sampleIndices } from '../random.ts';

/** Points of a Euclidean space, row-major: rows × width, every value finite. */
export type Points = { values: Float64Array; rows: number; width: number };

/**
 * Rows as points: their dense columns.
 * @throws RangeError for columns of another block, none at all, or a value that is missing or infinite
 */
export function pointsOf({ rows, dense, codes, sparse }: Blocks): Points {
  const others = [...codes.names, ...sparse.names];
  if (others.length > 0)
    throw new RangeError(`clusters are found among numbers; the recipe made ${others[0]} of another kind`);
  const width = dense.names.length;
  if (width === 0) throw new RangeError('clusters need at least one column; the recipe made none');
  const at = dense.values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    const value = dense.values[at] as number;
    throw new RangeError(
      `column ${dense.names[at % width]} is ${Number.isNaN(value) ? 'missing' : value} in row ${Math.floor(at / width)}; clusters need an impute step in the recipe`,
    );
  }
  return { values: dense.values, rows, width };
}

/** At most `limit` of the rows, in their order; all of them where there are no more. */
export function sampleRows(job: { rows: number; limit: number; seed: number }): Int32Array {
  const { rows, limit, seed } = job;
  return rows <= limit
    ? Int32Array.from({ length: rows }, (_, row) => row)
    : sampleIndices({ from: rows, count: limit }, createRandom(seed));
}

export function selectPoints({ values, width }: Points, rows: Int32Array): Points {
  const cells = new Int32Array(rows.length * width);
  for (let i = 0; i < cells.length; i++)
    cells[i] = (rows[Math.floor(i / width)] as number) * width + (i % width);
  return { values: selectValues(values, cells), rows: rows.length, width };
}

export function squaredDistance(
  a: { values: Float64Array; row: number },
  b: { values: Float64Array; row: number },
  width: number,
): number {
  let sum = 0;
  for (let column = 0; column < width; column++) {
    const difference =
      (a.values[a.row * width + column] as number) - (b.values[b.row * width + column] as number);
    sum += difference * difference;
  }
  return sum;
}
