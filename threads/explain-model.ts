import { type ClassesExplanation, explainClasses } from '../ml/explain/classes-explanation.ts';
import { explainModel, type ModelExplanation } from '../ml/explain/model-explanation.ts';
import { oriented } from '../ml/metrics/registry.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { evaluateRows } from './metric-values.ts';
import { readRows } from './read-rows.ts';
import { readModel } from './score-hold-out.ts';
import type { ExplainModelInput } from './tasks.ts';

/** What a registered model does with its hold-out, and of one output the rules that restate it. */
export async function explainModelTask(
  { pipeline, rows, model, seed }: ExplainModelInput,
  context: TaskContext,
): Promise<ModelExplanation | ClassesExplanation> {
  const artifact = await readModel(context, model);
  const read = (split: 'train' | 'hold-out') =>
    context.inDuckDb((signal) =>
      readRows({ store: context.store, rows, pipeline, recipe: artifact.recipe, split, signal }),
    );
  const holdOut = await read('hold-out');
  const { metric } = pipeline.selection;
  const { threshold, decisionWeights } = artifact;
  const job = {
    artifact,
    holdOut,
    metric,
    measure: (target: Float64Array, predicted: Float64Array) => {
      const value = evaluateRows({ pipeline, target, predicted, threshold, decisionWeights })[metric];
      return value === undefined ? null : oriented(metric, value);
    },
    seed,
  };
  const units =
    pipeline.task === 'multiclass'
      ? explainClasses(job)
      : explainModel({ ...job, training: (await read('train')).frame });
  for (let unit = 1; ; unit++) {
    context.throwIfCancelled();
    const step = refuseForGood(artifact.learner.name, () => units.next());
    if (step.done === true) return step.value;
    // The units are not counted beforehand; half of what is left is as near as it gets.
    context.report(unit / (unit + artifact.recipe.inputs.length * 3), 'explaining');
  }
}
