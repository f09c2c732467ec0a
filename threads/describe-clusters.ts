import { csvLine } from '../data/csv-line.ts';
import { centresOf, countLabels } from '../ml/clustering/centres.ts';
import { type Points, pointsOf, sampleRows, selectPoints } from '../ml/clustering/points.ts';
import { fitProjection, project } from '../ml/clustering/projection.ts';
import type { ClusterReport } from '../ml/clustering/report.ts';
import { clusterAverages } from '../ml/clustering/segments.ts';
import { silhouettes } from '../ml/clustering/silhouette.ts';
import { selectRows } from '../ml/frame.ts';
import { findLearner } from '../ml/learners/registry.ts';
import { inertiaOf, maxSampledRows } from '../ml/metrics/clustering.ts';
import { deriveSeed } from '../ml/random.ts';
import { createScorer } from '../ml/scorer.ts';
import { prepareRows, tryClusters } from './clusters.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { type LabelledRows, readRows } from './read-rows.ts';
import { readModel } from './score-hold-out.ts';
import type { DescribeClustersInput, DescribeClustersOutput } from './tasks.ts';
import { numbersOf } from './train-clusters.ts';

/** A table of elbow and silhouettes shows at least so many numbers of clusters. */
const shownClusters = 8;
const maxProjected = 2000;

type Described = {
  rows: LabelledRows;
  /** Where the recipe puts the rows, and its names of the directions. */
  points: Points;
  columns: readonly string[];
  labels: Int32Array;
  names: readonly string[];
  seed: number;
};

/** Who is in the clusters of a model, and what other numbers of clusters would be. */
export async function describeClusters(
  input: DescribeClustersInput,
  context: TaskContext,
): Promise<DescribeClustersOutput> {
  const { pipeline, recipe, rows: files, seed } = input;
  const artifact = await readModel(context, input.champion);
  const { learner, sections } = artifact;
  const rows = await context.inDuckDb((signal) =>
    readRows({ store: context.store, rows: files, pipeline, recipe, split: 'train', signal }),
  );
  const described = refuseForGood(learner.name, (): Described => {
    const blocks = prepareRows(artifact, rows);
    return {
      rows,
      points: pointsOf(blocks),
      columns: blocks.dense.names,
      labels: Int32Array.from(createScorer(artifact).scoreFrame(rows.frame)),
      names: artifact.classes ?? [],
      seed,
    };
  });
  const byClusters = await compareCounts(input, described, context);
  const { points, labels, names } = described;
  return {
    baseline: { inertia: inertiaOfOne(points) },
    importances: findLearner(learner.name)
      .importances({ head: learner.head, sections })
      .toSorted((a, b) => b.importance - a.importance),
    report: refuseForGood(learner.name, () => ({
      rows: points.rows,
      ...describeSegments(described, numbersOf(recipe)),
      byClusters,
      choice: artifact.choice ?? null,
      projection: projectRows(described),
    })),
    assignments: await context.store.put(
      Buffer.from(
        [
          csvLine([pipeline.rows.key, 'segment', 'name']),
          ...rows.keys.map((key, row) => csvLine([key, labels[row] ?? -1, names[labels[row] ?? -1] ?? ''])),
        ].join(''),
      ),
    ),
  };
}

function inertiaOfOne(points: Points): number {
  const labels = new Int32Array(points.rows);
  return inertiaOf(points, { labels, centres: centresOf(points, { labels, clusters: 1 }).centres });
}

/** The model's own number of clusters among others, by the candidate's learner. */
async function compareCounts(
  { recipe, candidate, seed }: DescribeClustersInput,
  { rows, names }: Described,
  context: TaskContext,
): Promise<ClusterReport['byClusters']> {
  const drawn = sampleRows({ rows: rows.frame.rows, limit: maxSampledRows, seed });
  const sample = { ...rows, frame: selectRows(rows.frame, drawn) };
  const last = Math.max(shownClusters, names.length + 2);
  const figures: ClusterReport['byClusters']['figures'] = [];
  for (let clusters = 2; clusters <= last; clusters++) {
    const report = (share: number) =>
      context.report((clusters - 2 + share) / (last - 1), `${clusters} clusters`);
    try {
      const { metrics } = await tryClusters(
        { rows: sample, recipe, candidate, clusters, seed },
        context,
        report,
      );
      figures.push(metrics);
    } catch (error) {
      // Fewer different rows than clusters: the table ends before.
      if (error instanceof LearnerFailed) break;
      throw error;
    }
  }
  return { rows: drawn.length, figures };
}

function describeSegments(
  { rows, points, labels, names, seed }: Described,
  columns: readonly string[],
): Pick<ClusterReport, 'averages' | 'segments'> {
  const clusters = names.length;
  const counts = countLabels(labels, clusters);
  const { ofClusters, ofAll } = clusterAverages(rows.frame, { columns, labels, clusters });
  const drawn = sampleRows({
    rows: points.rows,
    limit: maxSampledRows,
    seed: deriveSeed(seed, 'silhouette'),
  });
  const drawnLabels = drawn.map((row) => labels[row] as number);
  const of = silhouettes(selectPoints(points, drawn), { labels: drawnLabels, clusters });
  return {
    averages: ofAll,
    segments: names.map((name, segment) => {
      const own = of.filter((_, place) => drawnLabels[place] === segment);
      return {
        segment,
        name,
        rows: counts[segment] as number,
        share: (counts[segment] as number) / points.rows,
        silhouette: own.length === 0 ? null : own.reduce((sum, value) => sum + value, 0) / own.length,
        averages: ofClusters[segment] ?? {},
      };
    }),
  };
}

function projectRows({ points, columns, labels, seed }: Described): ClusterReport['projection'] {
  const projection = fitProjection(points, 2);
  const drawn = sampleRows({ rows: points.rows, limit: maxProjected, seed: deriveSeed(seed, 'projection') });
  const at = project(selectPoints(points, drawn), projection);
  const width = projection.components.length;
  return {
    columns: [...columns],
    components: projection.components,
    explained: projection.explained,
    points: Array.from(drawn, (row, place) => ({
      x: at[place * width] as number,
      y: width > 1 ? (at[place * width + 1] as number) : 0,
      segment: labels[row] as number,
    })),
  };
}
