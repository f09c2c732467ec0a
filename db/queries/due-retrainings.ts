import { and, desc, eq, inArray, sql } from 'drizzle-orm';
import { keyedRunId, type PipelineName, type RunId } from '../../contracts/ids.ts';
import { openRunStatuses } from '../../contracts/runs.ts';
import type { Database } from '../client.ts';
import { deployments } from '../schema/deployments.ts';
import { modelVersions } from '../schema/models.ts';
import { runSteps, runs } from '../schema/runs.ts';
import { readProduction } from './models.ts';
import { findRun } from './run-views.ts';

/** Whether new ratings are reason to retrain a pipeline; `runId` of the run that it is then, null where they are not. */
export type LabelVerdict = { pipeline: PipelineName; runId: RunId | null; reason: string };

/**
 * The one rule by which ratings begin a retraining: so many as `afterLabels` says that the version in production has
 * not learnt from. The run's id follows from version and number, so that nobody begins a second run for the same
 * reason; where one came to nothing, the next begins when as many have come again.
 */
export async function judgeLabels(
  db: Database,
  { name: pipeline, retrain }: { name: PipelineName; retrain: { afterLabels?: number | undefined } },
): Promise<LabelVerdict> {
  const not = (reason: string): LabelVerdict => ({ pipeline, runId: null, reason });
  const { afterLabels } = retrain;
  if (afterLabels === undefined)
    return not(`${pipeline} declares no number of ratings to retrain after (retrain.afterLabels)`);
  const production = await readProduction(db, pipeline);
  // The first version is for a person to ask for, who sees what came of it.
  if (production === null) return not(`${pipeline} has no version in production`);
  if (await isTraining(db, pipeline)) return not(`a run of ${pipeline} is under way`);
  const { version } = production;
  const returned = await readReturn(db, { pipeline, version });
  const learnedUntilMs = await readLearnedUntilMs(db, { pipeline, version });
  const labels = await countLabelsSince(db, Math.max(learnedUntilMs, returned?.atMs ?? 0));
  const times = Math.floor(labels / afterLabels);
  if (times === 0)
    return not(`${labels} ratings are new to version ${version} of ${pipeline}; ${afterLabels} are needed`);
  const occasion = returned === null ? version : `${version}@${returned.deployment}`;
  const runId = keyedRunId(`labels:${pipeline}:${occasion}:${times}`);
  const run = await findRun(db, runId);
  if (run !== null)
    return not(
      `run ${runId} on the ${times * afterLabels} ratings new to version ${version} is ${run.status}`,
    );
  return { pipeline, runId, reason: `${times * afterLabels} ratings are new to version ${version}` };
}

/**
 * The deployment by which production went back to the version from a later one; null where it did not. What was there
 * when somebody chose so is no reason to undo it at once: only ratings that come afterwards are.
 */
async function readReturn(
  db: Database,
  { pipeline, version }: { pipeline: PipelineName; version: number },
): Promise<{ deployment: number; atMs: number } | null> {
  const [last] = await db
    .select()
    .from(deployments)
    .where(eq(deployments.pipeline, pipeline))
    .orderBy(desc(deployments.id))
    .limit(1);
  if (last?.toVersion !== version || last.fromVersion === null || last.fromVersion < version) return null;
  return { deployment: last.id, atMs: Date.parse(last.at) };
}

/** From when on reviews are new to a version: all are where it was made of something else than reviews taken in. */
async function readLearnedUntilMs(
  db: Database,
  { pipeline, version }: { pipeline: PipelineName; version: number },
): Promise<number> {
  const [run] = await db
    .select({
      source: runs.source,
      // Before it reads them: what comes meanwhile is counted, though it may be among them.
      at: sql<string>`coalesce(${runSteps.startedAt}, ${runs.startedAt}, ${modelVersions.createdAt})`,
    })
    .from(modelVersions)
    .innerJoin(runs, eq(runs.id, modelVersions.runId))
    .leftJoin(runSteps, and(eq(runSteps.runId, runs.id), eq(runSteps.step, 'loadData')))
    .where(and(eq(modelVersions.pipeline, pipeline), eq(modelVersions.version, version)));
  return run?.source.startsWith('reviews:') ? Date.parse(run.at) : 0;
}

/**
 * Reviews with a rating that were taken in after a time. By their ids, which begin with the time (UUIDv7): so only what
 * is new is read.
 */
async function countLabelsSince(db: Database, sinceMs: number): Promise<number> {
  const first = firstIdAt(sinceMs);
  const [row] = await db.execute<{ count: number }>(
    sql`select count(*)::integer as count from reviews where id >= ${first}::uuid and rating is not null`,
  );
  return row?.count ?? 0;
}

/** The least UUIDv7 of a millisecond (RFC 9562, 5.7). */
function firstIdAt(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** Whether a run of the pipeline that makes a version is under way, or waits to be. */
async function isTraining(db: Database, pipeline: PipelineName): Promise<boolean> {
  const [row] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(
      and(
        eq(runs.pipeline, pipeline),
        inArray(runs.status, [...openRunStatuses]),
        inArray(runs.kind, ['deploy', 'retrain']),
      ),
    )
    .limit(1);
  return row !== undefined;
}
