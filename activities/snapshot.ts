import type { Snapshot } from '../contracts/data.ts';
import { takeSnapshot } from '../data/snapshot.ts';
import { recordSnapshot } from '../db/queries/snapshots.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { StepControl } from './step.ts';

/** Takes a source into the store and records the snapshot; the same files again are the same snapshot. */
export async function recordSnapshotOf(
  deps: ActivityDependencies,
  { pipeline, source }: { pipeline: LoadedPipeline | null; source: string },
  { signal, report }: StepControl,
): Promise<Snapshot> {
  const snapshot = await takeSnapshot({
    pipeline,
    source,
    store: deps.store,
    readers: deps.sources,
    signal,
    onProgress: ({ file, done, of }) => report(done / of, file),
  });
  await recordSnapshot(deps.db, pipeline?.name ?? null, snapshot);
  return snapshot;
}
