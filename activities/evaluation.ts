import type { CandidateResult, Evaluation, StepInput } from '../contracts/activities.ts';
import type { RowsRef } from '../contracts/data.ts';
import { modelPart } from '../contracts/declaration-parts.ts';
import type { Pipeline } from '../contracts/pipeline.ts';
import { renderClusterPage } from '../data/cluster-page.ts';
import { clusterPlots } from '../data/cluster-plots.ts';
import { classificationReport } from '../ml/metrics/classification-report.ts';
import { namedWeights } from './candidate-results.ts';
import { candidateOf } from './declared.ts';
import { jsonFile, type RunFile } from './run-files.ts';
import { filesOf, fittedPart, recipeOfRows } from './task-inputs.ts';
import type { RunTask } from './task-runner.ts';

type Asked<P extends Pipeline = Pipeline> = Omit<StepInput, 'pipeline'> & {
  pipeline: P;
  rows: RowsRef;
  champion: CandidateResult;
  variants: CandidateResult[];
  seed: number;
};
type Evaluated = Omit<Evaluation, 'champion'> & { files: RunFile[] };

/** What the champion is worth, and the files of a run that say so. */
export function evaluate(asked: Asked, run: RunTask): Promise<Evaluated> {
  const { pipeline } = asked;
  return pipeline.task === 'clustering'
    ? evaluateClusters({ ...asked, pipeline }, run)
    : evaluatePredictions(asked, run);
}

async function evaluatePredictions(
  { pipeline, rows, champion, seed, ...asked }: Asked,
  run: RunTask,
): Promise<Evaluated> {
  const { detail, importances, ...evaluated } = await run('evaluateCandidate', {
    pipeline: modelPart(pipeline),
    rows: filesOf(rows),
    champion: champion.artifact,
    variants: asked.variants.map(({ variant, candidate, artifact }) => ({
      variant: variant ?? candidate,
      artifact,
    })),
    seed,
  });
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
              ...namedWeights(pipeline, champion.decisionWeights),
              ...classificationReport(detail.classes ?? [], detail.confusion),
            }),
          ]),
      ...(detail.curves === null ? [] : [jsonFile('curves.json', detail.curves)]),
    ],
  };
}

/** Clusters are judged by the figures they were chosen by: no answer was kept from them that could be read now. */
async function evaluateClusters(
  { pipeline, rows, champion, seed }: Asked<Extract<Pipeline, { task: 'clustering' }>>,
  run: RunTask,
): Promise<Evaluated> {
  const { candidate } = champion;
  const { baseline, importances, report, assignments } = await run('describeClusters', {
    pipeline: modelPart(pipeline),
    recipe: recipeOfRows(pipeline, { candidate, rows }),
    candidate: fittedPart(candidateOf(pipeline, candidate, null).candidate),
    rows: filesOf(rows),
    champion: champion.artifact,
    seed,
  });
  const { metrics } = champion;
  const evaluated = { metrics, baseline, intervals: {}, variants: [] };
  const { byClusters, projection, choice, ...segments } = report;
  return {
    ...evaluated,
    files: [
      jsonFile('evaluation.json', { champion: champion.candidate, ...evaluated }),
      jsonFile('importances.json', importances),
      jsonFile('segments.json', segments),
      jsonFile('clusters-compared.json', { ...byClusters, choice }),
      jsonFile('projection.json', projection),
      {
        name: 'segments.html',
        mediaType: 'text/html; charset=utf-8',
        content: renderClusterPage({ title: pipeline.title, report }),
      },
      ...clusterPlots({ title: pipeline.title, report }).map((file) => ({
        ...file,
        mediaType: 'image/svg+xml; charset=utf-8',
      })),
      { name: 'assignments.csv', mediaType: 'text/csv; charset=utf-8', blob: assignments },
    ],
  };
}
