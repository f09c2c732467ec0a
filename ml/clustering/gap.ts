import type { Progress } from '../learner.ts';
import { createRandom, deriveSeed } from '../random.ts';
import { mean } from '../sample.ts';
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
  const total = (1 + references) * counts.length;
  let done = 0;
  function* logInertias(name: string, own: Points): Generator<Progress, number[], void> {
    const logs: number[] = [];
    for (const clusters of counts) {
      const ownSeed = deriveSeed(seed, `${name}-${clusters}`);
      const inertia = yield* inertiaOf({ ...job, points: own, clusters, seed: ownSeed }, { done, total });
      // Rows that are all the same as their centres have no logarithm.
      logs.push(Math.log(Math.max(inertia, Number.MIN_VALUE)));
      done++;
    }
    return logs;
  }

  const ofRows = yield* logInertias('rows', points);
  const box = boxAround(points);
  const ofReferences: number[][] = [];
  for (let reference = 0; reference < references; reference++) {
    const name = `reference-${reference}`;
    const own = drawPoints(box, { rows: points.rows, seed: deriveSeed(seed, name) });
    ofReferences.push(yield* logInertias(name, own));
  }
  return counts.map((clusters, place) => {
    const logs = ofReferences.map((of) => of[place] as number);
    const centre = mean(logs);
    const variance = logs.reduce((sum, value) => sum + (value - centre) ** 2, 0) / references;
    return {
      clusters,
      gap: centre - (ofRows[place] as number),
      standardError: Math.sqrt(variance) * Math.sqrt(1 + 1 / references),
    };
  });
}

function* inertiaOf(job: Parameters<typeof fitKMeans>[0], at: Progress): Generator<Progress, number, void> {
  const steps = fitKMeans(job);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value.inertia;
    yield at;
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

/** In each direction of the principal components, how far the points reach: clusters are the same there as anywhere turned. */
type Box = readonly { low: number; high: number }[];

function boxAround(points: Points): Box {
  const { rows, width } = points;
  const along = project(points, fitProjection(points, width));
  return Array.from({ length: width }, (_, column) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let row = 0; row < rows; row++) {
      const value = along[row * width + column] as number;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    return { low, high };
  });
}

/** Uniform over the box. */
function drawPoints(box: Box, { rows, seed }: { rows: number; seed: number }): Points {
  const width = box.length;
  const random = createRandom(seed);
  const values = new Float64Array(rows * width);
  box.forEach(({ low, high }, column) => {
    for (let row = 0; row < rows; row++) values[row * width + column] = low + random.uniform() * (high - low);
  });
  return { values, rows, width };
}
