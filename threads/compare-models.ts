import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../contracts/pipeline.ts';
import { entityColumns } from '../data/entity-columns.ts';
import type { Artifact } from '../ml/artifact.ts';
import { createRandom, deriveSeed } from '../ml/random.ts';
import type { TaskContext } from './context.ts';
import { selectValues } from './frame-rows.ts';
import { evaluateRows, oriented } from './metric-values.ts';
import { readModel, scoreHoldOut } from './score-hold-out.ts';
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
  const models = {
    challenger: await readModel(context, input.challenger),
    production: await readModel(context, input.production),
  };
  const reason = whyNotScorable(pipeline, models);
  if (reason !== null) return { notComparable: reason };
  const score = (artifact: Artifact) => scoreHoldOut({ artifact, pipeline, rows: input.rows }, context);
  const challenger = await score(models.challenger);
  const production = await score(models.production);
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
    if (i % 50 === 0) context.report(i / resamples, `resample ${i} of ${resamples}`);
    if (theirs === null) continue;
    measured++;
    // What the rows define for one they define for both, so here the challenger's errors are past any number.
    if (ours === null || ours < theirs) worse++;
  }
  if (measured === 0) return { notComparable: `${metric} is undefined on the ${rows} held-out rows` };
  return {
    compared: {
      rows,
      challenger: measure(challenger),
      production: measure(production),
      worseShare: worse / measured,
    },
  };
}

/** Why the rows of a newer declaration cannot be scored by the older model; null where they can. */
function whyNotScorable(
  pipeline: Pipeline,
  { challenger, production }: { challenger: Artifact; production: Artifact },
): string | null {
  const answers = ({ task, classes }: Artifact) =>
    classes === null ? task : `${task} of ${classes.join(' and ')}`;
  if (challenger.task !== production.task || !isDeepStrictEqual(challenger.classes, production.classes))
    return `it answers ${answers(production)}, the new version ${answers(challenger)}`;
  const { columns } = entityColumns(pipeline);
  const gone = production.recipe.inputs.filter(({ name, kind }) => columns[name] !== kind);
  if (gone.length === 0) return null;
  return `it reads ${gone.map(({ name, kind }) => `"${name}" as a ${kind}`).join(', ')}, which the rows no longer have`;
}

function selectOutputs(
  { target, predicted }: { target: Float64Array; predicted: Float64Array },
  rows: Int32Array,
): Float64Array {
  const outputs = predicted.length / target.length;
  if (outputs === 1) return selectValues(predicted, rows);
  const selected = new Float64Array(rows.length * outputs);
  rows.forEach((row, i) => {
    selected.set(predicted.subarray(row * outputs, (row + 1) * outputs), i * outputs);
  });
  return selected;
}
