import { entityColumns } from '../data/entity-columns.ts';
import { readFrame } from '../data/frame.ts';
import { matchLabels } from '../ml/clustering/match.ts';
import { selectRows } from '../ml/frame.ts';
import { createScorer } from '../ml/scorer.ts';
import { whichColumnsAreGone } from './compare-models.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import { readRows } from './read-rows.ts';
import { readModel } from './score-hold-out.ts';
import type { MatchClustersInput, MatchClustersOutput } from './tasks.ts';

/**
 * Puts the new version's rows into the segments of both versions. Only rows whose key production knew too are
 * matched: where others have come in their place, there is nothing that could have stayed.
 */
export async function matchClusters(
  input: MatchClustersInput,
  context: TaskContext,
): Promise<MatchClustersOutput> {
  const { pipeline, rows, productionRows } = input;
  const { store } = context;
  const challenger = await readModel(context, input.challenger);
  const production = await readModel(context, input.production);
  if (production.task !== 'clustering')
    return { notComparable: `it answers ${production.task}, no clusters` };
  const gone = whichColumnsAreGone(pipeline, production);
  if (gone !== null) return { notComparable: gone };

  const { key } = entityColumns(pipeline);
  const path = await store.localPath(productionRows.blob.sha256);
  const before = await context.inDuckDb((signal) =>
    readFrame({ path, key, target: null, columns: {}, split: 'all', signal }),
  );
  const known = new Set(before.keys);
  const labelsOf = async (model: typeof challenger) => {
    const { recipe } = model;
    const { frame, keys } = await context.inDuckDb((signal) =>
      readRows({ store, rows, pipeline, recipe, split: 'train', signal }),
    );
    const common = Int32Array.from(keys.keys()).filter((row) => known.has(keys[row] ?? ''));
    return refuseForGood(model.learner.name, () =>
      Int32Array.from(createScorer(model).scoreFrame(selectRows(frame, common))),
    );
  };
  const [ours, theirs] = [await labelsOf(challenger), await labelsOf(production)];
  if (ours.length === 0) return { notComparable: 'none of the rows was among those it was trained on' };
  return {
    matched: matchLabels(
      { ours, theirs },
      { ours: challenger.classes ?? [], theirs: production.classes ?? [] },
    ),
  };
}
