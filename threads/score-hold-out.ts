import type { BlobRef } from '../contracts/data.ts';
import type { ModelPart } from '../contracts/declaration-parts.ts';
import type { Artifact } from '../ml/artifact.ts';
import { createScorer } from '../ml/scorer.ts';
import type { TaskContext } from './context.ts';
import { refuseForGood } from './errors.ts';
import type { ScoredRows } from './metric-values.ts';
import { loadModel } from './model-bytes.ts';
import { readRows } from './read-rows.ts';
import type { RowsFiles } from './tasks.ts';

/** The model of a blob, as `storeModel` put it there. */
export const readModel = async ({ store }: TaskContext, { sha256 }: BlobRef): Promise<Artifact> =>
  loadModel(await store.read(sha256));

/**
 * The held-out rows as a model scores them: in the order of their keys, whichever model it is, so that two of them
 * are paired row by row.
 * @throws LearnerFailed, TaskCancelled
 */
export async function scoreHoldOut(
  { artifact, pipeline, rows }: { artifact: Artifact; pipeline: ModelPart; rows: RowsFiles },
  context: TaskContext,
): Promise<ScoredRows> {
  const { recipe, threshold, decisionWeights } = artifact;
  const { store } = context;
  const { frame, target } = await context.inDuckDb((signal) =>
    readRows({ store, rows, pipeline, recipe, split: 'hold-out', signal }),
  );
  const predicted = refuseForGood(artifact.learner.name, () => createScorer(artifact).scoreFrame(frame));
  return { pipeline, target, predicted, threshold, decisionWeights };
}
