import { and, eq, lte, sql } from 'drizzle-orm';
import type { RunId } from '../../contracts/ids.ts';
import type { Database } from '../client.ts';
import { AttemptSuperseded } from '../errors.ts';
import { runSteps } from '../schema/runs.ts';
import { changeRun, type Queries } from './runs.ts';
import { recordStepResults, type StepResult } from './step-results.ts';

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
    const fresh = { ...step, status: 'running' as const, progress: 0, message: null, cachedFrom: null };
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

/**
 * Writes what an attempt has come to, in a transaction that holds its step: a worker that was only slow, and was given
 * up, cannot write over the results of the attempt that took its place.
 * @throws AttemptSuperseded
 */
export async function writeAsAttempt<T>(
  db: Database,
  step: StepAttempt,
  write: (tx: Queries) => Promise<T>,
): Promise<T> {
  return db.transaction(async (tx) => {
    const [held] = await tx.select().from(runSteps).where(ofAttempt(step)).for('update');
    if (held === undefined)
      throw new AttemptSuperseded(`attempt ${step.attempt} at ${step.step} is no longer the running one`);
    return write(tx);
  });
}

export type StepEnd =
  /** `results` are what was done in the step, for later runs; `cachedFrom` is set where nothing had to be. */
  | { status: 'succeeded'; results: readonly StepResult[]; cachedFrom: RunId | null }
  | { status: 'failed'; message: string }
  | { status: 'cancelled' };

/** Ends the step where the attempt is the running one. */
export async function endStep(db: Database, step: StepAttempt, end: StepEnd): Promise<boolean> {
  return db.transaction(async (tx) => {
    const written = await tx
      .update(runSteps)
      .set({ ...valuesOf(end), endedAt: sql`now()` })
      .where(ofAttempt(step))
      .returning({ step: runSteps.step });
    if (written.length === 0) return false;
    if (end.status === 'succeeded') await recordStepResults(tx, end.results);
    return changeRun(tx, step.runId);
  });
}

function valuesOf(end: StepEnd): Partial<typeof runSteps.$inferInsert> {
  switch (end.status) {
    case 'succeeded': {
      const { cachedFrom } = end;
      return { status: cachedFrom === null ? 'succeeded' : 'cached', cachedFrom, progress: 1 };
    }
    case 'failed':
    case 'cancelled':
      return end;
    default:
      return end satisfies never;
  }
}
