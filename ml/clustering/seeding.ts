import type { Random } from '../random.ts';
import type { Centres } from './centres.ts';
import { type Points, squaredDistance } from './points.ts';

/**
 * Greedy k-means++ (Arthur and Vassilvitskii, 2007): each further centre is a row drawn in proportion to its squared
 * distance from the nearest centre, the best of 2 + ln(clusters) such draws, as in scikit-learn.
 *
 * @throws RangeError where there are fewer different points than clusters
 */
export function seedCentres(
  { points, clusters }: { points: Points; clusters: number },
  random: Random,
): Centres {
  const { values, rows, width } = points;
  const centres = new Float64Array(clusters * width);
  const draws = 2 + Math.floor(Math.log(clusters));
  const place = (cluster: number, row: number) =>
    centres.set(values.subarray(row * width, (row + 1) * width), cluster * width);
  const first = random.below(rows);
  place(0, first);
  let nearest = nearer(points, first, new Float64Array(rows).fill(Number.POSITIVE_INFINITY));
  for (let cluster = 1; cluster < clusters; cluster++) {
    if (nearest.total === 0)
      throw new RangeError(`${clusters} clusters need as many different points; there are ${cluster}`);
    const candidates = Array.from({ length: draws }, () => drawInProportion(nearest, random)).map((row) => ({
      row,
      nearest: nearer(points, row, nearest.distances),
    }));
    const best = candidates.reduce((left, right) =>
      right.nearest.total < left.nearest.total ? right : left,
    );
    place(cluster, best.row);
    nearest = best.nearest;
  }
  return centres;
}

type Nearest = { distances: Float64Array; total: number };

/** Squared distances to the nearest centre once the row is one too. */
function nearer({ values, rows, width }: Points, centre: number, distances: Float64Array): Nearest {
  const nearest = new Float64Array(rows);
  let total = 0;
  for (let row = 0; row < rows; row++) {
    const own = squaredDistance({ values, row }, { values, row: centre }, width);
    const least = Math.min(own, distances[row] as number);
    nearest[row] = least;
    total += least;
  }
  return { distances: nearest, total };
}

function drawInProportion({ distances, total }: Nearest, random: Random): number {
  let left = random.uniform() * total;
  let last = 0;
  for (let row = 0; row < distances.length; row++) {
    const distance = distances[row] as number;
    if (distance === 0) continue;
    last = row;
    left -= distance;
    if (left < 0) return row;
  }
  // Rounding may leave a rest behind the last row.
  return last;
}
