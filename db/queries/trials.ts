import { and, eq, inArray, sql } from 'drizzle-orm';
import type { RunId } from '../../contracts/ids.ts';
import type { TriedFeature } from '../../contracts/search.ts';
import type { Trial } from '../../ml/search/trials.ts';
import type { Database } from '../client.ts';
import { searchTrials } from '../schema/trials.ts';
import { changeRun, type Queries } from './runs.ts';

export type TrialRow = typeof searchTrials.$inferSelect;

export async function findTrial(db: Database, runId: RunId, number: number): Promise<TrialRow | null> {
  const [row] = await db
    .select()
    .from(searchTrials)
    .where(and(eq(searchTrials.runId, runId), eq(searchTrials.number, number)));
  return row ?? null;
}

export async function listTrials(db: Database, runId: RunId): Promise<TrialRow[]> {
  return db.select().from(searchTrials).where(eq(searchTrials.runId, runId)).orderBy(searchTrials.number);
}

/** Shows the trial as under way; what it was measured to before stays with it. */
export async function startTrial(
  tx: Queries,
  runId: RunId,
  trial: Trial & { features?: TriedFeature },
): Promise<void> {
  await tx
    .insert(searchTrials)
    .values({ runId, ...trial, status: 'running' })
    .onConflictDoUpdate({
      target: [searchTrials.runId, searchTrials.number],
      set: { status: 'running' },
    });
  await changeRun(tx, runId);
}

export type TrialOutcome = Pick<TrialRow, 'runId' | 'number'> &
  Partial<Omit<TrialRow, 'runId' | 'number' | 'candidate' | 'params' | 'seed' | 'seconds'>> & {
    /** Added to those of the folds before. */
    seconds: number;
  };

export async function recordTrial(
  tx: Queries,
  { runId, number, seconds, ...outcome }: TrialOutcome,
): Promise<void> {
  await tx
    .update(searchTrials)
    .set({ ...outcome, seconds: sql`${searchTrials.seconds} + ${seconds}` })
    .where(and(eq(searchTrials.runId, runId), eq(searchTrials.number, number)));
  await changeRun(tx, runId);
}

/** What trials gain over another; once more changes nothing. */
export async function recordGains(
  tx: Queries,
  runId: RunId,
  gains: readonly { number: number; gain: number; standardError: number }[],
): Promise<void> {
  for (const { number, ...gain } of gains)
    await tx
      .update(searchTrials)
      .set({ features: sql`${searchTrials.features} || ${JSON.stringify({ gain })}::jsonb` })
      .where(and(eq(searchTrials.runId, runId), eq(searchTrials.number, number)));
  await changeRun(tx, runId);
}

/** Of trials that were scored, those that go no further. */
export async function stopTrials(tx: Queries, runId: RunId, numbers: readonly number[]): Promise<void> {
  if (numbers.length === 0) return;
  await tx
    .update(searchTrials)
    .set({ status: 'stopped' })
    .where(
      and(
        eq(searchTrials.runId, runId),
        eq(searchTrials.status, 'scored'),
        inArray(searchTrials.number, [...numbers]),
      ),
    );
  await changeRun(tx, runId);
}

/** Trials that the budget's end overtook. */
export async function cancelOpenTrials(tx: Queries, runId: RunId): Promise<void> {
  await tx
    .update(searchTrials)
    .set({ status: 'cancelled' })
    .where(and(eq(searchTrials.runId, runId), eq(searchTrials.status, 'running')));
}
