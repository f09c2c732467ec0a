import { centresOf } from '../clustering/centres.ts';
import { type Points, sampleRows, selectPoints, squaredDistance } from '../clustering/points.ts';
import { silhouettes } from '../clustering/silhouette.ts';
import type { MetricFamily } from './family.ts';

/** What takes the square of the rows, or many fits, is measured on so many of them, where there are more. */
export const maxSampledRows = 10_000;

export type Clustered = { points: Points; labels: Int32Array; clusters: number; seed: number };

/** The rows with the mean and the number of those of each cluster; every cluster has some. */
export type ClusteredRows = Clustered & { centres: Float64Array; counts: Int32Array };

/** @throws RangeError with a cluster without rows */
export function centreClusters(clustered: Clustered): ClusteredRows {
  const { points, labels, clusters } = clustered;
  const { centres, counts } = centresOf(points, { labels, clusters });
  const empty = counts.indexOf(0);
  if (empty >= 0) throw new RangeError(`cluster ${empty} has none of the ${points.rows} rows`);
  return { ...clustered, centres, counts };
}

/**
 * The mean silhouette (of a sample where there are many rows); the ratio of Caliński and Harabasz (1974) of the
 * variance between clusters to that within; the index of Davies and Bouldin (1979); the sum of squared distances to
 * the clusters' means; the share of the smallest cluster. `measure` throws a RangeError with fewer than two clusters.
 */
export const clusterQuality: MetricFamily<
  'clusters' | 'silhouette' | 'calinskiHarabasz' | 'daviesBouldin' | 'inertia' | 'smallestShare'
> = {
  of: 'clusters',
  better: {
    clusters: 'higher',
    silhouette: 'higher',
    calinskiHarabasz: 'higher',
    daviesBouldin: 'lower',
    inertia: 'lower',
    smallestShare: 'higher',
  },
  measure(rows) {
    const { points, labels, clusters, centres, counts } = rows;
    const inertia = inertiaOf(points, { labels, centres });
    return {
      clusters,
      silhouette: meanSilhouette(rows),
      calinskiHarabasz: calinskiHarabasz(points, { centres, counts, inertia }),
      daviesBouldin: daviesBouldin(points, { labels, centres, counts }),
      inertia,
      smallestShare: Math.min(...counts) / points.rows,
    };
  },
};

/** How alike the clusters of resamples are: measured by fitting them. */
export const stability: MetricFamily<'stability'> = { of: 'refits', better: { stability: 'higher' } };

function meanSilhouette({ points, labels, clusters, seed }: Clustered): number {
  const rows = sampleRows({ rows: points.rows, limit: maxSampledRows, seed });
  const of = silhouettes(selectPoints(points, rows), {
    labels: rows.map((row) => labels[row] as number),
    clusters,
  });
  return of.reduce((sum, value) => sum + value, 0) / of.length;
}

/** Sum of the squared distances of rows to their clusters' centres. */
export function inertiaOf(
  { values, rows, width }: Points,
  { labels, centres }: { labels: Int32Array; centres: Float64Array },
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++)
    sum += squaredDistance({ values, row }, { values: centres, row: labels[row] as number }, width);
  return sum;
}

function calinskiHarabasz(
  points: Points,
  { centres, counts, inertia }: { centres: Float64Array; counts: Int32Array; inertia: number },
): number {
  const { rows, width } = points;
  const all = centresOf(points, { labels: new Int32Array(rows), clusters: 1 }).centres;
  let between = 0;
  counts.forEach((count, row) => {
    between += count * squaredDistance({ values: centres, row }, { values: all, row: 0 }, width);
  });
  // As in scikit-learn: clusters of nothing but equal points are taken as 1.
  if (inertia === 0) return 1;
  return (between * (rows - counts.length)) / (inertia * (counts.length - 1));
}

function daviesBouldin(
  { values, rows, width }: Points,
  { labels, centres, counts }: { labels: Int32Array; centres: Float64Array; counts: Int32Array },
): number {
  const spreads = new Float64Array(counts.length);
  for (let row = 0; row < rows; row++) {
    const own = labels[row] as number;
    const distance = Math.sqrt(squaredDistance({ values, row }, { values: centres, row: own }, width));
    spreads[own] = (spreads[own] as number) + distance / (counts[own] as number);
  }
  const worst = Array.from(spreads, (own, a) =>
    Math.max(
      ...Array.from(spreads, (other, b) => {
        if (a === b) return 0;
        const apart = Math.sqrt(
          squaredDistance({ values: centres, row: a }, { values: centres, row: b }, width),
        );
        return apart === 0 ? 0 : (own + other) / apart;
      }),
    ),
  );
  return worst.reduce((sum, value) => sum + value, 0) / worst.length;
}
