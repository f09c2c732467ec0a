import { diffSnapshots } from '../data/diff/diff-snapshots.ts';
import { DataInvalid } from '../data/errors.ts';
import { buildRows } from '../data/rows.ts';
import { validate } from '../data/validate.ts';
import type { TaskContext } from './context.ts';
import type { TaskInput, TaskOutput } from './tasks.ts';

/** Reading a CSV is as much a computation as a query, so all data tasks run in a thread. */
export async function validateDataTask(
  { pipeline, snapshot, parameters }: TaskInput<'validateData'>,
  { store, inDuckDb, report }: TaskContext,
): Promise<TaskOutput<'validateData'>> {
  try {
    return await inDuckDb((signal) =>
      validate({
        pipeline,
        snapshot,
        parameters,
        store,
        signal,
        onProgress: ({ table, done, of }) => report(done / of, table),
      }),
    );
  } catch (error) {
    if (error instanceof DataInvalid)
      return { report: error.report, tables: {}, quarantine: error.quarantine };
    throw error;
  }
}

export function buildRowsTask(
  { pipeline, sql, joined, tables, parameters }: TaskInput<'buildRows'>,
  { store, inDuckDb }: TaskContext,
): Promise<TaskOutput<'buildRows'>> {
  return inDuckDb((signal) => buildRows({ pipeline, sql, joined, tables, parameters, store, signal }));
}

export function diffSnapshotsTask(
  input: TaskInput<'diffSnapshots'>,
  { store, inDuckDb, report }: TaskContext,
): Promise<TaskOutput<'diffSnapshots'>> {
  return inDuckDb((signal) =>
    diffSnapshots({
      ...input,
      store,
      signal,
      onProgress: ({ table, done, of }) => report(done / of, table),
    }),
  );
}
