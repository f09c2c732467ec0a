import { chooseChampion } from '../activities/champion.ts';
import { declarationOf, withParameters } from '../activities/pipeline-of-run.ts';
import type { CandidateResult, MetricValues } from '../contracts/activities.ts';
import type { RowsRef } from '../contracts/data.ts';
import type { RunParameters } from '../contracts/runs.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import { recipeFor } from '../pipelines/recipe-for.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { TaskContext } from '../threads/context.ts';
import { fitModel } from '../threads/fit-model.ts';
import { type EvaluationDetail, evaluateRows, evaluationDetail } from '../threads/metric-values.ts';
import { fitJob } from '../threads/out-of-fold.ts';
import { readRows } from '../threads/read-rows.ts';
import { readModel, scoreHoldOut } from '../threads/score-hold-out.ts';
import { trainCandidate } from '../threads/train-candidate.ts';

export type TrainedCandidate = {
  name: string;
  /** On the hold-out; where nothing is held out, on all rows. */
  metrics: MetricValues;
  /** In the order of the classes; null without. */
  perClass: EvaluationDetail['perClass'];
  /** One fit on the training rows with one thread, the recipe's included. */
  fitSeconds: number;
};

const seed = 7;

/**
 * Trains all candidates of one split as a run does, without a service: cross-validated on the training rows, champion
 * chosen and thresholds set on out-of-fold predictions, the hold-out read once.
 */
export async function trainSplit(options: {
  pipeline: LoadedPipeline;
  parameters: RunParameters;
  rows: RowsRef;
  store: BlobStore;
}): Promise<{ champion: string; candidates: TrainedCandidate[] }> {
  const { rows, store } = options;
  const pipeline = declarationOf(withParameters(options.pipeline, options.parameters));
  const { moment } = pipeline;
  const leftOut = Object.keys(rows.report.leftOut ?? {});
  const context: TaskContext = {
    store,
    report: () => {},
    throwIfCancelled: () => {},
    inDuckDb: (work) => work(new AbortController().signal),
  };
  const results: CandidateResult[] = [];
  const candidates: TrainedCandidate[] = [];
  for (const [name, candidate] of Object.entries(pipeline.candidates)) {
    const recipe = recipeFor(pipeline, name, { leftOut });
    const trained = await trainCandidate({ pipeline, recipe, candidate, moment, rows, seed }, context);
    results.push({ ...trained, candidate: name, learner: candidate.learner, variant: null });
    const artifact = await readModel(context, trained.artifact);
    const scored =
      pipeline.task === 'clustering' ? null : await scoreHoldOut({ artifact, pipeline, rows }, context);
    const metrics = scored === null ? trained.metrics : evaluateRows(scored);
    const perClass = scored === null ? null : evaluationDetail(scored).perClass;
    const training = await context.inDuckDb((signal) =>
      readRows({ store, rows, pipeline, recipe, split: 'train', signal }),
    );
    const startedMs = performance.now();
    const job = fitJob({ pipeline, recipe, candidate }, training, seed);
    await fitModel({ ...job, classes: metrics.clusters ?? job.classes }, context, () => {});
    candidates.push({ name, metrics, perClass, fitSeconds: (performance.now() - startedMs) / 1000 });
  }
  const champion = chooseChampion(results, {
    declared: Object.keys(pipeline.candidates),
    tieBreak: pipeline.selection.tieBreak,
  });
  return { champion: champion.candidate, candidates };
}
