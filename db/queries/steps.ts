import { and, eq, lte, sql } from 'drizzle-orm';
import type { RunId } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { runSteps } from '../schema.ts';
import { changeRun } from './runs.ts';

/** One attempt at a step. A write of an earlier attempt than the recorded one is refused: its worker was given up. */
export type StepAttempt = { runId: RunId; step: string; attempt: number };

const ofAttempt = ({ runId, step, attempt }: StepAttempt) =>
  and(
    eq(runSteps.runId, runId),
    eq(runSteps.step, step),
    eq(runSteps.attempt, attempt),
    eq(runSteps.status, 'running'),
  );

/** Records the attempt as the running one. False where a later attempt is on record. */
export async function startStep(db: Database, step: StepAttempt & { position: number }): Promise<boolean> {
  return db.transaction(async (tx) => {
    const fresh = { ...step, status: 'running' as const, progress: 0, message: null };
    const started = await tx
      .insert(runSteps)
      .values(fresh)
      .onConflictDoUpdate({
        target: [runSteps.runId, runSteps.step],
        set: { ...fresh, startedAt: sql`now()`, endedAt: null },
        // The same attempt starts twice where the answer of the first database write was lost.
        setWhere: lte(runSteps.attempt, step.attempt),
      })
      .returning({ step: runSteps.step });
    if (started.length === 0) return false;
    return changeRun(tx, step.runId);
  });
}

/** @param progress 0 to 1 */
export async function recordProgress(
  db: Database,
  step: StepAttempt & { progress: number; message: string | null },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const written = await tx
      .update(runSteps)
      .set({ progress: step.progress, message: step.message })
      .where(ofAttempt(step))
      .returning({ step: runSteps.step });
    return written.length > 0 && changeRun(tx, step.runId);
  });
}

export async function endStep(
  db: Database,
  step: StepAttempt & { status: 'succeeded' | 'failed' | 'cancelled'; message: string | null },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const written = await tx
      .update(runSteps)
      .set({
        status: step.status,
        endedAt: sql`now()`,
        ...(step.status === 'succeeded' ? { progress: 1 } : {}),
        ...(step.message === null ? {} : { message: step.message }),
      })
      .where(ofAttempt(step))
      .returning({ step: runSteps.step });
    return written.length > 0 && changeRun(tx, step.runId);
  });
}
