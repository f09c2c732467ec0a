import { setCurrentDetails } from '@temporalio/workflow';
import type { Sha256 } from '../contracts/ids.ts';
import type { AddSnapshotRequest } from '../contracts/snapshots.ts';
import { addSnapshot } from './activities.ts';

/** Takes a source into the store without a run. */
export async function takeSnapshot(request: AddSnapshotRequest): Promise<{ id: Sha256 }> {
  const { source } = request;
  const added = await addSnapshot.executeWithOptions({ summary: source }, [{ runId: null, ...request }]);
  setCurrentDetails(`\`snapshot:${added.id}\` from \`${source}\``);
  return added;
}
