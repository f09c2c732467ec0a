import { selectValues } from '../ml/frame.ts';
import type { TaskContext } from './context.ts';
import { LearnerFailed, refuseForGood } from './errors.ts';
import { evaluateRows, oriented } from './metric-values.ts';
import {
  assignFoldsInTime,
  assignRandomFolds,
  type Folds,
  outputsOf,
  predictOutOfFold,
  rowsWhere,
  thresholdOf,
} from './out-of-fold.ts';
import { type LabelledRows, readRows } from './read-rows.ts';
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
  const { from, to } = input.folds;
  const time = pipeline.split.by === 'cutoff' ? pipeline.split.column : null;
  const rows = await context.inDuckDb((signal) =>
    readRows({
      store: context.store,
      rows: input.rows,
      pipeline,
      recipe,
      split: 'train',
      besides: time === null ? [] : [time],
      signal,
    }),
  );
  const folds = refuseForGood(learner, () => assignFolds(input, rows, time));
  const outputs = outputsOf(pipeline);
  const predicted = await readEarlier(input, context, rows.frame.rows * outputs);
  await predictOutOfFold(
    input,
    rows,
    { folds, from, to, predicted, seed: seeds.trial },
    {
      ...context,
      reportFold: (fold, share) =>
        context.report((fold - from + share) / (to - from), `fold ${fold + 1} of ${folds.count}`),
    },
  );

  const measured = rowsWhere(folds.of, (fold) => fold >= 0 && fold < to);
  const target = selectValues(rows.target, measured);
  const outcome = Float64Array.from(
    { length: measured.length * outputs },
    (_, i) => predicted[(measured[Math.floor(i / outputs)] as number) * outputs + (i % outputs)] as number,
  );
  const metrics = refuseForGood(learner, () =>
    evaluateRows({
      pipeline,
      target,
      predicted: outcome,
      threshold: thresholdOf(pipeline, target, outcome),
    }),
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

function assignFolds({ pipeline, seeds }: RunTrialInput, rows: LabelledRows, time: string | null): Folds {
  if (time === null) return assignRandomFolds(pipeline, rows, seeds.folds);
  const column = rows.frame.columns.get(time);
  if (column?.kind !== 'timestamp') throw new LearnerFailed(`the rows have no times in "${time}"`);
  return assignFoldsInTime(pipeline, column.values);
}

async function readEarlier(
  { earlier }: RunTrialInput,
  { store }: TaskContext,
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
