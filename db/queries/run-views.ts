import { and, desc, eq, gt, type SQL, sql } from 'drizzle-orm';
import type { RunId } from '../../contracts/ids.ts';
import type { RunKind, RunStatus } from '../../contracts/runs.ts';
import type { Database } from '../client.ts';
import { runArtifacts, runCandidates, runSteps, runs } from '../schema/runs.ts';
import { validationReports } from '../schema/snapshots.ts';
import { isOpen } from './runs.ts';

export type RunRow = typeof runs.$inferSelect;
export type NewRun = Pick<
  RunRow,
  | 'id'
  | 'pipeline'
  | 'kind'
  | 'source'
  | 'parameters'
  | 'seed'
  | 'settingsSha256'
  | 'reason'
  | 'requestedBy'
  | 'idempotencyKey'
  | 'workflowId'
> &
  Partial<Pick<RunRow, 'search' | 'tuned' | 'cache' | 'fromStep'>>;

/** Writes the row of a run that was asked for; a run that is there already is answered as it stands. */
export async function acknowledgeRun(db: Database, run: NewRun): Promise<{ row: RunRow; isNew: boolean }> {
  const [inserted] = await db.insert(runs).values(run).onConflictDoNothing().returning();
  if (inserted !== undefined) return { row: inserted, isNew: true };
  const row = await findRun(db, run.id);
  if (row === null) throw new Error(`run ${run.id} is neither new nor there`);
  return { row, isNew: false };
}

/** Takes back a run that no workflow has begun. */
export async function withdrawRun(db: Database, runId: RunId): Promise<void> {
  await db
    .delete(runs)
    .where(and(eq(runs.id, runId), eq(runs.status, 'queued'), sql`${runs.startedAt} is null`));
}

/** Runs acknowledged some time ago that nothing has begun: their API may have died before it started the workflow. */
export async function listForgottenRuns(db: Database, olderThanSeconds: number): Promise<RunRow[]> {
  return db
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.status, 'queued'),
        sql`${runs.startedAt} is null`,
        sql`${runs.createdAt} < now() - make_interval(secs => ${olderThanSeconds})`,
      ),
    )
    .orderBy(runs.createdAt)
    .limit(100);
}

/**
 * All runs that have not ended some time after they began, or were asked for, in the order of their ids. Read a page
 * at a time, each from the id of the last one on: a run that ends meanwhile moves no other past the reader.
 */
export async function* openRuns(db: Database, olderThanSeconds: number): AsyncGenerator<RunRow> {
  const pageSize = 100;
  let after: RunId | undefined;
  for (;;) {
    const page = await db
      .select()
      .from(runs)
      .where(
        and(
          isOpen,
          sql`coalesce(${runs.startedAt}, ${runs.createdAt}) < now() - make_interval(secs => ${olderThanSeconds})`,
          after === undefined ? undefined : gt(runs.id, after),
        ),
      )
      .orderBy(runs.id)
      .limit(pageSize);
    yield* page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id;
  }
}

export async function findRun(db: Database, runId: RunId): Promise<RunRow | null> {
  const [row] = await db.select().from(runs).where(eq(runs.id, runId));
  return row ?? null;
}

/** Newest first. `after` is the creation time and id of the last run seen. Reads one row more than `limit`. */
export async function listRuns(
  db: Database,
  filter: {
    pipeline?: string | undefined;
    status?: RunStatus | undefined;
    kind?: RunKind | undefined;
    after: readonly [string, string] | null;
    limit: number;
  },
): Promise<RunRow[]> {
  const conditions: (SQL | undefined)[] = [
    filter.pipeline === undefined ? undefined : sql`${runs.pipeline} = ${filter.pipeline}`,
    filter.status === undefined ? undefined : eq(runs.status, filter.status),
    filter.kind === undefined ? undefined : eq(runs.kind, filter.kind),
    filter.after === null
      ? undefined
      : sql`(${runs.createdAt}, ${runs.id}) < (${filter.after[0]}::timestamptz, ${filter.after[1]}::uuid)`,
  ];
  return db
    .select()
    .from(runs)
    .where(and(...conditions))
    .orderBy(desc(runs.createdAt), desc(runs.id))
    .limit(filter.limit + 1);
}

/** A run with its parts as of one moment: the revision of the run and its steps agree. */
export async function readRunView(db: Database, runId: RunId) {
  return db.transaction(
    async (tx) => {
      const [run] = await tx.select().from(runs).where(eq(runs.id, runId));
      if (run === undefined) return null;
      const steps = await tx
        .select()
        .from(runSteps)
        .where(eq(runSteps.runId, runId))
        .orderBy(runSteps.position, runSteps.startedAt, runSteps.step);
      const candidates = await tx
        .select()
        .from(runCandidates)
        .where(eq(runCandidates.runId, runId))
        .orderBy(runCandidates.variant, desc(runCandidates.selectionScore), runCandidates.candidate);
      const [validation] = await tx
        .select({ verdict: validationReports.verdict })
        .from(validationReports)
        .where(eq(validationReports.runId, runId));
      return { run, steps, candidates, validationVerdict: validation?.verdict ?? null };
    },
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
export type RunView = NonNullable<Awaited<ReturnType<typeof readRunView>>>;

export async function readValidationReport(db: Database, runId: RunId) {
  const [row] = await db
    .select({ report: validationReports.report })
    .from(validationReports)
    .where(eq(validationReports.runId, runId));
  return row?.report ?? null;
}

export async function listRunArtifacts(db: Database, runId: RunId) {
  return db.select().from(runArtifacts).where(eq(runArtifacts.runId, runId)).orderBy(runArtifacts.name);
}

export async function findRunArtifact(db: Database, runId: RunId, name: string) {
  const [row] = await db
    .select()
    .from(runArtifacts)
    .where(and(eq(runArtifacts.runId, runId), eq(runArtifacts.name, name)));
  return row ?? null;
}
