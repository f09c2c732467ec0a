/**
 * Gives each row a column of its own so that the costs sum to the least (the Hungarian method with potentials, after
 * Jonker and Volgenant, 1987); with more rows than columns, the rows left over get none.
 *
 * @param costs rows × columns, row-major, finite
 * @returns of each row its column, or -1
 */
export function assignLeastCost(
  costs: Float64Array,
  { rows, columns }: { rows: number; columns: number },
): Int32Array {
  if (rows > columns) {
    const turned = new Float64Array(costs.length);
    costs.forEach((cost, at) => {
      turned[(at % columns) * rows + Math.floor(at / columns)] = cost;
    });
    const assigned = new Int32Array(rows).fill(-1);
    assignLeastCost(turned, { rows: columns, columns: rows }).forEach((row, column) => {
      assigned[row] = column;
    });
    return assigned;
  }
  const rowPotentials = new Float64Array(rows + 1);
  const columnPotentials = new Float64Array(columns + 1);
  // 1-based: row 0 and column 0 stand for "none".
  const rowOf = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    const cameFrom = augmentingPath({ costs, columns, rowPotentials, columnPotentials, rowOf, row });
    for (let column = cameFrom.end; column !== 0; ) {
      const before = cameFrom.columns[column] as number;
      rowOf[column] = rowOf[before] as number;
      column = before;
    }
  }
  const assigned = new Int32Array(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column] as number;
    if (row > 0) assigned[row - 1] = column - 1;
  }
  return assigned;
}

/** Shortest path from the row to a free column, as Dijkstra's over reduced costs; keeps the potentials feasible. */
function augmentingPath(state: {
  costs: Float64Array;
  columns: number;
  rowPotentials: Float64Array;
  columnPotentials: Float64Array;
  rowOf: Int32Array;
  row: number;
}): { end: number; columns: Int32Array } {
  const { costs, columns, rowPotentials, columnPotentials, rowOf } = state;
  const cameFrom = new Int32Array(columns + 1);
  const least = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
  const done = new Uint8Array(columns + 1);
  rowOf[0] = state.row;
  let column = 0;
  while (rowOf[column] !== 0) {
    done[column] = 1;
    const row = rowOf[column] as number;
    let step = Number.POSITIVE_INFINITY;
    let next = 0;
    for (let to = 1; to <= columns; to++) {
      if (done[to] === 1) continue;
      const cost = costs[(row - 1) * columns + to - 1] as number;
      const reduced = cost - (rowPotentials[row] as number) - (columnPotentials[to] as number);
      if (reduced < (least[to] as number)) {
        least[to] = reduced;
        cameFrom[to] = column;
      }
      if ((least[to] as number) < step) {
        step = least[to] as number;
        next = to;
      }
    }
    for (let to = 0; to <= columns; to++) {
      if (done[to] === 1) {
        const owner = rowOf[to] as number;
        rowPotentials[owner] = (rowPotentials[owner] as number) + step;
        columnPotentials[to] = (columnPotentials[to] as number) - step;
      } else least[to] = (least[to] as number) - step;
    }
    column = next;
  }
  return { end: column, columns: cameFrom };
}
