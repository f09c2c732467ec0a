import type { MetricValues } from '../contracts/activities.ts';
import type { ClusterChoice } from '../ml/clustering/choice.ts';
import { chooseByGap } from '../ml/clustering/gap.ts';
import { clusterAverages, nameSegments } from '../ml/clustering/segments.ts';
import { oriented } from '../ml/metrics/registry.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';
import { clusterCounts } from '../pipelines/cluster-counts.ts';
import { assembleModel } from './assemble-model.ts';
import { type ClusterJob, type ClusterTrial, gapsOf, measureStability, tryClusters } from './clusters.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { storeModel } from './model-bytes.ts';
import { readRows } from './read-rows.ts';
import type { ClusteringPipeline, TrainCandidateInput, TrainCandidateOutput } from './tasks.ts';

type Tried = ClusterTrial & { stability: number | null };

/**
 * Finds clusters among all rows, in the number declared, or in that of the given range that silhouette, stability (the
 * best, of equals the smallest) or gap statistic choose. The clusters' names stand in the model as its classes.
 */
export async function trainClusters(
  input: TrainCandidateInput & { pipeline: ClusteringPipeline },
  context: TaskContext,
): Promise<TrainCandidateOutput> {
  const startedMs = performance.now();
  const { pipeline, recipe, seed, candidate } = input;
  const rows = await context.inDuckDb((signal) =>
    readRows({ store: context.store, rows: input.rows, pipeline, recipe, split: 'train', signal }),
  );
  const job = { rows, recipe, candidate, seed };
  const { counts, chooseBy } = clusterCounts(pipeline.clusters);
  const stabilityOf = ({ labels, clusters }: ClusterTrial, report: (share: number) => void) =>
    measureStability({ ...job, labels, clusters }, context, report);

  const chosen = chooseBy === 'gap' ? chooseCount(job, counts, context) : undefined;
  const tries = chosen === undefined ? counts : [chosen.clusters];
  const curve: ClusterChoice['curve'] = [];
  let best: Tried | undefined;
  for (const [place, clusters] of tries.entries()) {
    const report = (share: number) =>
      context.report((place + share) / (tries.length + 1), `${clusters} clusters`);
    const trial = await tryClusters({ ...job, clusters }, context, report);
    const tried: Tried = {
      ...trial,
      stability: chooseBy === 'stability' ? await stabilityOf(trial, report) : null,
    };
    curve.push({ clusters, value: merit(tried) });
    if (best === undefined || merit(tried) > merit(best)) best = tried;
  }
  if (best === undefined) throw new LearnerFailed(`${candidate.learner}: no number of clusters was tried`);
  const choice =
    chosen?.choice ??
    (chooseBy === 'silhouette' || chooseBy === 'stability' ? { by: chooseBy, curve } : undefined);
  const { fitted, labels, clusters } = best;
  const stability =
    best.stability ??
    (await stabilityOf(best, (share) =>
      context.report((tries.length + share) / (tries.length + 1), 'stability'),
    ));
  const metrics: MetricValues = { ...best.metrics, stability };

  const assembled = refuseForGood(candidate.learner, () => {
    const averages = clusterAverages(rows.frame, { columns: numbersOf(recipe), labels, clusters });
    const classes = nameSegments(pipeline.segmentNames, averages);
    return assembleModel({ ...input, rows, fitted, classes, rule: { threshold: null }, range: null, choice });
  });
  const { metric } = pipeline.selection;
  const score = metrics[metric];
  if (score === undefined) throw new LearnerFailed(`${candidate.learner}: clusters have no ${metric}`);
  return {
    selectionScore: oriented(metric, score),
    metrics,
    threshold: null,
    artifact: await storeModel(context.store, assembled),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

const merit = ({ stability, metrics }: Tried): number =>
  stability ?? metrics.silhouette ?? Number.NEGATIVE_INFINITY;

/** Of the numbers to try, and the one after them that the last is held against. */
function chooseCount(
  job: ClusterJob,
  counts: readonly number[],
  context: TaskContext,
): { clusters: number; choice: ClusterChoice } {
  const gaps = gapsOf(job, [...counts, Math.max(...counts) + 1], {
    context,
    report: (share) => context.report(share / 2, 'gap statistic'),
  });
  const curve = gaps.map(({ clusters, gap: value, standardError }) => ({ clusters, value, standardError }));
  return { clusters: chooseByGap(gaps), choice: { by: 'gap', curve } };
}

/** The numbers that the recipe reads of a row: what segments are described and named by. */
export const numbersOf = ({ inputs }: Pick<RecipeSpec, 'inputs'>): string[] =>
  inputs.filter(({ kind }) => kind === 'number').map(({ name }) => name);
