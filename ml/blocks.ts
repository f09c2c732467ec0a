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
