import { type BatchSearch, createBatchSearch, pointsAtOnce } from './batch.ts';
import type { Nearest, SearchedRows } from './nearest.ts';
import { createNeighbours } from './search.ts';

/** Points by which is seen whether the tree spares enough. */
const triedPoints = 32;
/** Share of the rows above which measuring them one by one takes longer than multiplying with all. */
const worthMultiplying = 0.2;

/** Calls `visit` with the nearest rows of each point, in their order. */
export type SearchAll = (points: Float64Array, visit: (point: number, nearest: Nearest) => void) => void;

/**
 * Walks the tree for few points, and for many while it rules out most rows: among many columns it seldom does. Both ways
 * find the same rows.
 */
export function createSearchAll(searched: SearchedRows): SearchAll {
  const { width, numbers } = searched;
  const tree = createNeighbours(searched);
  // Made when first of use: it holds the rows once more.
  let searchBatch: BatchSearch | null = null;
  return (points, visit) => {
    const count = points.length / width;
    let done = 0;
    let measured = 0;
    const walk = (until: number): void => {
      for (; done < until; done++) {
        const found = tree.find(points, done * width);
        measured += found.measured;
        visit(done, found.nearest);
      }
    };
    walk(Math.min(count, triedPoints));
    if (count < triedPoints + pointsAtOnce || measured < worthMultiplying * triedPoints * numbers.length) {
      walk(count);
      return;
    }
    searchBatch ??= createBatchSearch(searched);
    for (let start = done; start < count; start += pointsAtOnce) {
      const end = Math.min(count, start + pointsAtOnce);
      searchBatch(points, { start, end }).forEach((nearest, i) => {
        visit(start + i, nearest);
      });
    }
  };
}
