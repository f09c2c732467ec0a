import { selectRows, selectValues } from '../ml/frame.ts';
import type { Measure } from '../ml/metrics/measure.ts';
import { pairedGain } from '../ml/metrics/paired-gain.ts';
import { oriented } from '../ml/metrics/registry.ts';
import { createRandom, deriveSeed, sampleIndices } from '../ml/random.ts';
import { createGeneratedColumns } from '../ml/recipe/generated-columns.ts';
import { proposeFeatures } from '../ml/search/proposals.ts';
import { rankProposals } from '../ml/search/rank-proposals.ts';
import { type Folds, measuredRows } from '../ml/splits/folds.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { assignFolds, foldColumns } from './folds.ts';
import { measureRows } from './metric-values.ts';
import { measureFolds, outputsOf, selectOutputs } from './out-of-fold.ts';
import { type LabelledRows, readRows } from './read-rows.ts';
import { readPredictions } from './run-trial.ts';
import type {
  CompareTrialsInput,
  CompareTrialsOutput,
  RankFeaturesInput,
  RankFeaturesOutput,
} from './tasks.ts';

/** More rows would change the order of features little, and each feature is computed on all of them. */
const mostRowsRanked = 20_000;

/** The features that could be made of what the recipe reads, in the order in which they are worth a trial. */
export async function rankFeatures(
  input: RankFeaturesInput,
  context: TaskContext,
): Promise<RankFeaturesOutput> {
  const { pipeline, recipe, seed } = input;
  const outputs = outputsOf(pipeline);
  const { rows, folds } = await readMeasured(input, recipe, context);
  const predicted = await readPredictions(context, input.base, rows.frame.rows * outputs);
  const measured = measuredRows(folds, folds.count);
  const drawn =
    measured.length <= mostRowsRanked
      ? measured
      : sampleIndices(
          { from: measured.length, count: mostRowsRanked },
          createRandom(deriveSeed(seed, 'ranked')),
        ).map((place) => measured[place] as number);
  const target = selectValues(rows.target, drawn);
  const said = selectOutputs(predicted, drawn, outputs);
  const residuals = Array.from({ length: outputs }, (_, output) =>
    target.map((value, i) => {
      // With several outputs each is the probability of a class, and the target the index of one.
      const truth = outputs === 1 ? value : value === output ? 1 : 0;
      return truth - (said[i * outputs + output] as number);
    }),
  );
  const proposals = proposeFeatures(recipe);
  const columnOf = createGeneratedColumns({
    spec: recipe,
    frame: selectRows(rows.frame, drawn),
    lookups: rows.lookups,
  });
  const ranking = rankProposals({ proposals, columnOf, residuals, seed });
  for (;;) {
    context.throwIfCancelled();
    const step = refuseForGood('features', () => ranking.next());
    if (step.done === true) return { proposals: step.value.slice(0, input.most), made: proposals.length };
    context.report(step.value / proposals.length, `${step.value} of ${proposals.length} features`);
  }
}

/** What trials gain over another that was measured on the same folds. One without a metric has no gain. */
export async function compareTrials(
  input: CompareTrialsInput,
  context: TaskContext,
): Promise<CompareTrialsOutput> {
  const { pipeline, seed, trials } = input;
  const outputs = outputsOf(pipeline);
  const { metric } = pipeline.selection;
  const { rows, folds } = await readMeasured(input, { inputs: [], lookups: [] }, context);
  const measured = measuredRows(folds, folds.count);
  const foldOf = measured.map((row) => folds.of[row] as number);
  const target = selectValues(rows.target, measured);
  const measureOf = async (earlier: CompareTrialsInput['base']): Promise<Measure> => {
    const predicted = await readPredictions(context, earlier, rows.frame.rows * outputs);
    const { rule } = measureFolds(pipeline, rows.target, { folds, to: folds.count, predicted });
    const measure = measureRows({
      pipeline,
      target,
      predicted: selectOutputs(predicted, measured, outputs),
      ...rule,
    });
    return (counts) => {
      const value = measure(counts)[metric];
      return { [metric]: value === undefined || value === null ? null : oriented(metric, value) };
    };
  };
  const theirs = await measureOf(input.base);
  const gains: CompareTrialsOutput['gains'] = [];
  for (const [done, { number, predictions }] of trials.entries()) {
    context.report(done / trials.length, `trial ${number}`);
    const ours = await measureOf(predictions);
    const gain = refuseForGood('gain', () =>
      pairedGain({ seed, metric, foldOf, ours, theirs, onResample: context.throwIfCancelled }),
    );
    if (gain !== null) gains.push({ number, ...gain });
  }
  return { gains };
}

async function readMeasured(
  { pipeline, rows: files, folds }: Pick<RankFeaturesInput, 'pipeline' | 'rows' | 'folds'>,
  recipe: Parameters<typeof readRows>[0]['recipe'],
  { store, inDuckDb }: TaskContext,
): Promise<{ rows: LabelledRows; folds: Folds }> {
  const rows = await inDuckDb((signal) =>
    readRows({
      store,
      rows: files,
      pipeline,
      recipe,
      split: 'train',
      besides: foldColumns(pipeline),
      signal,
    }),
  );
  return { rows, folds: refuseForGood('folds', () => assignFolds(pipeline, rows, folds)) };
}
