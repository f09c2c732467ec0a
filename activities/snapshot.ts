import type { StepInput } from '../contracts/activities.ts';
import type { Snapshot } from '../contracts/data.ts';
import { takeSnapshot } from '../data/snapshot.ts';
import { recordSnapshot } from '../db/queries/snapshots.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findPipeline } from './pipeline-of-run.ts';
import type { StepControl } from './step.ts';

/** Takes a source into the store and records the snapshot; the same files again are the same snapshot. */
export async function recordSnapshotOf(
  deps: ActivityDependencies,
  { pipeline: name, source }: Pick<StepInput, 'pipeline'> & { source: string },
  { signal, report }: StepControl,
): Promise<Snapshot> {
  const snapshot = await takeSnapshot({
    pipeline: findPipeline(deps, name),
    source,
    store: deps.store,
    readers: deps.sources,
    signal,
    onProgress: ({ file, done, of }) => report(done / of, file),
  });
  await recordSnapshot(deps.db, name, snapshot);
  return snapshot;
}
