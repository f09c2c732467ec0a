import { setTimeout as delay } from 'node:timers/promises';
import { asc, eq } from 'drizzle-orm';
import { deployWorkflowId, type RunId, runWorkflowId, trainWorkflowId } from '../../contracts/ids.ts';
import type { RunRequest } from '../../contracts/runs.ts';
import { deployments } from '../../db/schema/deployments.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { runCandidates, runSteps, runs } from '../../db/schema/runs.ts';
import { createRandom } from '../../ml/random.ts';
import { type Attempt, activitiesOf, pendingAttempts } from './attempts.ts';
import { createRunRequest, startRun, type TestService, until, type WorkerProcess } from './test-service.ts';

export type WorkerKillReport = {
  runs: number;
  kills: number;
  /** Of each activity that a killed worker had: until the server gave it to another worker. */
  secondsToHandOn: number[];
  /** Of the same: until another worker had begun it; these may wait for others' work to end. */
  secondsToGoOn: number[];
  attempts: number;
  seconds: number;
  /** What is not as it would have been without the kills. */
  faults: string[];
};

const source = 'demo:olist?rows=2000&seed=7';
/** The bars are passed by any model: runs must end as they would have, however good they are. */
const asked = {
  'olist-score': {
    candidates: ['linear', 'gradient-boosting', 'random-forest'],
    parameters: { minR2: -1 },
  },
  'olist-satisfaction': {
    candidates: ['logistic', 'gradient-boosting', 'random-forest'],
    parameters: { minRocAuc: 0, minAccuracy: 0, minChampionScore: 0 },
  },
};
const variety = [
  { pipeline: 'olist-score', kind: 'deploy', seed: 1 },
  { pipeline: 'olist-satisfaction', kind: 'deploy', seed: 1 },
  { pipeline: 'olist-score', kind: 'train', seed: 2 },
  { pipeline: 'olist-satisfaction', kind: 'train', seed: 2 },
] as const;

const requestOf = (index: number, kind?: 'train'): RunRequest => {
  const of = variety[index % variety.length] ?? variety[0];
  return createRunRequest({ ...of, ...asked[of.pipeline], kind: kind ?? of.kind, source });
};

/** Longest pause, seeded, between the moment both workers are up and the next kill. */
const pauseMs = 5_000;
/** For what must come, on a machine that does other things as well. */
const patienceMs = 300_000;

/**
 * Runs on two worker processes that are killed at random moments, seeded, and started again.
 * @param runCount how many runs at least: more are begun while kills are left
 * @param side how many of them at a time
 */
export async function runUnderWorkerKills(
  service: TestService,
  { runCount, killCount, side, seed }: { runCount: number; killCount: number; side: number; seed: number },
): Promise<WorkerKillReport> {
  const workers = new Set<WorkerProcess>();
  const startWorker = async () => void workers.add(await service.startWorker({ cpuSlots: 1 }));
  await Promise.all([startWorker(), startWorker()]);
  const undisturbed = Array.from({ length: Math.min(variety.length, runCount) }, (_, i) =>
    requestOf(i, 'train'),
  );
  await Promise.all(undisturbed.map(async (request) => (await startRun(service, request)).result()));

  const startedMs = performance.now();
  const report: WorkerKillReport = {
    runs: 0,
    kills: 0,
    secondsToHandOn: [],
    secondsToGoOn: [],
    attempts: 0,
    seconds: 0,
    faults: [],
  };
  const requests: RunRequest[] = [];
  const open = new Set<RunRequest>();

  const lane = async (): Promise<void> => {
    while (requests.length < runCount || report.kills < killCount) {
      // Runs begun because kills are left repeat the first ones, whose undisturbed models are known.
      const request = requestOf(requests.length % undisturbed.length);
      requests.push(request);
      open.add(request);
      const fault = await faultOf(await startRun(service, request));
      if (fault !== null) report.faults.push(`run ${request.runId}: ${fault}`);
      open.delete(request);
      report.runs += 1;
    }
  };
  const kill = async (): Promise<void> => {
    const random = createRandom(seed);
    const watches: Promise<void>[] = [];
    for (; report.kills < killCount; report.kills += 1) {
      // Spread over the runs, as fast as these go.
      await until(async () => report.runs + side >= (report.kills * runCount) / killCount, patienceMs);
      await delay(random.uniform() * pauseMs);
      const victim = [...workers][random.below(workers.size)];
      if (victim === undefined) throw new Error('both workers are up when one is killed');
      const pending = await pendingOf(service, open);
      const killedMs = performance.now();
      workers.delete(victim);
      await victim.kill();
      for (const attempt of pending.filter(({ pid, isStarted }) => pid === victim.pid && isStarted))
        watches.push(watch(service, attempt, killedMs, report));
      await startWorker();
    }
    await Promise.all(watches);
  };
  await Promise.all([kill(), ...Array.from({ length: side }, lane)]);
  report.seconds = (performance.now() - startedMs) / 1000;
  report.faults.push(...(await findFaults(service, { requests, undisturbed, report })));
  return report;
}

