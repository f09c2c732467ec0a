import type { Points } from './points.ts';

/** Clusters × width, row-major. */
export type Centres = Float64Array;

export type Assigned = {
  /** Of each row: the nearest centre, of equally near ones the first. */
  labels: Int32Array;
  /** To that centre, squared. */
  distances: Float64Array;
};

export function assignToCentres({ values, rows, width }: Points, centres: Centres): Assigned {
  const clusters = centres.length / width;
  const labels = new Int32Array(rows);
  const distances = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const base = row * width;
    let nearest = 0;
    let least = Number.POSITIVE_INFINITY;
    for (let cluster = 0; cluster < clusters; cluster++) {
      const centre = cluster * width;
      let sum = 0;
      for (let column = 0; column < width; column++) {
        const difference = (values[base + column] as number) - (centres[centre + column] as number);
        sum += difference * difference;
      }
      if (sum < least) {
        least = sum;
        nearest = cluster;
      }
    }
    labels[row] = nearest;
    distances[row] = least;
  }
  return { labels, distances };
}

/** The means of the clusters; those of a cluster without rows are NaN. Sums run in the order of rows. */
export function centresOf(
  { values, rows, width }: Points,
  { labels, clusters }: { labels: Int32Array; clusters: number },
): { centres: Centres; counts: Int32Array } {
  const centres = new Float64Array(clusters * width);
  const counts = countLabels(labels, clusters);
  for (let row = 0; row < rows; row++) {
    const to = (labels[row] as number) * width;
    for (let column = 0; column < width; column++) {
      const at = to + column;
      centres[at] = (centres[at] as number) + (values[row * width + column] as number);
    }
  }
  for (let at = 0; at < centres.length; at++)
    centres[at] = (centres[at] as number) / (counts[Math.floor(at / width)] as number);
  return { centres, counts };
}

export function countLabels(labels: Int32Array, clusters: number): Int32Array {
  const counts = new Int32Array(clusters);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts;
}
