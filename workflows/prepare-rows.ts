import type { RowsRef, Snapshot } from '../contracts/data.ts';
import type { RunRequest } from '../contracts/runs.ts';
import { buildRows, loadData, validateData } from './activities.ts';

/** From a source to entity rows, as every run that learns from data begins. */
export async function prepareRows(
  { runId, pipeline, source, parameters }: Pick<RunRequest, 'runId' | 'pipeline' | 'source' | 'parameters'>,
  progress: { finished: string[]; describe(stage: string): void },
): Promise<{ snapshot: Snapshot; rows: RowsRef }> {
  const step = { runId, pipeline };
  progress.describe('loading data');
  const snapshot = await loadData.executeWithOptions({ summary: source }, [{ ...step, source }]);
  progress.describe('validating data');
  const { verdict, tables } = await validateData.executeWithOptions(
    { summary: `${snapshot.files.length} files of snapshot ${snapshot.id.slice(0, 12)}` },
    [{ ...step, snapshot, parameters }],
  );
  progress.finished.push(`- validation: ${verdict}`);
  progress.describe('building rows');
  const rows = await buildRows.executeWithOptions({ summary: `rows of ${pipeline}` }, [
    { ...step, snapshot, tables, parameters },
  ]);
  progress.finished.push(`- rows: ${rows.report.trainRows} to train on, ${rows.report.holdOutRows} held out`);
  return { snapshot, rows };
}
