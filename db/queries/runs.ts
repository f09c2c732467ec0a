import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { RunOutcome, SearchOutcome } from '../../contracts/activities.ts';
import type { RunId } from '../../contracts/ids.ts';
import { type OpenRunStatus, openRunStatuses } from '../../contracts/runs.ts';
import type { StepReuse } from '../../contracts/steps.ts';
import type { Database } from '../client.ts';
import { RowNotFound } from '../errors.ts';
import { runArtifacts, runCandidates, runSteps, runs } from '../schema/runs.ts';
import { searchTrials } from '../schema/trials.ts';

type Run = typeof runs.$inferSelect;
/** A database, or a transaction in it. */
export type Queries = Pick<Database, 'select' | 'insert' | 'update' | 'delete' | 'execute'>;

/** Of runs that have not ended. */
export const isOpen = inArray(runs.status, openRunStatuses);

/** Each change of a run or of its steps raises the revision and tells whoever listens. */
export async function changeRun(
  tx: Queries,
  runId: RunId,
  values: Partial<Omit<Run, 'id' | 'revision' | 'startedAt' | 'endedAt'>> & {
    startedAt?: SQL;
    endedAt?: SQL;
  } = {},
  where: SQL = sql`true`,
): Promise<boolean> {
  const changed = await tx
    .update(runs)
    .set({ ...values, revision: sql`${runs.revision} + 1` })
    .where(and(eq(runs.id, runId), where))
    .returning({ id: runs.id });
  if (changed.length === 0) return false;
  await tx.execute(sql`select pg_notify('run_changed', ${runId})`);
  return true;
}

/** Upserts the run and marks it running; a run that has ended stays as it is. */
export async function startRun(
  db: Database,
  run: Pick<
    Run,
    | 'id'
    | 'pipeline'
    | 'kind'
    | 'source'
    | 'parameters'
    | 'seed'
    | 'settingsSha256'
    | 'reason'
    | 'requestedBy'
    | 'workflowId'
    | 'scheduleId'
  > &
    Partial<Pick<Run, 'search' | 'tuned' | 'cache' | 'fromStep'>>,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(runs).values(run).onConflictDoNothing();
    // A retraining is two workflows, one after the other: the row names the one that can be cancelled.
    await changeRun(
      tx,
      run.id,
      {
        status: 'running',
        workflowId: run.workflowId,
        reason: run.reason,
        startedAt: sql`coalesce(${runs.startedAt}, now())`,
      },
      isOpen,
    );
  });
}

/** The settings and parameters that a run was accepted with. @throws RowNotFound */
export async function readRunBasis(
  db: Database,
  runId: RunId,
): Promise<Pick<Run, 'settingsSha256' | 'tuned'>> {
  const { settingsSha256, tuned } = runs;
  const [run] = await db.select({ settingsSha256, tuned }).from(runs).where(eq(runs.id, runId));
  if (run === undefined) throw new RowNotFound(`there is no run ${runId}`);
  return run;
}

/** @throws RowNotFound */
export async function readStepReuse(db: Database, runId: RunId): Promise<StepReuse> {
  const { cache, fromStep: from } = runs;
  const [run] = await db.select({ cache, from }).from(runs).where(eq(runs.id, runId));
  if (run === undefined) throw new RowNotFound(`there is no run ${runId}`);
  return run;
}

export async function setRunStatus(db: Database, runId: RunId, status: OpenRunStatus): Promise<void> {
  await db.transaction(async (tx) => {
    await changeRun(tx, runId, { status }, isOpen);
  });
}

/** What a run has come to know of itself; kept even after it has ended. */
export async function recordRunFacts(
  tx: Queries,
  runId: RunId,
  facts: Partial<Pick<Run, 'snapshotId' | 'rowsReport' | 'champion' | 'modelVersion' | 'verdict'>>,
): Promise<void> {
  await changeRun(tx, runId, facts);
}

/** Ends the run once: a second outcome is not recorded. Steps and trials that nobody finished are ended with it. */
export async function finishRun(
  db: Database,
  runId: RunId,
  outcome: RunOutcome | SearchOutcome,
): Promise<void> {
  await db.transaction(async (tx) => {
    const version = 'modelVersion' in outcome ? { modelVersion: outcome.modelVersion } : {};
    const verdict = 'verdict' in outcome && outcome.verdict !== null ? { verdict: outcome.verdict } : {};
    const ended = await changeRun(
      tx,
      runId,
      { status: outcome.status, outcome, ...version, ...verdict, endedAt: sql`now()` },
      isOpen,
    );
    if (!ended) return;
    await tx
      .update(runSteps)
      .set({ status: outcome.status === 'failed' ? 'failed' : 'cancelled', endedAt: sql`now()` })
      .where(and(eq(runSteps.runId, runId), eq(runSteps.status, 'running')));
    await tx
      .update(searchTrials)
      .set({ status: 'cancelled' })
      .where(and(eq(searchTrials.runId, runId), eq(searchTrials.status, 'running')));
  });
}

export async function recordCandidate(
  tx: Queries,
  candidate: typeof runCandidates.$inferInsert,
): Promise<void> {
  await tx
    .insert(runCandidates)
    .values(candidate)
    .onConflictDoUpdate({
      target: [runCandidates.runId, runCandidates.candidate, runCandidates.variant],
      set: candidate,
    });
  await changeRun(tx, candidate.runId);
}

export async function recordArtifacts(
  tx: Queries,
  artifacts: (typeof runArtifacts.$inferInsert)[],
): Promise<void> {
  if (artifacts.length === 0) return;
  await tx
    .insert(runArtifacts)
    .values(artifacts)
    .onConflictDoUpdate({
      target: [runArtifacts.runId, runArtifacts.name],
      set: {
        mediaType: sql`excluded.media_type`,
        sha256: sql`excluded.sha256`,
        bytes: sql`excluded.bytes`,
      },
    });
}
