import type { Frame } from '../frame.ts';
import { countLabels } from './centres.ts';

/** Means of columns; null where every value is missing. */
export type Averages = Readonly<Record<string, number | null>>;

/** Means of number columns over each cluster's rows and over all; missing values are left out. */
export function clusterAverages(
  frame: Frame,
  { columns, labels, clusters }: { columns: readonly string[]; labels: Int32Array; clusters: number },
): { ofClusters: Averages[]; ofAll: Averages } {
  const means = columns.map((name) => {
    const column = frame.columns.get(name);
    if (column?.kind !== 'number') throw new RangeError(`"${name}" is no number column of the rows`);
    return [name, meansOf(column.values, labels, clusters)] as const;
  });
  const at = (place: number): Averages =>
    Object.fromEntries(means.map(([name, of]) => [name, of[place] ?? null]));
  return {
    ofClusters: Array.from({ length: clusters }, (_, cluster) => at(cluster)),
    ofAll: at(clusters),
  };
}

/** Of each cluster, then of all rows. */
function meansOf(values: Float64Array, labels: Int32Array, clusters: number): (number | null)[] {
  const present = labels.map((label, row) => (Number.isNaN(values[row]) ? clusters : label));
  const counts = countLabels(present, clusters + 1);
  const sums = new Float64Array(clusters);
  present.forEach((label, row) => {
    if (label < clusters) sums[label] = (sums[label] as number) + (values[row] as number);
  });
  const all = sums.reduce((sum, value) => sum + value, 0);
  const known = values.length - (counts[clusters] as number);
  return [...Array.from(sums, (sum, cluster) => ratio(sum, counts[cluster] as number)), ratio(all, known)];
}

const ratio = (sum: number, count: number): number | null => (count === 0 ? null : sum / count);

export type SegmentNameRule = {
  name: string;
  /** By column: bounds, both inclusive, of a cluster's mean over the mean of all rows. */
  when: Readonly<Record<string, { min?: number | undefined; max?: number | undefined }>>;
};

/**
 * A name for each cluster: that of the first rule that holds, else "Segment 1" and on. A name that stands already gets
 * a number behind it, so that a label always means one segment.
 */
export function nameSegments(
  rules: readonly SegmentNameRule[],
  { ofClusters, ofAll }: { ofClusters: readonly Averages[]; ofAll: Averages },
): string[] {
  const taken = new Set<string>();
  return ofClusters.map((averages, cluster) => {
    const found = rules.find(({ when }) =>
      Object.entries(when).every(([column, { min = -Infinity, max = Infinity }]) => {
        const [own, all] = [averages[column] ?? null, ofAll[column] ?? null];
        // Over a mean of 0 or less a ratio says nothing.
        return own !== null && all !== null && all > 0 && own / all >= min && own / all <= max;
      }),
    );
    const name = found?.name ?? `Segment ${cluster + 1}`;
    let own = name;
    for (let next = 2; taken.has(own); next++) own = `${name} (${next})`;
    taken.add(own);
    return own;
  });
}
