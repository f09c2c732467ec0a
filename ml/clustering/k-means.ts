import type { Progress } from '../learner.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { assignToCentres, type Centres, centresOf, countLabels } from './centres.ts';
import type { Points } from './points.ts';
import { seedCentres } from './seeding.ts';

export type KMeans = {
  /** The biggest cluster first, of equals the one whose centre has the smaller coordinates. */
  centres: Centres;
  counts: Int32Array;
  /** Sum of the squared distances to the nearest centre. */
  inertia: number;
  iterations: number;
};

/**
 * Lloyd's algorithm from greedy k-means++ seeds, as often as `restarts` says; the smallest inertia wins, of equals the
 * first. Sums run in the order of rows, so that the same seed gives the same centres to the bit.
 *
 * @throws RangeError where there are fewer different points than clusters
 */
export function* fitKMeans(job: {
  points: Points;
  clusters: number;
  seed: number;
  restarts: number;
  maxIterations: number;
}): Generator<Progress, KMeans, void> {
  const { points, clusters, seed, restarts, maxIterations } = job;
  let best: { centres: Centres; inertia: number; iterations: number } | undefined;
  for (let restart = 0; restart < restarts; restart++) {
    const random = createRandom(deriveSeed(seed, `restart-${restart}`));
    const found = yield* settle(points, {
      centres: seedCentres({ points, clusters }, random),
      maxIterations,
      at: { done: restart, total: restarts },
    });
    if (best === undefined || found.inertia < best.inertia) best = found;
    yield { done: restart + 1, total: restarts };
  }
  if (best === undefined) throw new RangeError(`${restarts} restarts find no clusters; at least 1 is needed`);
  const centres = inOrder(best.centres, countLabels(assignToCentres(points, best.centres).labels, clusters));
  const { labels, distances } = assignToCentres(points, centres);
  return {
    centres,
    counts: countLabels(labels, clusters),
    inertia: sum(distances),
    iterations: best.iterations,
  };
}

/** Moves centres to the means of their rows until no row changes its cluster. */
function* settle(
  points: Points,
  { centres: seeds, maxIterations, at }: { centres: Centres; maxIterations: number; at: Progress },
): Generator<Progress, { centres: Centres; inertia: number; iterations: number }, void> {
  const clusters = seeds.length / points.width;
  let centres = seeds;
  let { labels, distances } = assignToCentres(points, centres);
  for (let iteration = 1; ; iteration++) {
    const means = centresOf(points, { labels, clusters });
    centres = means.centres;
    fillEmpty(points, { ...means, distances });
    const next = assignToCentres(points, centres);
    const settled = next.labels.every((label, row) => label === labels[row]);
    ({ labels, distances } = next);
    if (settled || iteration >= maxIterations)
      return { centres, inertia: sum(distances), iterations: iteration };
    yield at;
  }
}

/** A centre that has lost all its rows begins anew at the row that is farthest from its own. */
function fillEmpty(
  { values, width }: Points,
  { centres, counts, distances }: { centres: Centres; counts: Int32Array; distances: Float64Array },
): void {
  const left = distances.slice();
  counts.forEach((count, cluster) => {
    if (count > 0) return;
    const farthest = left.reduce(
      (best, distance, row) => (distance > (left[best] as number) ? row : best),
      0,
    );
    left[farthest] = 0;
    centres.set(values.subarray(farthest * width, (farthest + 1) * width), cluster * width);
  });
}

/** Seeds decide in which order clusters are found; what they are called must not depend on that. */
function inOrder(centres: Centres, counts: Int32Array): Centres {
  const width = centres.length / counts.length;
  const parts = Array.from(counts, (count, cluster) => ({
    count,
    centre: centres.subarray(cluster * width, (cluster + 1) * width),
  }));
  parts.sort((a, b) => b.count - a.count || firstDifference(a.centre, b.centre));
  const ordered = new Float64Array(centres.length);
  parts.forEach(({ centre }, cluster) => {
    ordered.set(centre, cluster * width);
  });
  return ordered;
}

function firstDifference(a: Float64Array, b: Float64Array): number {
  const column = a.findIndex((value, i) => value !== b[i]);
  return column < 0 ? 0 : (a[column] as number) - (b[column] as number);
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
