import type { Pipeline } from '../contracts/pipeline.ts';
import { selectRows, selectValues } from '../ml/frame.ts';
import { deriveSeed } from '../ml/random.ts';
import { holdToRange, type TargetRange } from '../ml/range.ts';
import { assignFolds } from '../ml/split.ts';
import { chooseThreshold } from '../ml/threshold.ts';
import { assembleModel } from './assemble-model.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { fitModel, predict } from './fit-model.ts';
import { classesOf, evaluateRows, oriented } from './metric-values.ts';
import { storeModel } from './model-bytes.ts';
import { type LabelledRows, readRows } from './read-rows.ts';
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
    readRows({ store: context.store, rows: input.rows, pipeline, recipe, split: 'train', signal }),
  );
  const { folds, metric } = pipeline.selection;
  const fits = folds + 1;

  const predicted = await predictOutOfFold(input, rows, context, (fold, share) =>
    context.report((fold + share) / fits, `fold ${fold + 1} of ${folds}`),
  );
  const { threshold, metrics } = refuseForGood(learner, () => {
    const chosen = thresholdOf(pipeline, rows.target, predicted);
    return {
      threshold: chosen,
      metrics: evaluateRows({ pipeline, target: rows.target, predicted, threshold: chosen }),
    };
  });
  const score = metrics[metric];
  if (score === undefined)
    throw new LearnerFailed(`${learner}: ${metric} is undefined over ${rows.frame.rows} training rows`);

  const fitted = await fitModel(fitJob(input, rows, deriveSeed(seed, 'refit')), context, (share) =>
    context.report((folds + share) / fits, 'all training rows'),
  );
  const classes = classesOf(pipeline);
  const range = rangeOf(pipeline);
  const assembled = refuseForGood(learner, () =>
    assembleModel({ ...input, rows, fitted, classes, threshold, range }),
  );
  const artifact = await storeModel(context.store, assembled);
  return {
    selectionScore: oriented(metric, score),
    metrics,
    threshold,
    artifact,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

async function predictOutOfFold(
  input: TrainCandidateInput,
  rows: LabelledRows,
  context: TaskContext,
  report: (fold: number, share: number) => void,
): Promise<Float64Array> {
  const { pipeline, seed } = input;
  const { learner } = input.candidate;
  const outputs = pipeline.task === 'multiclass' ? pipeline.target.classes.length : 1;
  const { folds } = pipeline.selection;
  const strata = pipeline.task === 'regression' ? {} : { strata: rows.target };
  const foldOf = refuseForGood(learner, () =>
    assignFolds({ rows: rows.frame.rows, folds, seed: deriveSeed(seed, 'folds'), ...strata }),
  );
  const predicted = new Float64Array(rows.frame.rows * outputs);
  for (let fold = 0; fold < folds; fold++) {
    const inside = rowsWhere(foldOf, (other) => other !== fold);
    const outside = rowsWhere(foldOf, (other) => other === fold);
    const training = {
      frame: selectRows(rows.frame, inside),
      target: selectValues(rows.target, inside),
      lookups: rows.lookups,
    };
    const fitted = await fitModel(
      fitJob(input, training, deriveSeed(seed, `fold-${fold}`)),
      context,
      (share) => report(fold, share),
    );
    const scores = refuseForGood(learner, () =>
      holdToRange(predict(fitted, selectRows(rows.frame, outside), rows.lookups), rangeOf(pipeline)),
    );
    outside.forEach((row, i) => {
      predicted.set(scores.subarray(i * outputs, (i + 1) * outputs), row * outputs);
    });
    report(fold, 1);
  }
  return predicted;
}

function rowsWhere(foldOf: Int32Array, keep: (fold: number) => boolean): Int32Array {
  const kept: number[] = [];
  foldOf.forEach((fold, row) => {
    if (keep(fold)) kept.push(row);
  });
  return Int32Array.from(kept);
}

const fitJob = (
  { pipeline, recipe, candidate }: TrainCandidateInput,
  rows: Omit<LabelledRows, 'keys'>,
  seed: number,
) => ({
  task: pipeline.task,
  classes: classesOf(pipeline)?.length ?? 0,
  recipe,
  candidate,
  ...rows,
  seed,
});

function rangeOf(pipeline: Pipeline): TargetRange | null {
  if (pipeline.task !== 'regression') return null;
  const { min = null, max = null } = pipeline.target;
  return min === null && max === null ? null : { min, max };
}

/** The pipeline's threshold, or the one that its metric or own score is greatest at. */
function thresholdOf(pipeline: Pipeline, target: Float64Array, predicted: Float64Array): number | null {
  if (pipeline.task !== 'binary') return null;
  if ('fixed' in pipeline.threshold) return pipeline.threshold.fixed;
  const { maximise } = pipeline.threshold;
  const weights = pipeline.scores[maximise] ?? { [maximise]: 1 };
  return chooseThreshold({ target, predicted, weights }).threshold;
}
