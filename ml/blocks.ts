/**
 * What a recipe hands to a learner. Three blocks from the first day, because a TF-IDF of nine thousand
 * reviews made dense takes gigabytes, and because trees read category codes where linear models read one-hot.
 * All of them are row-major.
 */
export type DenseBlock = {
  names: readonly string[] /** rows × names; NaN is missing. */;
  values: Float64Array;
};
export type CodesBlock = {
  names: readonly string[];
  /** The levels of each column, in the order of their codes. */
  levels: readonly (readonly string[])[];
  /** rows × names; -1 is missing or unseen. */
  values: Int32Array;
};
/** Compressed sparse rows. */
export type SparseBlock = {
  names: readonly string[];
  /** rows + 1 offsets into `indices` and `values`. */
  offsets: Int32Array;
  indices: Int32Array;
  values: Float64Array;
};
export type Blocks = { rows: number; dense: DenseBlock; codes: CodesBlock; sparse: SparseBlock };

/**
 * The same before rows are laid out, a column at a time. Most columns of a wide recipe are levels of a one-hot step,
 * and whoever can read them by their slots need not have the zeros written.
 */
export type PreparedColumns = {
  rows: number;
  dense: readonly (DenseColumn & { name: string })[];
  codes: readonly { name: string; levels: readonly string[]; values: Int32Array }[];
  sparse: SparseBlock;
};
/** `level`: 1 in the rows whose slot is `slot`, 0 in all others. */
export type DenseColumn =
  | { kind: 'number'; values: Float64Array }
  | { kind: 'level'; slots: Int32Array; slot: number };

export function layOutRows({ rows, dense, codes, sparse }: PreparedColumns): Blocks {
  return {
    rows,
    dense: { names: dense.map(({ name }) => name), values: interleaveNumbers(dense, rows) },
    codes: {
      names: codes.map(({ name }) => name),
      levels: codes.map(({ levels }) => levels),
      values: interleaveCodes(codes, rows),
    },
    sparse,
  };
}

/** Rows laid out at a time: a column at a time misses the cache at every value. */
const rowsAtOnce = 256;

function interleaveNumbers(columns: readonly DenseColumn[], rows: number): Float64Array {
  const width = columns.length;
  const to = new Float64Array(rows * width);
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const end = Math.min(start + rowsAtOnce, rows);
    for (const [place, column] of columns.entries()) {
      let at = start * width + place;
      if (column.kind === 'level') {
        const { slots, slot } = column;
        for (let row = start; row < end; row++, at += width) if (slots[row] === slot) to[at] = 1;
      } else {
        const { values } = column;
        for (let row = start; row < end; row++, at += width) to[at] = values[row] as number;
      }
    }
  }
  return to;
}

function interleaveCodes(columns: PreparedColumns['codes'], rows: number): Int32Array {
  const width = columns.length;
  const to = new Int32Array(rows * width);
  for (const [place, { values }] of columns.entries()) {
    for (let row = 0, at = place; row < rows; row++, at += width) to[at] = values[row] as number;
  }
  return to;
}
