import { asc, eq, sql } from 'drizzle-orm';
import type { SearchOutcome } from '../../contracts/activities.ts';
import { type RunId, searchWorkflowId } from '../../contracts/ids.ts';
import type { FeatureSearchRequest, SearchRequest } from '../../contracts/search.ts';
import { runSteps, runs } from '../../db/schema/runs.ts';
import { searchTrials } from '../../db/schema/trials.ts';
import { activitiesOf, pendingAttempts } from './attempts.ts';
import {
  createSearchRequest,
  startSearch,
  type TestService,
  until,
  type WorkerProcess,
} from './test-service.ts';

/** For what must come, on a machine that does other things as well. */
const patienceMs = 300_000;

export type SearchKillReport = {
  kills: number;
  found: SearchOutcome;
  repeatedAttempts: number;
  faults: string[];
};

/** A search that can be asked for again and again, and the activity that measures its trials. */
type KilledSearch = {
  create: () => SearchRequest | FeatureSearchRequest;
  activity: 'runTrial' | 'tryFeatures';
};

/** A search by halving, of a cheap candidate and a dear one. */
export const parameterSearch = (trials: number): KilledSearch => ({
  create: () =>
    createSearchRequest({ candidates: ['linear', 'gradient-boosting'], strategy: 'halving', trials }),
  activity: 'runTrial',
});

/**
 * Runs a search undisturbed, and again while the worker that is amid a trial is killed, so many times.
 * Faults are what differs between the two, and trials that were measured again after they had been.
 */
export async function searchUnderKills(
  service: TestService,
  { killCount, create, activity }: { killCount: number } & KilledSearch,
): Promise<SearchKillReport> {
  await countMeasurements(service);
  const workers = new Map<number, WorkerProcess>();
  const startWorker = async (): Promise<void> => {
    const worker = await service.startWorker({ cpuSlots: 1 });
    workers.set(worker.pid, worker);
  };
  await Promise.all([startWorker(), startWorker()]);
  const undisturbed = create();
  const wanted = await (await startSearch(service, undisturbed)).result();

  const request = create();
  const handle = await startSearch(service, request);
  for (let kill = 0; kill < killCount; kill++) {
    const victim = await until(async () => {
      // Not before trials have been measured that must stay so.
      if ((await measured(service, request.runId)) < 2 * (kill + 1)) return undefined;
      return haltAmid(service, { workers, workflowId: searchWorkflowId(request.runId), activity });
    }, patienceMs);
    workers.delete(victim.pid);
    await victim.kill();
    await startWorker();
  }
  const found = await handle.result();
  return {
    kills: killCount,
    found,
    repeatedAttempts: await repeatedAttempts(service, request, activity),
    faults: await findFaults(service, { undisturbed, request, wanted, found, activity }),
  };
}

/** A worker that is amid the activity, halted: else the trial could end between the look and the kill. */
async function haltAmid(
  service: TestService,
  of: { workers: ReadonlyMap<number, WorkerProcess>; workflowId: string; activity: string },
): Promise<WorkerProcess | undefined> {
  const { workers, workflowId, activity } = of;
  const pending = await pendingAttempts(service, workflowId);
  const amid = pending.find(
    (attempt) => attempt.activity === activity && attempt.isStarted && workers.has(attempt.pid),
  );
  const worker = amid && workers.get(amid.pid);
  if (worker === undefined) return undefined;
  worker.process.kill('SIGSTOP');
  const isStillAmid = (await pendingAttempts(service, workflowId)).some(
    ({ id, attempt, isStarted }) => isStarted && id === amid?.id && attempt === amid.attempt,
  );
  if (isStillAmid) return worker;
  worker.process.kill('SIGCONT');
  return undefined;
}

/** The database itself keeps each time that a trial has come to be measured on more folds. */
async function countMeasurements({ database: { db } }: TestService): Promise<void> {
  await db.execute(sql`create table if not exists measurements (run_id uuid, number integer, folds integer)`);
  await db.execute(sql`
    create or replace function keep_measurement() returns trigger language plpgsql as $$
    begin
      insert into measurements values (new.run_id, new.number, new.folds);
      return new;
    end $$`);
  await db.execute(sql`
    create or replace trigger measured after update of folds on search_trials
    for each row execute function keep_measurement()`);
}

async function measured({ database: { db } }: TestService, runId: RunId): Promise<number> {
  const [row] = await db.execute<{ n: string }>(
    sql`select count(*) as n from measurements where run_id = ${runId}`,
  );
  return Number(row?.n ?? 0);
}

async function repeatedAttempts(
  { database: { db } }: TestService,
  { runId }: Pick<SearchRequest, 'runId'>,
  activity: KilledSearch['activity'],
) {
  const steps = await db.select().from(runSteps).where(eq(runSteps.runId, runId));
  return steps.reduce(
    (sum, { step, attempt }) => sum + (step.startsWith(`${activity}:`) ? attempt - 1 : 0),
    0,
  );
}

async function findFaults(
  service: TestService,
  of: {
    undisturbed: Pick<SearchRequest, 'runId'>;
    request: Pick<SearchRequest, 'runId'>;
    wanted: SearchOutcome;
    found: SearchOutcome;
    activity: KilledSearch['activity'];
  },
): Promise<string[]> {
  const { db } = service.database;
  const { undisturbed, request } = of;
  const faults: string[] = [];
  const expectSame = (what: string, left: unknown, right: unknown): void => {
    if (JSON.stringify(left) !== JSON.stringify(right))
      faults.push(`${what}: ${JSON.stringify(left)} where ${JSON.stringify(right)} was due`);
  };
  expectSame('outcome', of.found, of.wanted);
  const trialsOf = async (runId: RunId) =>
    (
      await db
        .select()
        .from(searchTrials)
        .where(eq(searchTrials.runId, runId))
        .orderBy(asc(searchTrials.number))
    ).map(({ runId: _, seconds: __, ...trial }) => trial);
  expectSame('trials', await trialsOf(request.runId), await trialsOf(undisturbed.runId));
  const [row] = await db.select().from(runs).where(eq(runs.id, request.runId));
  expectSame('status', row?.status, 'succeeded');
  const twice = await db.execute<{ number: number; folds: number }>(
    sql`select number, folds from measurements group by run_id, number, folds having count(*) > 1`,
  );
  expectSame('trials measured twice', [...twice], []);
  const activities = await activitiesOf(service, searchWorkflowId(request.runId), of.activity);
  const asked = activities.map(({ input }) => JSON.stringify([input.trial, input.rung]));
  expectSame('trials asked for twice', asked.length, new Set(asked).size);
  expectSame('trials without an end', activities.filter(({ completed }) => !completed).length, 0);
  return faults;
}
