import { countLabels } from './centres.ts';
import type { Points } from './points.ts';

/**
 * Of each row: (b − a) / max(a, b), where a is its mean distance to the other rows of its cluster and b the least mean
 * distance to the rows of another (Rousseeuw, 1987). 0 for a row alone in its cluster. Takes rows² distances.
 *
 * @throws RangeError with rows in fewer than two clusters
 */
export function silhouettes(
  { values, rows, width }: Points,
  { labels, clusters }: { labels: Int32Array; clusters: number },
): Float64Array {
  const counts = countLabels(labels, clusters);
  const filled = counts.filter((count) => count > 0).length;
  if (filled < 2) throw new RangeError(`a silhouette needs rows in two clusters; there is ${filled}`);
  // Distances of each row to the rows of each cluster, summed: a pair is measured once.
  const sums = new Float64Array(rows * clusters);
  for (let row = 0; row < rows; row++) {
    const base = row * width;
    const own = labels[row] as number;
    for (let other = row + 1; other < rows; other++) {
      let squares = 0;
      for (let column = 0, to = other * width; column < width; column++) {
        const difference = (values[base + column] as number) - (values[to + column] as number);
        squares += difference * difference;
      }
      const distance = Math.sqrt(squares);
      const here = row * clusters + (labels[other] as number);
      const there = other * clusters + own;
      sums[here] = (sums[here] as number) + distance;
      sums[there] = (sums[there] as number) + distance;
    }
  }
  return Float64Array.from(labels, (own, row) => {
    const ownCount = counts[own] as number;
    if (ownCount < 2) return 0;
    const within = (sums[row * clusters + own] as number) / (ownCount - 1);
    let between = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const count = counts[cluster] as number;
      if (cluster !== own && count > 0)
        between = Math.min(between, (sums[row * clusters + cluster] as number) / count);
    }
    const larger = Math.max(within, between);
    return larger === 0 ? 0 : (between - within) / larger;
  });
}
