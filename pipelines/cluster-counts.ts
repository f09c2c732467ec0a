import type { Pipeline } from '../contracts/pipeline.ts';
import type { RunParameters } from '../contracts/runs.ts';

export type Clusters = Extract<Pipeline, { task: 'clustering' }>['clusters'];
type Count = Extract<Clusters, { fixed: unknown }>['fixed'];

/** Thrown where a run's parameters ask for numbers of clusters that cannot be. */
export class InvalidClusters extends Error {
  override readonly name = 'InvalidClusters';
  readonly parameter: string;
  constructor(parameter: string, message: string) {
    super(message);
    this.parameter = parameter;
  }
}

/**
 * With numbers in place of the parameters that say them.
 * @throws InvalidClusters
 */
export function resolveClusters(clusters: Clusters, parameters: RunParameters): Clusters {
  const resolve = (count: Count): number => {
    if (typeof count === 'number') return count;
    const value = parameters[count.parameter];
    if (typeof value === 'number' && Number.isInteger(value) && value >= 2) return value;
    throw new InvalidClusters(
      count.parameter,
      `${value} is no number of clusters; it is a whole number from 2 on`,
    );
  };
  if ('fixed' in clusters) return { fixed: resolve(clusters.fixed) };
  const [from, to] = [resolve(clusters.from), resolve(clusters.to)];
  if (from > to) {
    const parameter = typeof clusters.to === 'number' ? 'clusters' : clusters.to.parameter;
    throw new InvalidClusters(parameter, `there is no number of clusters from ${from} to ${to}`);
  }
  return { ...clusters, from, to };
}

/** The parameters that say how many clusters are looked for. */
export const clusterParameters = (clusters: Clusters): string[] =>
  Object.values(clusters).flatMap((count) => (typeof count === 'object' ? [count.parameter] : []));

/** The numbers to try, in ascending order, and the metric that chooses among them. */
export function clusterCounts(clusters: Clusters): {
  counts: readonly [number, ...number[]];
  /** Null where the number is fixed. */
  chooseBy: Exclude<Clusters, { fixed: unknown }>['chooseBy'] | null;
} {
  const { from, to, chooseBy } =
    'fixed' in clusters ? { from: clusters.fixed, to: clusters.fixed, chooseBy: null } : clusters;
  if (typeof from !== 'number' || typeof to !== 'number')
    throw new InvalidClusters('clusters', 'the numbers of clusters are parameters that no run has given yet');
  return { counts: [from, ...Array.from({ length: to - from }, (_, i) => from + 1 + i)], chooseBy };
}
