import type { Blocks } from '../ml/blocks.ts';
import { adjustedRandIndex } from '../ml/clustering/agreement.ts';
import { type GapPoint, measureGaps } from '../ml/clustering/gap.ts';
import { pointsOf, sampleRows, selectPoints } from '../ml/clustering/points.ts';
import { selectRows } from '../ml/frame.ts';
import { maxSampledRows } from '../ml/metrics/clustering.ts';
import { measureClusters } from '../ml/metrics/task-measure.ts';
import { createRandom, deriveSeed } from '../ml/random.ts';
import { fitTransform, transform } from '../ml/recipe/recipe.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { type Fitted, fitModel, predict, runSteps } from './fit-model.ts';
import type { LabelledRows } from './read-rows.ts';
import type { FittedCandidate } from './tasks.ts';

/** Rows, and how clusters are found among them. */
export type ClusterJob = {
  rows: LabelledRows;
  recipe: RecipeSpec;
  candidate: FittedCandidate;
  seed: number;
};

/** One number of clusters, fitted and measured. */
export type ClusterTrial = {
  fitted: Fitted;
  labels: Int32Array;
  clusters: number;
  metrics: Readonly<Record<string, number>>;
};

const resamples = 20;
const gapReferences = 20;
/** Each number of clusters is fitted to the rows and to each reference. */
const maxGapRows = 2000;

/** @throws LearnerFailed, TaskCancelled */
export async function tryClusters(
  job: ClusterJob & { clusters: number },
  context: TaskContext,
  report: (share: number) => void,
): Promise<ClusterTrial> {
  const { rows, clusters, candidate, seed } = job;
  const fitted = await fitClusters(job, context, report);
  return refuseForGood(candidate.learner, () => {
    const labels = labelsOf(fitted, rows);
    const points = pointsOf(prepareRows(fitted, rows));
    return {
      fitted,
      labels,
      clusters,
      metrics: measureClusters({ points, labels, clusters, seed: deriveSeed(seed, 'silhouette') }),
    };
  });
}

/** Enough of the rows for twenty fits to tell how stable their clusters are. */
function drawRows({ rows, labels, seed }: ClusterJob & { labels: Int32Array }): {
  rows: LabelledRows;
  labels: Int32Array;
} {
  const drawn = sampleRows({
    rows: rows.frame.rows,
    limit: maxSampledRows,
    seed: deriveSeed(seed, 'stability'),
  });
  return {
    rows: { ...rows, frame: selectRows(rows.frame, drawn) },
    labels: drawn.map((row) => labels[row] as number),
  };
}

/**
 * How much of the clusters is the rows' and how much is chance: recipe and learner are fitted on bootstrap resamples,
 * each from a seed of its own, and the mean adjusted Rand index of their clusters to the given ones is taken over the
 * rows, of a sample where there are many (as in Hennig, 2007: a clustering that a resample undoes was never there).
 *
 * @throws LearnerFailed where a resample has too few different rows; TaskCancelled
 */
export async function measureStability(
  job: ClusterJob & { labels: Int32Array; clusters: number },
  context: TaskContext,
  report: (share: number) => void,
): Promise<number> {
  const { clusters, candidate, seed } = job;
  const { rows, labels } = drawRows(job);
  let sum = 0;
  for (let resample = 0; resample < resamples; resample++) {
    const own = deriveSeed(seed, `resample-${resample}`);
    const random = createRandom(own);
    const drawn = Int32Array.from({ length: rows.frame.rows }, () => random.below(rows.frame.rows)).sort();
    const fitted = await fitClusters(
      { ...job, rows: { ...rows, frame: selectRows(rows.frame, drawn) }, clusters, seed: own },
      context,
      () => {},
    );
    sum += refuseForGood(candidate.learner, () =>
      adjustedRandIndex({ ours: labelsOf(fitted, rows), theirs: labels }),
    );
    report((resample + 1) / resamples);
  }
  return sum / resamples;
}

/**
 * The gap statistic of each number, on the rows as the recipe prepares them, by k-means of three restarts; of 2,000
 * drawn rows where there are more.
 * @throws LearnerFailed, TaskCancelled
 */
export function gapsOf(
  { rows, recipe, candidate, seed }: ClusterJob,
  counts: readonly number[],
  { context, report }: { context: TaskContext; report: (share: number) => void },
): GapPoint[] {
  return refuseForGood(candidate.learner, () => {
    const { blocks } = fitTransform({ spec: recipe, frame: rows.frame, lookups: rows.lookups, seed });
    const own = deriveSeed(seed, 'gap');
    const all = pointsOf(blocks);
    const points = selectPoints(all, sampleRows({ rows: all.rows, limit: maxGapRows, seed: own }));
    const job = { points, counts, references: gapReferences, seed: own, restarts: 3, maxIterations: 100 };
    return runSteps(measureGaps(job), { context, report });
  });
}

const fitClusters = (
  { rows, recipe, candidate, clusters, seed }: ClusterJob & { clusters: number },
  context: TaskContext,
  report: (share: number) => void,
): Promise<Fitted> =>
  fitModel(
    {
      task: 'clustering',
      classes: clusters,
      recipe,
      candidate,
      frame: rows.frame,
      lookups: rows.lookups,
      target: rows.target,
      seed: deriveSeed(seed, `clusters-${clusters}`),
    },
    context,
    report,
  );

/** The number of each row's cluster. */
const labelsOf = (fitted: Fitted, { frame, lookups }: LabelledRows): Int32Array =>
  Int32Array.from(predict(fitted, frame, lookups));

export const prepareRows = ({ recipe }: Pick<Fitted, 'recipe'>, { frame, lookups }: LabelledRows): Blocks =>
  transform({ fitted: recipe, frame, lookups });
