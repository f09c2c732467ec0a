import { treeDepth } from './tree.ts';

export type Neighbours = {
  /** Finds the nearest rows of a point; of rows as near as each other, those with the lower numbers. */
  find(point: Float64Array, start: number): void;
  /** Found by the last call, nearest first: places in the order of the tree, and squared distances. */
  places: Int32Array;
  squares: Float64Array;
};

/**
 * Exact search for the nearest rows, by a walk over the tree that passes by every node whose box lies farther than the
 * farthest found. Sums of squares grow in the order of the columns, of boxes as of rows: rounding is monotonic, so a
 * box is never taken for farther than a row in it.
 *
 * @param points rows × width, in the order of `orderRows`
 * @param numbers of the rows in that order
 */
export function createNeighbours({
  points,
  numbers,
  width,
  count,
}: {
  points: Float64Array;
  numbers: Int32Array;
  width: number;
  count: number;
}): Neighbours {
  const rows = numbers.length;
  const depth = treeDepth(rows);
  const inner = 2 ** depth - 1;
  const starts = rangeStarts(rows, depth);
  const boxes = boundNodes({ points, width, starts, inner });

  const places = new Int32Array(count);
  const squares = new Float64Array(count);
  const found = new Int32Array(count);
  /** Nodes to look at: one for each level on the way down, and two at its end. */
  const waiting = new Int32Array(depth + 2);
  const waitingSquares = new Float64Array(depth + 2);

  let filled = 0;
  let limit = Number.POSITIVE_INFINITY;

  /** The squared distance of a point from a node's box, or anything above `limit` where it passes that. */
  const boxSquare = (node: number, point: Float64Array, start: number): number => {
    const most = limit;
    let square = 0;
    let at = node * width * 2;
    for (let column = 0; column < width; column++, at += 2) {
      const value = point[start + column] as number;
      const low = boxes[at] as number;
      const high = boxes[at + 1] as number;
      const gap = value < low ? low - value : value > high ? value - high : 0;
      square += gap * gap;
      if (square > most) return square;
    }
    return square;
  };

  const insert = (place: number, square: number): void => {
    const number = numbers[place] as number;
    let at = filled < count ? filled++ : count - 1;
    while (at > 0) {
      const before = squares[at - 1] as number;
      if (before < square || (before === square && (found[at - 1] as number) < number)) break;
      squares[at] = before;
      found[at] = found[at - 1] as number;
      places[at] = places[at - 1] as number;
      at--;
    }
    squares[at] = square;
    found[at] = number;
    places[at] = place;
    if (filled === count) limit = squares[count - 1] as number;
  };

  const searchLeaf = (leaf: number, point: Float64Array, start: number): void => {
    const end = starts[leaf + 1] as number;
    const whole = width - (width % 4);
    // A copy: what a closure may change is read from memory at every use.
    let most = limit;
    for (let place = starts[leaf] as number, base = place * width; place < end; place++, base += width) {
      let square = 0;
      let column = 0;
      while (column < whole && square <= most) {
        const at = base + column;
        const from = start + column;
        const a = (points[at] as number) - (point[from] as number);
        const b = (points[at + 1] as number) - (point[from + 1] as number);
        const c = (points[at + 2] as number) - (point[from + 2] as number);
        const d = (points[at + 3] as number) - (point[from + 3] as number);
        square = square + a * a + b * b + c * c + d * d;
        column += 4;
      }
      if (square > most) continue;
      for (; column < width; column++) {
        const gap = (points[base + column] as number) - (point[start + column] as number);
        square += gap * gap;
      }
      if (square > most) continue;
      if (square === most && filled === count && (numbers[place] as number) > (found[count - 1] as number)) {
        continue;
      }
      insert(place, square);
      most = limit;
    }
  };

  return {
    places,
    squares,
    find(point, start) {
      filled = 0;
      limit = Number.POSITIVE_INFINITY;
      let waitingCount = 1;
      waiting[0] = 0;
      waitingSquares[0] = 0;
      while (waitingCount > 0) {
        const node = waiting[--waitingCount] as number;
        if ((waitingSquares[waitingCount] as number) > limit) continue;
        if (node >= inner) {
          searchLeaf(node - inner, point, start);
          continue;
        }
        const left = 2 * node + 1;
        const leftSquare = boxSquare(left, point, start);
        const rightSquare = boxSquare(left + 1, point, start);
        const isLeftNearer = leftSquare <= rightSquare;
        // The nearer one is taken next.
        waiting[waitingCount] = isLeftNearer ? left + 1 : left;
        waitingSquares[waitingCount++] = isLeftNearer ? rightSquare : leftSquare;
        waiting[waitingCount] = isLeftNearer ? left : left + 1;
        waitingSquares[waitingCount++] = isLeftNearer ? leftSquare : rightSquare;
      }
    },
  };
}

/** Where the rows of each leaf begin, and where those of the last one end. */
function rangeStarts(rows: number, depth: number): Int32Array {
  let starts = Int32Array.of(0, rows);
  for (let level = 0; level < depth; level++) {
    const next = new Int32Array(2 * starts.length - 1);
    for (let i = 0; i + 1 < starts.length; i++) {
      next[2 * i] = starts[i] as number;
      next[2 * i + 1] = ((starts[i] as number) + (starts[i + 1] as number)) >> 1;
    }
    next[next.length - 1] = rows;
    starts = next;
  }
  return starts;
}

/** Lowest and highest value of each column in each node, in turn. */
function boundNodes({
  points,
  width,
  starts,
  inner,
}: {
  points: Float64Array;
  width: number;
  starts: Int32Array;
  inner: number;
}): Float64Array {
  const boxes = new Float64Array((2 * inner + 1) * width * 2);
  for (let leaf = 0; leaf <= inner; leaf++) {
    const [start, end] = [starts[leaf] as number, starts[leaf + 1] as number];
    for (let column = 0; column < width; column++) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let place = start; place < end; place++) {
        const value = points[place * width + column] as number;
        if (value < low) low = value;
        if (value > high) high = value;
      }
      const at = ((inner + leaf) * width + column) * 2;
      boxes[at] = low;
      boxes[at + 1] = high;
    }
  }
  for (let node = inner - 1; node >= 0; node--) {
    const left = (2 * node + 1) * width * 2;
    const right = left + width * 2;
    const at = node * width * 2;
    for (let i = 0; i < width * 2; i += 2) {
      boxes[at + i] = Math.min(boxes[left + i] as number, boxes[right + i] as number);
      boxes[at + i + 1] = Math.max(boxes[left + i + 1] as number, boxes[right + i + 1] as number);
    }
  }
  return boxes;
}
