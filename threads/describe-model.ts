import { entityColumns } from '../data/entity-columns.ts';
import { writePreparedRows } from '../data/prepared-rows.ts';
import { columnStatistics } from '../ml/column-statistics.ts';
import { sliceFrame } from '../ml/frame.ts';
import { summarisePreparation } from '../ml/recipe/preparation-summary.ts';
import { createPreparation, featureFrame } from '../ml/recipe/recipe.ts';
import { createScorer } from '../ml/scorer.ts';
import type { TaskContext } from './context.ts';
import { readRows } from './read-rows.ts';
import { readModel } from './score-hold-out.ts';
import type { DescribeModelInput, DescribeModelOutput } from './tasks.ts';

/** Beyond it the prepared rows would take longer to write than the model took to fit: make them from the rows. */
const maxPreparedCells = 5_000_000;

/** What a model was made from: its columns as they were in training, what preparation did to them, and the result. */
export async function describeModel(
  { pipeline, rows, model }: DescribeModelInput,
  context: TaskContext,
): Promise<DescribeModelOutput> {
  const artifact = await readModel(context, model);
  const { recipe: fitted, lookups } = artifact;
  const read = (split: 'train' | 'hold-out') =>
    context.inDuckDb((signal) =>
      readRows({ store: context.store, rows, pipeline, recipe: fitted, split, signal }),
    );
  const training = await read('train');
  const holdOut = await read('hold-out');
  const prepare = createPreparation({ fitted, lookups });
  const sides = [
    { ...training, split: 'train' as const },
    { ...holdOut, split: 'hold-out' as const },
  ];
  const { dense, codes, sparse } = prepare(sliceFrame(training.frame, 0, 1));
  const names = [...dense, ...codes].map(({ name }) => name);
  const cells = names.length * (training.frame.rows + holdOut.frame.rows);
  const { key, target } = entityColumns(pipeline);
  const prepared =
    cells > maxPreparedCells
      ? null
      : await context.inDuckDb((signal) =>
          writePreparedRows({
            sides: sides.map((side) => ({ ...side, prepared: prepare(side.frame) })),
            names: { key, target: target ?? 'target' },
            store: context.store,
            signal,
          }),
        );

  const scorer = createScorer(artifact);
  const checked = artifact.goldenRows.map(({ instance, score }) => {
    const again = scorer.scoreInstances([instance]);
    return { instance, score, again: [...again] };
  });
  const differences = checked.flatMap(({ score, again }) =>
    score.map((value, i) => Math.abs(value - (again[i] ?? Number.NaN))),
  );
  return {
    columns: {
      trainRows: training.frame.rows,
      holdOutRows: holdOut.frame.rows,
      features: columnStatistics(featureFrame({ fitted, lookups, frame: training.frame })),
      prepared: names,
      sparse: sparse.names.length,
    },
    preparation: {
      train: summarisePreparation({ fitted, lookups, frame: training.frame }),
      holdOut: summarisePreparation({ fitted, lookups, frame: holdOut.frame }),
    },
    check: { rows: checked.length, largestDifference: Math.max(0, ...differences), checked },
    prepared,
  };
}
