/** Rows of a leaf at most: fewer cost more boxes to look at than rows are spared. */
const leafRows = 64;

/** Nodes of a tree over so many rows: a full binary one, whose node `i` has the children `2i + 1` and `2i + 2`. */
export function treeDepth(rows: number): number {
  let depth = 0;
  while (rows / 2 ** depth > leafRows) depth++;
  return depth;
}

type Range = { node: number; start: number; end: number };

/**
 * The order of the rows in which every node of the tree holds a range of them (Bentley, 1975): each range is divided in
 * the middle, along the column in which it is widest. Yields after each division of many rows.
 * @param points rows × width
 */
export function* orderRows(points: Float64Array, width: number): Generator<void, Int32Array, void> {
  const rows = points.length / width;
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  const inner = 2 ** treeDepth(rows) - 1;
  const ranges: Range[] = [{ node: 0, start: 0, end: rows }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { node, start, end } = range;
    if (node >= inner) continue;
    const middle = (start + end) >> 1;
    const column = widestColumn({ points, width }, order.subarray(start, end));
    divide({ order, points, width, column }, { start, end, middle });
    ranges.push({ node: 2 * node + 1, start, end: middle }, { node: 2 * node + 2, start: middle, end });
    if (end - start > 10_000) yield;
  }
  return order;
}

function widestColumn({ points, width }: { points: Float64Array; width: number }, rows: Int32Array): number {
  let [widest, most] = [0, -1];
  for (let column = 0; column < width; column++) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < rows.length; i++) {
      const value = points[(rows[i] as number) * width + column] as number;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (high - low > most) [widest, most] = [column, high - low];
  }
  return widest;
}

type Division = { order: Int32Array; points: Float64Array; width: number; column: number };

/** Hoare's selection: rows before `middle` come no later than those from it on, by value and then by row. */
function divide(
  { order, points, width, column }: Division,
  { start, end, middle }: { start: number; end: number; middle: number },
): void {
  const isBefore = (a: number, b: number): boolean => {
    const [left, right] = [points[a * width + column] as number, points[b * width + column] as number];
    return left < right || (left === right && a < b);
  };
  let [low, high] = [start, end - 1];
  while (low < high) {
    const pivot = order[(low + high) >> 1] as number;
    let [i, j] = [low, high];
    while (i <= j) {
      while (isBefore(order[i] as number, pivot)) i++;
      while (isBefore(pivot, order[j] as number)) j--;
      if (i <= j) {
        const kept = order[i] as number;
        order[i++] = order[j] as number;
        order[j--] = kept;
      }
    }
    if (middle <= j) high = j;
    else if (middle >= i) low = i;
    else return;
  }
}