async function faultOf(handle: Awaited<ReturnType<typeof startRun>>): Promise<string | null> {
  try {
    const { status } = await handle.result();
    return status === 'succeeded' ? null : `is ${status}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function pendingOf(service: TestService, open: ReadonlySet<RunRequest>): Promise<Attempt[]> {
  const workflowIds = new Set(
    [...open].flatMap(({ runId, pipeline }) => [
      runWorkflowId(runId),
      trainWorkflowId(runId),
      deployWorkflowId(pipeline),
    ]),
  );
  const found = await Promise.all(
    // A workflow that has not begun, or has ended, waits for nothing.
    [...workflowIds].map((id) => pendingAttempts(service, id).catch((): Attempt[] => [])),
  );
  return found.flat();
}

async function watch(
  service: TestService,
  killed: Attempt,
  killedMs: number,
  report: WorkerKillReport,
): Promise<void> {
  let handedOn = false;
  await until(async () => {
    const now = (await pendingAttempts(service, killed.workflowId)).find(({ id }) => id === killed.id);
    const seconds = (performance.now() - killedMs) / 1000;
    const isNext = now === undefined || now.attempt > killed.attempt;
    if (isNext && !handedOn) {
      handedOn = true;
      report.secondsToHandOn.push(seconds);
    }
    if (!isNext || (now !== undefined && !now.isStarted)) return false;
    report.secondsToGoOn.push(seconds);
    return true;
  }, patienceMs);
}

async function findFaults(
  service: TestService,
  of: { requests: readonly RunRequest[]; undisturbed: readonly RunRequest[]; report: WorkerKillReport },
): Promise<string[]> {
  const { db } = service.database;
  const faults: string[] = [];
  const expectSame = (what: string, found: unknown, wanted: unknown): void => {
    const [left, right] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (left !== right) faults.push(`${what}: ${left} where ${right} was due`);
  };
  const hashesOf = async (runId: RunId) => ({
    candidates: (
      await db
        .select()
        .from(runCandidates)
        .where(eq(runCandidates.runId, runId))
        .orderBy(asc(runCandidates.candidate))
    ).map(({ candidate, artifactSha256 }) => [candidate, artifactSha256]),
    versions: (await db.select().from(modelVersions).where(eq(modelVersions.runId, runId))).map(
      ({ candidate, artifactSha256 }) => [candidate, artifactSha256],
    ),
  });
  const all = [...of.undisturbed, ...of.requests];
  expectSame(
    'runs',
    (await db.select().from(runs)).map(({ id, status }) => `${id} ${status}`).sort(),
    all.map(({ runId }) => `${runId} succeeded`).sort(),
  );
  for (const [i, request] of of.requests.entries()) {
    const { runId, pipeline, candidates } = request;
    const reference = of.undisturbed[i % of.undisturbed.length];
    if (reference !== undefined)
      expectSame(`models of ${pipeline} ${runId}`, await hashesOf(runId), await hashesOf(reference.runId));
    const steps = await db.select().from(runSteps).where(eq(runSteps.runId, runId));
    expectSame(
      `steps of ${runId}`,
      steps.map(({ step, status }) => `${step} ${status}`).sort(),
      stepsOf(request).map((step) => `${step} succeeded`),
    );
    const ledger = await db.select().from(deployments).where(eq(deployments.runId, runId));
    expectSame(`deployments of ${runId}`, ledger.length, request.kind === 'deploy' ? 1 : 0);
    const fits = await activitiesOf(service, trainWorkflowId(runId), 'trainCandidate');
    expectSame(`fits of ${runId}`, fits.map(({ input }) => input.candidate).sort(), candidates.toSorted());
    of.report.attempts += steps.reduce((sum, { attempt }) => sum + attempt - 1, 0);
  }
  for (const pipeline of new Set(all.map((request) => request.pipeline))) {
    const versions = await db
      .select({ version: modelVersions.version })
      .from(modelVersions)
      .where(eq(modelVersions.pipeline, pipeline))
      .orderBy(asc(modelVersions.version));
    const runsOf = all.filter((request) => request.pipeline === pipeline);
    expectSame(
      `versions of ${pipeline}`,
      versions.map(({ version }) => version),
      runsOf.map((_, i) => i + 1),
    );
  }
  return faults;
}

const stepsOf = ({ kind, candidates }: RunRequest): string[] =>
  [
    'loadData',
    'validateData',
    'buildRows',
    ...candidates.map((candidate) => `trainCandidate:${candidate}`),
    'evaluateCandidate',
    'registerModel',
    'explainModel',
    ...(kind === 'train' ? [] : ['evaluateGate', 'preloadModel', 'promoteModel']),
  ].sort();
