import type { Progress } from '../learner.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { fitKMeans } from './k-means.ts';
import type { Points } from './points.ts';
import { fitProjection, project } from './projection.ts';

/** How far a number of clusters tightens the rows beyond what it would tighten rows without clusters. */
export type GapPoint = { clusters: number; gap: number; standardError: number };

type GapJob = {
  points: Points;
  counts: readonly number[];
  /** Sets of rows without clusters. */
  references: number;
  seed: number;
  restarts: number;
  maxIterations: number;
};

/**
 * The gap statistic (Tibshirani, Walther and Hastie, 2001): the mean log inertia of reference rows less that of the rows.
 * The references are uniform over the box that the rows fill along their principal components.
 *
 * @throws RangeError where there are fewer different rows than clusters
 */
export function* measureGaps(job: GapJob): Generator<Progress, GapPoint[], void> {
  const { points, counts, references, seed } = job;
  const sets = [
    { name: 'rows', points },
    ...Array.from({ length: references }, (_, i) => {
      const name = `reference-${i}`;
      return { name, points: uniformLike(points, deriveSeed(seed, name)) };
    }),
  ];
  const logs = new Map(sets.map(({ name }) => [name, new Map<number, number>()]));
  const total = sets.length * counts.length;
  let done = 0;
  for (const { name, points: own } of sets)
    for (const clusters of counts) {
      const inertia = yield* inertiaOf({ ...job, points: own }, { clusters, name, done, total });
      // Rows that are all the same as their centres have no logarithm.
      logs.get(name)?.set(clusters, Math.log(Math.max(inertia, Number.MIN_VALUE)));
      done++;
    }
  const logOf = (name: string, clusters: number): number => logs.get(name)?.get(clusters) ?? Number.NaN;
  return counts.map((clusters) => {
    const ofReferences = sets.slice(1).map(({ name }) => logOf(name, clusters));
    const mean = ofReferences.reduce((sum, value) => sum + value, 0) / references;
    const variance = ofReferences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / references;
    return {
      clusters,
      gap: mean - logOf('rows', clusters),
      standardError: Math.sqrt(variance) * Math.sqrt(1 + 1 / references),
    };
  });
}

function* inertiaOf(
  { points, seed, restarts, maxIterations }: GapJob,
  at: { clusters: number; name: string; done: number; total: number },
): Generator<Progress, number, void> {
  const { clusters, name, done, total } = at;
  const own = deriveSeed(seed, `${name}-${clusters}`);
  const steps = fitKMeans({ points, clusters, seed: own, restarts, maxIterations });
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.inertia;
    yield { done, total };
  }
}

/**
 * The smallest number whose gap is not exceeded by that of the next by more than its standard error; where there is
 * none, the number of the largest gap.
 * @param curve of one number after another; the last is compared with only
 */
export function chooseByGap(curve: readonly GapPoint[]): number {
  const candidates = curve.slice(0, -1);
  const found = candidates.find(({ gap }, place) => {
    const next = curve[place + 1];
    return next !== undefined && gap >= next.gap - next.standardError;
  });
  const [first] = candidates;
  if (first === undefined) throw new RangeError('a gap needs the next number of clusters to be held against');
  return (found ?? candidates.reduce((best, point) => (point.gap > best.gap ? point : best), first)).clusters;
}

/** As many points, in the space of the principal components: clusters are the same there as anywhere turned. */
function uniformLike(points: Points, seed: number): Points {
  const { rows, width } = points;
  const along = project(points, fitProjection(points, width));
  const random = createRandom(seed);
  const values = new Float64Array(along.length);
  for (let column = 0; column < width; column++) {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows; row++) {
      const value = along[row * width + column] as number;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    for (let row = 0; row < rows; row++) values[row * width + column] = low + random.uniform() * (high - low);
  }
  return { values, rows, width };
}
