import type { Artifact } from './artifact.ts';
import { layOutRows, type PreparedColumns } from './blocks.ts';
import { type DecisionRule, decideClass } from './decision.ts';
import { type Frame, sliceFrame } from './frame.ts';
import type { Predictor } from './learner.ts';
import { findLearner } from './learners/registry.ts';
import { holdToRange } from './range.ts';
import { compileRecipe } from './recipe/compile.ts';
import type { Instance } from './recipe/instances.ts';
import { createPreparation } from './recipe/recipe.ts';
import { createTopicsOf, type TopicsOf } from './topics/model.ts';
import { UnreadableValue } from './unreadable-value.ts';

/** A model ready to answer. Made once per loaded version; not for two threads. */
export type Scorer = {
  /** Numbers per row: 1, or the number of classes for `multiclass`. */
  outputs: number;
  /** Rows × outputs: see `Predictor`. Instances are taken as validated; what is absent is missing. */
  scoreInstances(instances: readonly Instance[]): Float64Array;
  /** The same for rows in columns, as-of columns of look-ups included. */
  scoreFrame(frame: Frame): Float64Array;
  /** The topics of a text by their weights, where the model has any: see `TopicsOf`. */
  topicsOf: TopicsOf | null;
};

/** What a recipe makes of so many rows stays in the processor's cache until the model has read it. */
const rowsAtOnce = 2048;

/** @throws where the learner is unknown to this build, is for other tasks, or refuses the stored model. */
export function createScorer(artifact: Artifact): Scorer {
  const { recipe, lookups, learner, sections, range } = artifact;
  const found = findLearner(learner.name);
  if (!found.tasks.includes(artifact.task)) {
    throw new RangeError(
      `learner ${learner.name} is for ${found.tasks.join(', ')}, the artifact is ${artifact.task}`,
    );
  }
  const predictor = found.load({ head: learner.head, sections });
  const compiled = compileRecipe(recipe, lookups);
  const outputs = outputsOf(artifact);
  const prepare = createPreparation({ fitted: recipe, lookups });
  return {
    outputs,
    topicsOf: artifact.topics === undefined ? null : createTopicsOf(artifact.topics),
    scoreInstances: (instances) => holdToRange(predictor.predict(compiled.transform(instances)), range),
    scoreFrame(frame) {
      const scores = new Float64Array(frame.rows * outputs);
      for (let from = 0; from < frame.rows; from += rowsAtOnce) {
        const columns = prepare(sliceFrame(frame, from, Math.min(from + rowsAtOnce, frame.rows)));
        scores.set(predictSlice(predictor, columns, from), from * outputs);
      }
      return holdToRange(scores, range);
    },
  };
}

/** @throws UnreadableValue that counts its row in the frame, whose row `from` is the slice's first */
function predictSlice(predictor: Predictor, columns: PreparedColumns, from: number): Float64Array {
  try {
    return predictor.predictColumns?.(columns) ?? predictor.predict(layOutRows(columns));
  } catch (error) {
    throw error instanceof UnreadableValue ? error.countedFrom(from) : error;
  }
}

export function outputsOf({ task, classes }: Pick<Artifact, 'task' | 'classes'>): number {
  return task === 'multiclass' ? (classes?.length ?? 0) : 1;
}

/**
 * The class that one row's outputs mean: for `binary` the second one from the threshold on, for `multiclass` the
 * most probable times its weight, for `clustering` the name of the cluster. Null where there are no classes.
 */
export function decide(
  artifact: Pick<Artifact, 'task' | 'classes'> & DecisionRule,
  score: ArrayLike<number>,
): string | null {
  const { task, classes, threshold, decisionWeights } = artifact;
  if (classes === null) return null;
  if (task === 'binary') return classes[(score[0] as number) >= (threshold ?? 0.5) ? 1 : 0] ?? null;
  if (task === 'clustering') return classes[score[0] as number] ?? null;
  return classes[decideClass(score, { start: 0, classes: classes.length, decisionWeights })] ?? null;
}

export type GoldenMismatch = { row: number; output: number; expected: number; actual: number };

/**
 * Scores the golden rows again; empty where every output is within `tolerance` of the stored one (0: equal to the
 * bit, as the same Node version gives them; 1e-12 across versions).
 */
export function verifyGoldenRows(
  artifact: Artifact,
  tolerance: number,
  scorer: Scorer = createScorer(artifact),
): readonly GoldenMismatch[] {
  const { goldenRows } = artifact;
  const scores = scorer.scoreInstances(goldenRows.map(({ instance }) => instance));
  return goldenRows.flatMap(({ score }, row) =>
    Array.from({ length: scorer.outputs }, (_, output) => ({
      row,
      output,
      expected: score[output] ?? Number.NaN,
      actual: scores[row * scorer.outputs + output] ?? Number.NaN,
    })).filter(({ expected, actual }) => !(Math.abs(expected - actual) <= tolerance)),
  );
}
