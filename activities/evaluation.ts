import type { CandidateResult, Evaluation, StepInput } from '../contracts/activities.ts';
import type { RowsRef } from '../contracts/data.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { renderClusterPage } from '../data/cluster-page.ts';
import { classificationReport } from '../ml/metrics/classification-report.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import type { ClusteringPipeline } from '../threads/tasks.ts';
import { candidateOf } from './declared.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { jsonFile, type RunFile } from './run-files.ts';

type Asked<P extends Pipeline = Pipeline> = Omit<StepInput, 'pipeline'> & {
  pipeline: P;
  rows: RowsRef;
  champion: CandidateResult;
  variants: CandidateResult[];
  seed: number;
};
type RunOptions = Parameters<ActivityDependencies['threads']['run']>[2];
type Evaluated = Omit<Evaluation, 'champion'> & { files: RunFile[] };

/** What the champion is worth, and the files of a run that say so. */
export function evaluate(
  deps: Pick<ActivityDependencies, 'threads'>,
  asked: Asked,
  options: RunOptions,
): Promise<Evaluated> {
  const { pipeline } = asked;
  return pipeline.task === 'clustering'
    ? evaluateClusters(deps, { ...asked, pipeline }, options)
    : evaluatePredictions(deps, asked, options);
}

async function evaluatePredictions(
  { threads }: Pick<ActivityDependencies, 'threads'>,
  { pipeline, rows, champion, seed, ...asked }: Asked,
  options: RunOptions,
): Promise<Evaluated> {
  const { detail, importances, ...evaluated } = await threads.run(
    'evaluateCandidate',
    {
      pipeline,
      rows,
      champion: champion.artifact,
      variants: asked.variants.map(({ variant, candidate, artifact }) => ({
        variant: variant ?? candidate,
        artifact,
      })),
      seed,
    },
    options,
  );
  return {
    ...evaluated,
    files: [
      jsonFile('evaluation.json', { champion: champion.candidate, ...evaluated }),
      jsonFile('importances.json', importances),
      ...(detail.confusion === null
        ? []
        : [
            jsonFile('confusion-matrix.json', {
              classes: detail.classes,
              matrix: detail.confusion,
              perClass: detail.perClass,
            }),
            jsonFile('classification-report.json', {
              threshold: champion.threshold,
              ...classificationReport(detail.classes ?? [], detail.confusion),
            }),
          ]),
      ...(detail.curves === null ? [] : [jsonFile('curves.json', detail.curves)]),
    ],
  };
}

/** Clusters are judged by the figures they were chosen by: no answer was kept from them that could be read now. */
async function evaluateClusters(
  { threads }: Pick<ActivityDependencies, 'threads'>,
  { pipeline, rows, champion, seed }: Asked<ClusteringPipeline>,
  options: RunOptions,
): Promise<Evaluated> {
  const { baseline, importances, report, assignments } = await threads.run(
    'describeClusters',
    {
      pipeline,
      recipe: recipeFor(pipeline, champion.candidate, { leftOut: Object.keys(rows.report.leftOut ?? {}) }),
      candidate: candidateOf(pipeline, champion.candidate, null).candidate,
      rows,
      champion: champion.artifact,
      seed,
    },
    options,
  );
  const { metrics } = champion;
  const evaluated = { metrics, baseline, intervals: {}, variants: [] };
  const { byClusters, projection, ...segments } = report;
  return {
    ...evaluated,
    files: [
      jsonFile('evaluation.json', { champion: champion.candidate, ...evaluated }),
      jsonFile('importances.json', importances),
      jsonFile('segments.json', segments),
      jsonFile('clusters-compared.json', byClusters),
      jsonFile('projection.json', projection),
      {
        name: 'segments.html',
        mediaType: 'text/html; charset=utf-8',
        content: renderClusterPage({ title: pipeline.title, report }),
      },
      { name: 'assignments.csv', mediaType: 'text/csv; charset=utf-8', blob: assignments },
    ],
  };
}
