import { createNearest, type Nearest, type SearchedRows } from './nearest.ts';
import { treeDepth } from './tree.ts';

export type Neighbours = {
  /** The nearest rows of a point, valid until the next call, and how many rows were measured to find them. */
  find(point: Float64Array, start: number): { nearest: Nearest; measured: number };
};

/**
 * Exact search for the nearest rows, by a walk over the tree that passes by every node whose box lies farther than the
 * farthest found. Sums of squares grow in the order of the columns, of boxes as of rows: rounding is monotonic, so a
 * box is never taken for farther than a row in it.
 *
 * @param searched in the order of `orderRows`
 */
export function createNeighbours(searched: SearchedRows): Neighbours {
  const { points, numbers, width } = searched;
  const rows = numbers.length;
  const depth = treeDepth(rows);
  const inner = 2 ** depth - 1;
  const starts = rangeStarts(rows, depth);
  const boxes = boundNodes({ points, width, starts, inner });

  const nearest = createNearest(searched);
  /** Nodes to look at: one for each level on the way down, and two at its end. */
  const waiting = new Int32Array(depth + 2);
  const waitingSquares = new Float64Array(depth + 2);

  /** The squared distance of a point from a node's box, or anything above `limit` where it passes that. */
  const boxSquare = (node: number, point: Float64Array, start: number): number => {
    const most = nearest.limit();
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

  const searchLeaf = (leaf: number, point: Float64Array, start: number): void => {
    const end = starts[leaf + 1] as number;
    const whole = width - (width % 4);
    // A copy: what a closure may change is read from memory at every use.
    let most = nearest.limit();
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
      nearest.offer(place, square);
      most = nearest.limit();
    }
  };

  return {
    find(point, start) {
      nearest.clear();
      let measured = 0;
      let waitingCount = 1;
      waiting[0] = 0;
      waitingSquares[0] = 0;
      while (waitingCount > 0) {
        const node = waiting[--waitingCount] as number;
        if ((waitingSquares[waitingCount] as number) > nearest.limit()) continue;
        if (node >= inner) {
          const leaf = node - inner;
          searchLeaf(leaf, point, start);
          measured += (starts[leaf + 1] as number) - (starts[leaf] as number);
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
      return { nearest, measured };
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
