import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { assignFolds, foldColumns } from './folds.ts';
import { oriented } from './metric-values.ts';
import { measureFolds, outputsOf, predictOutOfFold } from './out-of-fold.ts';
import { readRows } from './read-rows.ts';
import type { RunTrialInput, RunTrialOutput } from './tasks.ts';

/**
 * Measures a trial on further folds of the training rows, and answers its metrics over all folds so far. Nothing is
 * fitted again for the earlier ones: their predictions are in the store.
 * @throws LearnerFailed, TaskCancelled, BlobMissing
 */
export async function runTrial(input: RunTrialInput, context: TaskContext): Promise<RunTrialOutput> {
  const startedMs = performance.now();
  const { pipeline, recipe, seeds } = input;
  const { learner } = input.candidate;
  const { from, to, of: count } = input.folds;
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
  const folds = refuseForGood(learner, () => assignFolds(pipeline, rows, { count, seed: seeds.folds }));
  const predicted = await readEarlier(input, context, rows.frame.rows * outputsOf(pipeline));
  await predictOutOfFold(
    input,
    rows,
    { folds, from, to, predicted, seed: seeds.trial },
    {
      ...context,
      reportFold: (fold, share) =>
        context.report((fold - from + share) / (to - from), `fold ${fold + 1} of ${count}`),
    },
  );

  const { metrics } = refuseForGood(learner, () =>
    measureFolds(pipeline, rows.target, { folds, to, predicted }),
  );
  const { metric } = pipeline.selection;
  const score = metrics[metric];
  const { sha256 } = await context.store.put(new Uint8Array(predicted.buffer));
  return {
    selectionScore: score === undefined ? null : oriented(metric, score),
    metrics,
    predictions: sha256,
    seconds: (performance.now() - startedMs) / 1000,
  };
}

export async function readEarlier(
  { earlier }: Pick<RunTrialInput, 'earlier'>,
  { store }: Pick<TaskContext, 'store'>,
  length: number,
): Promise<Float64Array> {
  const predicted = new Float64Array(length);
  if (earlier === null) return predicted;
  const bytes = await store.read(earlier);
  if (bytes.byteLength !== predicted.byteLength)
    throw new LearnerFailed(
      `the trial's earlier predictions are ${bytes.byteLength} bytes, its rows need ${predicted.byteLength}`,
    );
  new Uint8Array(predicted.buffer).set(bytes);
  return predicted;
}
