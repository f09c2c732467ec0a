import { eq } from 'drizzle-orm';
import type { Snapshot, ValidationReport } from '../../contracts/data.ts';
import type { PipelineName, RunId, Sha256 } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { snapshots, validationReports } from '../schema/snapshots.ts';
import type { Queries } from './runs.ts';

/** The same input is the same snapshot: the first row stays. */
export async function recordSnapshot(
  db: Database,
  pipeline: PipelineName,
  manifest: Snapshot,
): Promise<void> {
  await db.insert(snapshots).values({ id: manifest.id, pipeline, manifest }).onConflictDoNothing();
}

export async function findSnapshot(db: Database, id: Sha256): Promise<Snapshot | undefined> {
  const [found] = await db
    .select({ manifest: snapshots.manifest })
    .from(snapshots)
    .where(eq(snapshots.id, id));
  return found?.manifest;
}

export async function recordValidation(tx: Queries, runId: RunId, report: ValidationReport): Promise<void> {
  const values = { runId, snapshotId: report.snapshotId, verdict: report.verdict, report };
  await tx
    .insert(validationReports)
    .values(values)
    .onConflictDoUpdate({ target: validationReports.runId, set: values });
}
