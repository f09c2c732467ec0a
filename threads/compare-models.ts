import type { BlobRef } from '../contracts/data.ts';
import { createRandom, deriveSeed } from '../ml/random.ts';
import { createScorer } from '../ml/scorer.ts';
import type { TaskContext } from './context.ts';
import { selectValues } from './frame-rows.ts';
import { evaluateRows, oriented } from './metric-values.ts';
import { loadModel } from './model-bytes.ts';
import { readRows } from './read-rows.ts';
import type { CompareModelsInput, CompareModelsOutput } from './tasks.ts';

/** Enough that a share near 0.05 is known to within 0.02 (two standard errors). */
const resamples = 500;

/**
 * Paired bootstrap of two models over the hold-out: both are scored on the same resampled rows, so what is
 * common to the rows cancels out.
 */
export async function compareModels(
  input: CompareModelsInput,
  context: TaskContext,
): Promise<CompareModelsOutput> {
  const { pipeline, metric } = input;
  const score = async ({ sha256 }: BlobRef) => {
    const artifact = await loadModel(await context.store.read(sha256));
    const { frame, target } = await context.inDuckDb((signal) =>
      readRows({
        store: context.store,
        rows: input.rows,
        pipeline,
        recipe: artifact.recipe,
        split: 'hold-out',
        signal,
      }),
    );
    const { scoreFrame, outputs } = createScorer(artifact);
    return { target, predicted: scoreFrame(frame), outputs, threshold: artifact.threshold };
  };
  const challenger = await score(input.challenger);
  const production = await score(input.production);
  const measure = (model: typeof challenger, rows?: Int32Array): number | null => {
    const { metrics } = evaluateRows({
      pipeline,
      threshold: model.threshold,
      target: rows === undefined ? model.target : selectValues(model.target, rows),
      predicted: rows === undefined ? model.predicted : selectOutputs(model, rows),
    });
    const value = metrics[metric];
    return value === undefined ? null : oriented(metric, value);
  };

  const rows = challenger.target.length;
  const random = createRandom(deriveSeed(input.seed, 'bootstrap'));
  let worse = 0;
  let measured = 0;
  for (let i = 0; i < resamples; i++) {
    context.throwIfCancelled();
    const drawn = Int32Array.from({ length: rows }, () => random.below(rows));
    const [ours, theirs] = [measure(challenger, drawn), measure(production, drawn)];
    if (ours === null || theirs === null) continue;
    measured++;
    if (ours < theirs) worse++;
    if (i % 50 === 0) context.report(i / resamples, `resample ${i} of ${resamples}`);
  }
  return {
    rows,
    challenger: measure(challenger),
    production: measure(production),
    worseShare: measured === 0 ? 0 : worse / measured,
  };
}

function selectOutputs(
  { predicted, outputs }: { predicted: Float64Array; outputs: number },
  rows: Int32Array,
): Float64Array {
  if (outputs === 1) return selectValues(predicted, rows);
  const selected = new Float64Array(rows.length * outputs);
  rows.forEach((row, i) => {
    selected.set(predicted.subarray(row * outputs, (row + 1) * outputs), i * outputs);
  });
  return selected;
}
