import type { MetricValues } from '../contracts/activities.ts';
import type { ModelPart } from '../contracts/declaration-parts.ts';
import type { DecisionRule } from '../ml/decision.ts';
import { chooseDecisionWeights } from '../ml/decision-weights.ts';
import { selectRows, selectValues } from '../ml/frame.ts';
import { balancedWeights, weightsOfClasses } from '../ml/learners/training-rows.ts';
import { oriented } from '../ml/metrics/registry.ts';
import { deriveSeed } from '../ml/random.ts';
import { holdToRange, type TargetRange } from '../ml/range.ts';
import { type Folds, measuredRows, rowsOfFold, trainingRows } from '../ml/splits/folds.ts';
import { chooseThreshold, thresholdForCosts } from '../ml/threshold.ts';
import { classesOf } from '../pipelines/classes.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { type FitJob, fitModel, predict } from './fit-model.ts';
import { evaluateRows } from './metric-values.ts';
import type { LabelledRows } from './read-rows.ts';
import type { CandidateOfRun, FittedCandidate } from './tasks.ts';

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
    const outside = rowsOfFold(folds, fold);
    const inside = trainingRows(folds, fold);
    if (inside.length === 0)
      throw new LearnerFailed(`${learner}: no row is early enough to predict fold ${fold + 1} from`);
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

type Measured = { folds: Folds; to: number; predicted: Float64Array };

/**
 * The metrics over the rows of the folds so far, and the rule of decision that they are best at.
 * @param measured.predicted rows × outputs
 */
export function measureFolds(
  pipeline: ModelPart,
  target: Float64Array,
  { folds, to, predicted }: Measured,
): { rule: DecisionRule; metrics: MetricValues } {
  const of = { target, predicted };
  const scored = outcomeOf(pipeline, of, measuredRows(folds, to));
  const rule = ruleOf(pipeline, scored);
  return { rule, metrics: evaluateRows({ pipeline, ...scored, ...rule }) };
}

/**
 * The selection metric of each fold alone, higher is better; null where its rows leave it undefined. Labels are decided
 * by the rule of all folds so far.
 */
export function foldScores(pipeline: ModelPart, target: Float64Array, measured: Measured): (number | null)[] {
  const { rule } = measureFolds(pipeline, target, measured);
  const { folds, to, predicted } = measured;
  const { metric } = pipeline.selection;
  return Array.from({ length: to }, (_, fold) => {
    const scored = outcomeOf(pipeline, { target, predicted }, rowsOfFold(folds, fold));
    const score = evaluateRows({ pipeline, ...scored, ...rule })[metric];
    return score === undefined ? null : oriented(metric, score);
  });
}

function outcomeOf(
  pipeline: ModelPart,
  { target, predicted }: { target: Float64Array; predicted: Float64Array },
  rows: Int32Array,
): { target: Float64Array; predicted: Float64Array } {
  return {
    target: selectValues(target, rows),
    predicted: selectOutputs(predicted, rows, outputsOf(pipeline)),
  };
}

/** The predictions of these rows. */
export function selectOutputs(predicted: Float64Array, rows: Int32Array, outputs: number): Float64Array {
  const selected = new Float64Array(rows.length * outputs);
  rows.forEach((row, i) => {
    selected.set(predicted.subarray(row * outputs, (row + 1) * outputs), i * outputs);
  });
  return selected;
}

export const outputsOf = (pipeline: ModelPart): number =>
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
  weights: weightsOf(pipeline, candidate, target),
  lookups,
  seed,
});

function weightsOf(
  pipeline: ModelPart,
  { classWeights }: Pick<FittedCandidate, 'classWeights'>,
  target: Float64Array,
): Float64Array | undefined {
  const classes = classesOf(pipeline);
  if (classes === null || classWeights === 'none') return undefined;
  return classWeights === 'balanced'
    ? balancedWeights(target, classes.length)
    : weightsOfClasses(
        target,
        classes.map((name) => classWeights[name] ?? 1),
      );
}

export function rangeOf(pipeline: ModelPart): TargetRange | null {
  if (pipeline.task !== 'regression') return null;
  const { min = null, max = null } = pipeline.target;
  return min === null && max === null ? null : { min, max };
}

/** The pipeline's threshold, or what its metric or own score is greatest at: a threshold, or a weight for each class. */
function ruleOf(
  pipeline: ModelPart,
  scored: { target: Float64Array; predicted: Float64Array },
): DecisionRule {
  if ((pipeline.task !== 'binary' && pipeline.task !== 'multiclass') || pipeline.threshold === undefined)
    return { threshold: null };
  if ('fixed' in pipeline.threshold) {
    const { fixed, costs = {} } = pipeline.threshold;
    const [negative = 1, positive = 1] = (classesOf(pipeline) ?? []).map((name) => costs[name]);
    return { threshold: thresholdForCosts(fixed, { positive, negative }) };
  }
  const { maximise } = pipeline.threshold;
  const weights = pipeline.scores[maximise] ?? { [maximise]: 1 };
  if (pipeline.task === 'binary') return { threshold: chooseThreshold({ ...scored, weights }).threshold };
  const classes = pipeline.target.classes.length;
  const { decisionWeights } = chooseDecisionWeights({ ...scored, classes }, weights);
  return { threshold: null, decisionWeights };
}
