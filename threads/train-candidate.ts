import { oriented } from '../ml/metrics/registry.ts';
import { deriveSeed } from '../ml/random.ts';
import { classesOf } from '../pipelines/classes.ts';
import { assembleModel } from './assemble-model.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { fitModel } from './fit-model.ts';
import { assignFolds, foldColumns } from './folds.ts';
import { storeModel } from './model-bytes.ts';
import { fitJob, measureFolds, outputsOf, predictOutOfFold, rangeOf } from './out-of-fold.ts';
import { readRows } from './read-rows.ts';
import type { TrainCandidateInput, TrainCandidateOutput } from './tasks.ts';
import { trainClusters } from './train-clusters.ts';

/**
 * Cross-validates the candidate on the training rows, chooses its threshold on the out-of-fold predictions, and
 * refits it on all training rows. Recipe and learner are fitted in each fold anew, so no fold sees its own rows.
 * Without a target there is nothing to hold predictions against: see `trainClusters`.
 */
export async function trainCandidate(
  input: TrainCandidateInput,
  context: TaskContext,
): Promise<TrainCandidateOutput> {
  const startedMs = performance.now();
  const { pipeline, recipe, seed } = input;
  if (pipeline.task === 'clustering') return trainClusters({ ...input, pipeline }, context);
  const { learner } = input.candidate;
  const rows = await context.inDuckDb((signal) =>
    readRows({
      store: context.store,
      rows: input.rows,
      pipeline,
      recipe,
      split: 'train',
      besides: foldColumns(pipeline),
      signal,
    }),
  );
  const { folds, metric } = pipeline.selection;
  const fits = folds + 1;

  const assigned = refuseForGood(learner, () => assignFolds(pipeline, rows, { count: folds, seed }));
  const predicted = new Float64Array(rows.frame.rows * outputsOf(pipeline));
  await predictOutOfFold(
    input,
    rows,
    { folds: assigned, from: 0, to: folds, predicted, seed },
    {
      ...context,
      reportFold: (fold, share) => context.report((fold + share) / fits, `fold ${fold + 1} of ${folds}`),
    },
  );
  const { rule, metrics } = refuseForGood(learner, () =>
    measureFolds(pipeline, rows.target, { folds: assigned, to: folds, predicted }),
  );
  const score = metrics[metric];
  if (score === undefined)
    throw new LearnerFailed(`${learner}: ${metric} is undefined over ${rows.frame.rows} training rows`);

  const fitted = await fitModel(fitJob(input, rows, deriveSeed(seed, 'refit')), context, (share) =>
    context.report((folds + share) / fits, 'all training rows'),
  );
  const classes = classesOf(pipeline);
  const range = rangeOf(pipeline);
  const assembled = refuseForGood(learner, () =>
    assembleModel({ ...input, rows, fitted, classes, rule, range }),
  );
  const artifact = await storeModel(context.store, assembled);
  return {
    selectionScore: oriented(metric, score),
    metrics,
    ...rule,
    artifact,
    seconds: (performance.now() - startedMs) / 1000,
  };
}
