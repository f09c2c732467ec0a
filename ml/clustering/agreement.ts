/** Two clusterings of the same rows. */
export type Labelings = {
  ours: Int32Array;
  theirs: Int32Array;
};

/**
 * Rand index corrected for chance (Hubert and Arabie, 1985): 1 for the same clusters under whatever names, about 0 for
 * clusters that have nothing to do with each other.
 *
 * @throws RangeError where the two are of different lengths
 */
export function adjustedRandIndex({ ours, theirs }: Labelings): number {
  const { cells, columns } = contingency({ ours, theirs });
  const rowSums = new Float64Array(cells.length / Math.max(columns, 1));
  const columnSums = new Float64Array(columns);
  let together = 0;
  cells.forEach((count, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    rowSums[row] = (rowSums[row] as number) + count;
    columnSums[column] = (columnSums[column] as number) + count;
    together += pairs(count);
  });
  const [ofOurs, ofTheirs] = [pairsOf(rowSums), pairsOf(columnSums)];
  const expected = (ofOurs * ofTheirs) / pairs(ours.length);
  const most = (ofOurs + ofTheirs) / 2;
  // Both put all rows together, or both every row by itself: they are the same.
  return most === expected || ours.length < 2 ? 1 : (together - expected) / (most - expected);
}

/** How many rows have each pair of labels: our labels × theirs, row-major. */
export function contingency({ ours, theirs }: Labelings): {
  cells: Float64Array;
  rows: number;
  columns: number;
} {
  if (ours.length !== theirs.length)
    throw new RangeError(`labels of ${ours.length} rows cannot be held against those of ${theirs.length}`);
  const rows = ours.reduce((most, label) => Math.max(most, label + 1), 0);
  const columns = theirs.reduce((most, label) => Math.max(most, label + 1), 0);
  const cells = new Float64Array(rows * columns);
  ours.forEach((label, row) => {
    const at = label * columns + (theirs[row] as number);
    cells[at] = (cells[at] as number) + 1;
  });
  return { cells, rows, columns };
}

const pairs = (count: number): number => (count * (count - 1)) / 2;
const pairsOf = (counts: Float64Array): number => counts.reduce((sum, count) => sum + pairs(count), 0);
