import type { DiffRequest, DiffResult } from '../contracts/snapshots.ts';
import { diffSnapshots } from './activities.ts';

/** What differs between two snapshots. Its id follows from what it compares, so the same question is answered once. */
export async function compareSnapshots(request: DiffRequest): Promise<DiffResult> {
  const summary = `${request.from.slice(0, 12)} and ${request.to.slice(0, 12)}`;
  return diffSnapshots.executeWithOptions({ summary }, [{ runId: null, ...request }]);
}
