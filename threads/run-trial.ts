import type { Sha256 } from '../contracts/ids.ts';
import { entityColumns } from '../data/entity-columns.ts';
import { oriented } from '../ml/metrics/registry.ts';
import { sampleVariance } from '../ml/sample.ts';
import { isHopeless } from '../ml/search/race.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { assignFolds, foldColumns } from './folds.ts';
import { foldScores, measureFolds, outputsOf, predictOutOfFold } from './out-of-fold.ts';
import { type LabelledRows, readRows } from './read-rows.ts';
import type { RunTrialInput, RunTrialOutput } from './tasks.ts';

/**
 * Measures a trial on further folds of the training rows, and answers its metrics over all folds so far. Nothing is
 * fitted again for the earlier ones: their predictions are in the store. A trial that falls clearly behind its rival is
 * stopped after that fold.
 * @throws LearnerFailed, TaskCancelled, BlobMissing
 */
export async function runTrial(input: RunTrialInput, context: TaskContext): Promise<RunTrialOutput> {
  const startedMs = performance.now();
  const { pipeline, seeds } = input;
  const { learner } = input.candidate;
  const { from, to, of: count } = input.folds;
  const rows = await rowsOf(input, context);
  const folds = refuseForGood(learner, () => assignFolds(pipeline, rows, { count, seed: seeds.folds }));
  const length = rows.frame.rows * outputsOf(pipeline);
  const predicted = await readPredictions(context, input.earlier, length);
  const rival = input.rival === null ? null : await readPredictions(context, input.rival, length);

  let measured = from;
  let isStopped = false;
  for (; measured < to && !isStopped; measured++) {
    const fold = measured;
    await predictOutOfFold(
      input,
      rows,
      { folds, from: fold, to: fold + 1, predicted, seed: seeds.trial },
      {
        ...context,
        reportFold: (_, share) =>
          context.report((fold - from + share) / (to - from), `fold ${fold + 1} of ${count}`),
      },
    );
    isStopped = fold + 1 < to && rival !== null && fallsBehind(rival, fold + 1);
  }

  const { metric } = pipeline.selection;
  const { metrics, scores } = refuseForGood(learner, () => {
    const of = { folds, to: measured, predicted };
    return {
      metrics: measureFolds(pipeline, rows.target, of).metrics,
      scores: foldScores(pipeline, rows.target, of),
    };
  });
  const score = metrics[metric];
  const { sha256 } = await context.store.put(new Uint8Array(predicted.buffer));
  return {
    folds: measured,
    isStopped,
    selectionScore: score === undefined ? null : oriented(metric, score),
    standardError: standardErrorOf(scores.filter((of) => of !== null)),
    metrics,
    predictions: sha256,
    seconds: (performance.now() - startedMs) / 1000,
  };

  function fallsBehind(other: Float64Array, done: number): boolean {
    const scoresOf = (of: Float64Array) =>
      refuseForGood(learner, () => foldScores(pipeline, rows.target, { folds, to: done, predicted: of }));
    const theirs = scoresOf(other);
    const differences = scoresOf(predicted).flatMap((own, fold) => {
      const their = theirs[fold];
      return own === null || their === null || their === undefined ? [] : [own - their];
    });
    return isHopeless({ differences, folds: count, within: pipeline.selection.tieBreak?.within ?? 0 });
  }
}

function rowsOf({ pipeline, recipe, rows }: RunTrialInput, context: TaskContext): Promise<LabelledRows> {
  const besides = foldColumns(pipeline);
  const read = () =>
    context.inDuckDb((signal) =>
      readRows({ store: context.store, rows, pipeline, recipe, split: 'train', besides, signal }),
    );
  const { inputs, lookups } = recipe;
  const key = JSON.stringify([rows.blob, rows.lookups, entityColumns(pipeline), inputs, lookups, besides]);
  return context.keeper === undefined ? read() : context.keeper.rows(key, read);
}

/** Of the mean over the folds; null of fewer than two. */
function standardErrorOf(scores: readonly number[]): number | null {
  if (scores.length < 2) return null;
  return Math.sqrt(sampleVariance(scores) / scores.length);
}

/** Zeros where there are none yet. */
export async function readPredictions(
  { store }: Pick<TaskContext, 'store'>,
  sha256: Sha256 | null,
  length: number,
): Promise<Float64Array> {
  const predicted = new Float64Array(length);
  if (sha256 === null) return predicted;
  const bytes = await store.read(sha256);
  if (bytes.byteLength !== predicted.byteLength)
    throw new LearnerFailed(
      `predictions of the search are ${bytes.byteLength} bytes, its rows need ${predicted.byteLength}`,
    );
  new Uint8Array(predicted.buffer).set(bytes);
  return predicted;
}
