import type { Snapshot } from '../contracts/data.ts';
import { tablesPart } from '../contracts/declaration-parts.ts';
import { parseSource } from '../contracts/source.ts';
import { takeSnapshot } from '../data/snapshot.ts';
import { recordSnapshot } from '../db/queries/snapshots.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { ActivityDependencies } from './dependencies.ts';
import type { StepControl } from './step.ts';

/** Takes a source into the store and records the snapshot; the same files again are the same snapshot. */
export async function recordSnapshotOf(
  deps: ActivityDependencies,
  { pipeline, source }: { pipeline: LoadedPipeline | null; source: string },
  { signal, report }: Pick<StepControl, 'signal' | 'report'>,
): Promise<Snapshot> {
  const snapshot = await takeSnapshot({
    pipeline: pipeline === null ? null : tablesPart(pipeline),
    source,
    store: deps.store,
    readers: deps.sources,
    signal,
    onProgress: ({ file, done, of }) => report(done / of, file),
  });
  await recordSnapshot(deps.db, pipeline?.name ?? null, snapshot);
  return snapshot;
}

/** Demo data follow from the source's text. Any other source is looked at: that is how changed data are noticed. */
export function recordSnapshotOnce(
  deps: ActivityDependencies,
  { pipeline, source }: { pipeline: LoadedPipeline; source: string },
  control: StepControl,
): Promise<Snapshot> {
  const record = () => recordSnapshotOf(deps, { pipeline, source }, control);
  return parseSource(source).kind === 'demo'
    ? control.result('takeSnapshot', { pipeline: tablesPart(pipeline), source }, record)
    : record();
}
