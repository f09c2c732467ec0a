import type { Blocks } from '../../ml/blocks.ts';
import { createRandom } from '../../ml/random.ts';

/** Blocks from rows of numbers (null: missing) and, optionally, rows of codes. */
export function blocksOf(
  rows: readonly (readonly (number | null)[])[],
  codes: { rows: readonly (readonly number[])[]; levels: readonly (readonly string[])[] } = {
    rows: [],
    levels: [],
  },
): Blocks {
  const width = rows[0]?.length ?? 0;
  return {
    rows: rows.length,
    dense: {
      names: Array.from({ length: width }, (_, i) => `x${i}`),
      values: Float64Array.from(rows.flatMap((row) => row.map((value) => value ?? Number.NaN))),
    },
    codes: {
      names: codes.levels.map((_, i) => `c${i}`),
      levels: codes.levels,
      values: Int32Array.from(codes.rows.flat()),
    },
    sparse: {
      names: [],
      offsets: new Int32Array(rows.length + 1),
      indices: new Int32Array(0),
      values: new Float64Array(0),
    },
  };
}

/** Numbers with steps and an interaction; `missingShare` of the first column is absent. */
export function sampleRows({
  rows,
  seed,
  missingShare = 0,
}: {
  rows: number;
  seed: number;
  missingShare?: number;
}) {
  const random = createRandom(seed);
  const table: (number | null)[][] = [];
  const target = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [a, b, c] = [random.uniform() * 10, random.uniform() * 10, random.below(5)];
    target[row] = (a > 6 ? 3 : 0) + 0.3 * b + (c === 2 ? a * 0.2 : 0) + random.uniform();
    table.push([random.uniform() < missingShare ? null : a, b, c]);
  }
  return { table, target };
}
