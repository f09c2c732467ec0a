import type { Pipeline } from '../contracts/pipeline.ts';
import { selectRows, selectValues } from '../ml/frame.ts';
import { deriveSeed } from '../ml/random.ts';
import { holdToRange, type TargetRange } from '../ml/range.ts';
import { alwaysTrained, assignFolds, assignTimeFolds } from '../ml/split.ts';
import { chooseThreshold } from '../ml/threshold.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { type FitJob, fitModel, predict } from './fit-model.ts';
import { classesOf } from './metric-values.ts';
import type { LabelledRows } from './read-rows.ts';
import type { CandidateOfRun } from './tasks.ts';

/** The fold of each row; where the folds follow one another in time, a fold is predicted from earlier rows only. */
export type Folds = { of: Int32Array; count: number; inTime: boolean };

/** The pipeline's own folds, stratified by class: the same for every candidate and trial of one seed. */
export function assignRandomFolds(pipeline: Pipeline, rows: LabelledRows, seed: number): Folds {
  const { folds } = pipeline.selection;
  const strata = pipeline.task === 'regression' ? {} : { strata: rows.target };
  const of = assignFolds({ rows: rows.frame.rows, folds, seed: deriveSeed(seed, 'folds'), ...strata });
  return { of, count: folds, inTime: false };
}

/** As the hold-out of a pipeline that is split at a date: what is predicted is later than all that was learned from. */
export function assignFoldsInTime(pipeline: Pipeline, times: Float64Array): Folds {
  const { folds } = pipeline.selection;
  return { of: assignTimeFolds({ times, folds }), count: folds, inTime: true };
}

/**
 * Fits recipe and learner in each fold anew, so that no fold sees its own rows, and writes what the rows of the fold
 * are predicted to be.
 * @param options.from first fold, and `to`, exclusive, the last
 * @param options.predicted rows × outputs: those of other folds stay as they are
 * @throws LearnerFailed, TaskCancelled
 */
export async function predictOutOfFold(
  candidate: CandidateOfRun,
  rows: LabelledRows,
  options: { folds: Folds; from: number; to: number; predicted: Float64Array; seed: number },
  context: TaskContext & { reportFold(fold: number, share: number): void },
): Promise<void> {
  const { pipeline } = candidate;
  const { learner } = candidate.candidate;
  const { folds, from, to, predicted, seed } = options;
  const outputs = outputsOf(pipeline);
  for (let fold = from; fold < to; fold++) {
    const inside = rowsWhere(folds.of, (other) => trainsOn(folds, fold, other));
    const outside = rowsWhere(folds.of, (other) => other === fold);
    const training = {
      frame: selectRows(rows.frame, inside),
      target: selectValues(rows.target, inside),
      lookups: rows.lookups,
    };
    const fitted = await fitModel(
      fitJob(candidate, training, deriveSeed(seed, `fold-${fold}`)),
      context,
      (share) => context.reportFold(fold, share),
    );
    const scores = refuseForGood(learner, () =>
      holdToRange(predict(fitted, selectRows(rows.frame, outside), rows.lookups), rangeOf(pipeline)),
    );
    outside.forEach((row, i) => {
      predicted.set(scores.subarray(i * outputs, (i + 1) * outputs), row * outputs);
    });
    context.reportFold(fold, 1);
  }
}

function trainsOn({ inTime }: Folds, fold: number, other: number): boolean {
  return inTime ? other > fold || other === alwaysTrained : other !== fold;
}

export function rowsWhere(foldOf: Int32Array, keep: (fold: number) => boolean): Int32Array {
  const kept: number[] = [];
  foldOf.forEach((fold, row) => {
    if (keep(fold)) kept.push(row);
  });
  return Int32Array.from(kept);
}

export const outputsOf = (pipeline: Pipeline): number =>
  pipeline.task === 'multiclass' ? pipeline.target.classes.length : 1;

export const fitJob = (
  { pipeline, recipe, candidate }: CandidateOfRun,
  { frame, target, lookups }: Pick<LabelledRows, 'frame' | 'target' | 'lookups'>,
  seed: number,
): FitJob => ({
  task: pipeline.task,
  classes: classesOf(pipeline)?.length ?? 0,
  recipe,
  candidate,
  frame,
  target,
  lookups,
  seed,
});

export function rangeOf(pipeline: Pipeline): TargetRange | null {
  if (pipeline.task !== 'regression') return null;
  const { min = null, max = null } = pipeline.target;
  return min === null && max === null ? null : { min, max };
}

/** The pipeline's threshold, or the one that its metric or own score is greatest at. */
export function thresholdOf(
  pipeline: Pipeline,
  target: Float64Array,
  predicted: Float64Array,
): number | null {
  if (pipeline.task !== 'binary') return null;
  if ('fixed' in pipeline.threshold) return pipeline.threshold.fixed;
  const { maximise } = pipeline.threshold;
  const weights = pipeline.scores[maximise] ?? { [maximise]: 1 };
  return chooseThreshold({ target, predicted, weights }).threshold;
}
