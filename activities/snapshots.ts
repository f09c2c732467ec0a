import type { SnapshotActivities } from '../contracts/activities.ts';
import type { Snapshot } from '../contracts/data.ts';
import type { PipelineName, Sha256 } from '../contracts/ids.ts';
import type { TableDeclaration } from '../contracts/tables.ts';
import { tablesInUse } from '../data/assign-tables.ts';
import { countRecords } from '../data/count-records.ts';
import { SourceNotFound } from '../data/errors.ts';
import { takeSnapshot } from '../data/snapshot.ts';
import { nameSnapshot, recordRowCount, resolveSnapshot } from '../db/queries/snapshots.ts';
import type { LoadedPipeline } from '../pipelines/load-pipeline.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { findPipeline } from './pipeline-of-run.ts';
import { recordSnapshotOf } from './snapshot.ts';
import { createStep } from './step.ts';

type Input<A extends keyof SnapshotActivities> = Parameters<SnapshotActivities[A]>[0];

export function createSnapshotActivities(deps: ActivityDependencies): SnapshotActivities {
  const { store, threads } = deps;
  const step = createStep(deps);
  const pipelineOf = (name: PipelineName | null): LoadedPipeline | null =>
    name === null ? null : findPipeline(deps, name);

  return {
    addSnapshot: step('addSnapshot', async (input: Input<'addSnapshot'>, control) => {
      const pipeline = pipelineOf(input.pipeline);
      const { source, name } = input;
      const snapshot = await recordSnapshotOf(deps, { pipeline, source }, control);
      if (snapshot.files.length === 0)
        throw new SourceNotFound(
          `no file of "${source}" is of a table of ${input.pipeline}; it holds ${snapshot.ignoredFiles.join(', ')}`,
        );
      const { files, id } = snapshot;
      // Here, a piece at a time as the files were hashed: the threads may be at a training for hours.
      const declarations = declarationsOf(pipeline, snapshot);
      const records = await countRecords({ files, declarations, store, signal: control.signal });
      await control.record(async (tx) => {
        if (records !== null) await recordRowCount(tx, id, records);
        if (name !== null) await nameSnapshot(tx, name, id);
      });
      return { id };
    }),

    diffSnapshots: step('diffSnapshots', async (input: Input<'diffSnapshots'>, { signal, report }) => {
      const pipeline = pipelineOf(input.pipeline);
      const from = await assigned(deps, { id: input.from, pipeline, signal });
      const to = await assigned(deps, { id: input.to, pipeline, signal });
      const diff = await threads.run(
        'diffSnapshots',
        {
          from: from.files,
          to: to.files,
          declarations: { ...declarationsOf(pipeline, from), ...declarationsOf(pipeline, to) },
          key: input.key,
        },
        { signal, onProgress: report },
      );
      return { report: await store.put(Buffer.from(JSON.stringify(diff))) };
    }),
  };
}

const declarationsOf = (
  pipeline: LoadedPipeline | null,
  { joined }: Pick<Snapshot, 'joined'>,
): Record<string, TableDeclaration> => (pipeline === null ? {} : tablesInUse(pipeline, joined));

/** The snapshot's files as tables of the pipeline as it is declared now, or as files alone. */
async function assigned(
  { db, store, sources }: ActivityDependencies,
  { id, pipeline, signal }: { id: Sha256; pipeline: LoadedPipeline | null; signal: AbortSignal },
): Promise<Pick<Snapshot, 'files' | 'joined'>> {
  const resolved = await resolveSnapshot(db, id);
  if (resolved.found !== 'one') throw new SourceNotFound(`there is no snapshot ${id}`);
  const { manifest } = resolved.row;
  if (pipeline === null)
    return { files: manifest.files.map((file) => ({ ...file, table: null })), joined: false };
  return takeSnapshot({ pipeline, source: `snapshot:${id}`, store, readers: sources, signal });
}
