import { clusterAverages, nameSegments } from '../ml/clustering/segments.ts';
import type { RecipeSpec } from '../ml/recipe/spec.ts';
import { clusterCounts } from '../pipelines/cluster-counts.ts';
import { assembleModel } from './assemble-model.ts';
import { type ClusterTrial, measureStability, tryClusters } from './clusters.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { oriented } from './metric-values.ts';
import { storeModel } from './model-bytes.ts';
import { readRows } from './read-rows.ts';
import type { ClusteringPipeline, TrainCandidateInput, TrainCandidateOutput } from './tasks.ts';

type Tried = ClusterTrial & { stability: number | null };

/**
 * Finds clusters among all rows, in the number declared, or in that of the given range whose silhouette or stability is
 * best, of equals the smallest. The clusters' names stand in the model as its classes.
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
  const stabilityOf = ({ labels, metrics: { clusters } }: ClusterTrial, report: (share: number) => void) =>
    measureStability({ ...job, labels, clusters }, context, report);

  let best: Tried | undefined;
  for (const [place, clusters] of counts.entries()) {
    const report = (share: number) =>
      context.report((place + share) / (counts.length + 1), `${clusters} clusters`);
    const trial = await tryClusters({ ...job, clusters }, context, report);
    const tried: Tried = {
      ...trial,
      stability: chooseBy === 'stability' ? await stabilityOf(trial, report) : null,
    };
    if (best === undefined || merit(tried) > merit(best)) best = tried;
  }
  if (best === undefined) throw new LearnerFailed(`${candidate.learner}: no number of clusters was tried`);
  const { fitted, labels } = best;
  const stability =
    best.stability ??
    (await stabilityOf(best, (share) =>
      context.report((counts.length + share) / (counts.length + 1), 'stability'),
    ));
  const metrics = { ...best.metrics, stability };

  const assembled = refuseForGood(candidate.learner, () => {
    const averages = clusterAverages(rows.frame, {
      columns: numbersOf(recipe),
      labels,
      clusters: metrics.clusters,
    });
    const classes = nameSegments(pipeline.segmentNames, averages);
    return assembleModel({ ...input, rows, fitted, classes, threshold: null, range: null });
  });
  const { metric } = pipeline.selection;
  const score = new Map(Object.entries(metrics)).get(metric);
  if (score === undefined) throw new LearnerFailed(`${candidate.learner}: clusters have no ${metric}`);
  return {
    selectionScore: oriented(metric, score),
    metrics,
    threshold: null,
    artifact: await storeModel(context.store, assembled),
    seconds: (performance.now() - startedMs) / 1000,
  };
}

const merit = ({ stability, metrics }: Tried): number => stability ?? metrics.silhouette;

/** The numbers that the recipe reads of a row: what segments are described and named by. */
export const numbersOf = ({ inputs }: Pick<RecipeSpec, 'inputs'>): string[] =>
  inputs.filter(({ kind }) => kind === 'number').map(({ name }) => name);
