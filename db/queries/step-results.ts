import { eq, sql } from 'drizzle-orm';
import type { BlobRef } from '../../contracts/data.ts';
import type { RunId, Sha256 } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { stepResults } from '../schema/step-results.ts';
import type { Queries } from './runs.ts';

export type StepResult = { key: Sha256; work: string; runId: RunId; output: BlobRef };

export async function findStepResult(db: Database, key: Sha256): Promise<StepResult | null> {
  const [row] = await db.select().from(stepResults).where(eq(stepResults.key, key));
  if (row === undefined) return null;
  const { work, runId, outputSha256, outputBytes } = row;
  return { key, work, runId, output: { sha256: outputSha256, bytes: outputBytes } };
}

/** The latest stands: work is done again where what it gave before is gone, or is not wanted. */
export async function recordStepResults(tx: Queries, results: readonly StepResult[]): Promise<void> {
  if (results.length === 0) return;
  await tx
    .insert(stepResults)
    .values(
      results.map(({ key, work, runId, output }) => ({
        key,
        work,
        runId,
        outputSha256: output.sha256,
        outputBytes: output.bytes,
      })),
    )
    .onConflictDoUpdate({
      target: stepResults.key,
      set: {
        runId: sql`excluded.run_id`,
        outputSha256: sql`excluded.output_sha256`,
        outputBytes: sql`excluded.output_bytes`,
        createdAt: sql`now()`,
      },
    });
}
