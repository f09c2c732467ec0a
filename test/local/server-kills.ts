import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { z } from 'zod';
import { runStartedSchema } from '../../contracts/http/runs.ts';
import { isAlive, readProcessFile, waitUntil } from '../../local/processes.ts';
import { createRandom } from '../../ml/random.ts';
import { type Command, withOwnCommand } from './command.ts';

export type ServerKillReport = {
  kills: number;
  /** Runs that were answered with 202, how many of them succeeded, and how many the database does not know. */
  acknowledged: number;
  succeeded: number;
  lost: number;
  /** Requests for a run that were not answered with 202. */
  refused: number;
  /** From each kill until the server's next process is there. */
  secondsToRestart: number[];
  /** From each kill until a run asked for since is under way: API, worker and both servers work together again. */
  secondsToRecover: number[];
  /** What the supervisor says where API or worker ended instead of reconnecting. */
  restartedParts: string[];
  seconds: number;
  faults: string[];
};

const servers = ['postgres', 'temporal'] as const;
const runsAtATime = 2;
/** Runs under way when a server dies, at a moment of this span. */
const killSpanMs = 6_000;

/**
 * The whole service as `npm start` brings it up, its two servers killed by turns while runs are asked for and worked on.
 * @param killCount of both servers together
 */
export async function runUnderServerKills({
  killCount,
  seed,
}: {
  killCount: number;
  seed: number;
}): Promise<ServerKillReport> {
  return withOwnCommand((own) => killServers({ ...own, killCount, random: createRandom(seed) }));
}

async function killServers({
  command,
  home,
  variables,
  killCount,
  random,
}: {
  command: Command;
  home: string;
  variables: { PORT: string; POSTGRES_PORT: string };
  killCount: number;
  random: ReturnType<typeof createRandom>;
}): Promise<ServerKillReport> {
  const startedMs = performance.now();
  const pidOf = (server: (typeof servers)[number]): number =>
    server === 'temporal'
      ? (readProcessFile(join(home, 'temporal.pid'))?.pid ?? Number.NaN)
      : Number(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const report: ServerKillReport = {
    kills: 0,
    acknowledged: 0,
    succeeded: 0,
    lost: 0,
    refused: 0,
    secondsToRestart: [],
    secondsToRecover: [],
    restartedParts: [],
    seconds: 0,
    faults: [],
  };
  const acknowledged: string[] = [];
  const killing = new AbortController();
  const url = `http://127.0.0.1:${variables.PORT}/api/v1`;
  const asking = keepAsking({ url, acknowledged, report, signal: killing.signal });

  await waitUntil(async () => ((await countOf(url, 'running')) > 0 ? true : undefined), {
    withinMs: 120_000,
    what: `a run under way\n${command.output()}`,
  });
  for (let i = 0; i < killCount; i++) {
    await delay(random.uniform() * killSpanMs);
    const server = servers[i % servers.length] ?? 'postgres';
    const before = pidOf(server);
    const killedMs = performance.now();
    process.kill(before, 'SIGKILL');
    report.kills += 1;
    await waitUntil(
      () => {
        try {
          const now = pidOf(server);
          return Number.isInteger(now) && now !== before && isAlive(now) ? now : undefined;
        } catch {
          // The server's own file of its process id is being replaced.
          return undefined;
        }
      },
      { withinMs: 60_000, what: `${server} to be started again\n${command.output()}` },
    );
    report.secondsToRestart.push((performance.now() - killedMs) / 1000);
    const asked = await waitUntil(() => ask(url, 1_000 + i), {
      withinMs: 60_000,
      what: `a run to be taken\n${command.output()}`,
    });
    acknowledged.push(asked);
    await waitUntil(() => isBegun(url, asked), {
      withinMs: 60_000,
      what: `a run to be begun\n${command.output()}`,
    });
    report.secondsToRecover.push((performance.now() - killedMs) / 1000);
  }
  killing.abort();
  await asking;
  await waitUntil(
    async () => ((await countOf(url, 'running')) + (await countOf(url, 'queued')) === 0 ? true : undefined),
    { withinMs: 600_000, what: `every run to end\n${command.output()}`, everyMs: 500 },
  );
  report.seconds = (performance.now() - startedMs) / 1000;
  report.acknowledged = acknowledged.length;
  report.restartedParts = command
    .output()
    .split('\n')
    .filter((line) => /^The (api|worker) ended/.test(line));
  const ends = await readEnds({ home, port: variables.POSTGRES_PORT });
  for (const id of acknowledged) {
    const end = ends.get(id);
    if (end === undefined) report.lost += 1;
    else if (end.status === 'succeeded') report.succeeded += 1;
    if (end?.status !== 'succeeded' || end.versions !== 1)
      report.faults.push(
        `run ${id} is ${end === undefined ? 'lost' : `${end.status} with ${end.versions} versions`}`,
      );
  }
  return report;
}

/** A request that gets no answer at all counts as refused. */
const answered = () => ({ signal: AbortSignal.timeout(15_000) });

const listSchema = z.object({ items: z.array(z.object({ runId: z.string() })) });

/** Runs of the status; a service that cannot answer now has at least one that has not ended. */
async function countOf(url: string, status: string): Promise<number> {
  try {
    const answer = await fetch(`${url}/runs?status=${status}&limit=100`, answered());
    return answer.ok ? listSchema.parse(await answer.json()).items.length : 1;
  } catch {
    return 1;
  }
}

/** The id of the run, or undefined where the service does not take it. */
async function ask(url: string, seed: number): Promise<string | undefined> {
  try {
    const answer = await fetch(`${url}/pipelines/olist-score/runs`, {
      ...answered(),
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'train', source: 'demo:olist?rows=800&seed=7', seed }),
    });
    return answer.status === 202 ? runStartedSchema.parse(await answer.json()).runId : undefined;
  } catch {
    return undefined;
  }
}

const runSchema = z.object({ status: z.string() });

/** True once a worker has taken the run up. */
async function isBegun(url: string, runId: string): Promise<true | undefined> {
  try {
    const answer = await fetch(`${url}/runs/${runId}`, answered());
    return answer.ok && runSchema.parse(await answer.json()).status !== 'queued' ? true : undefined;
  } catch {
    return undefined;
  }
}

async function keepAsking({
  url,
  acknowledged,
  report,
  signal,
}: {
  url: string;
  acknowledged: string[];
  report: ServerKillReport;
  signal: AbortSignal;
}): Promise<void> {
  for (let seed = 1; !signal.aborted; await delay(250)) {
    if ((await countOf(url, 'running')) + (await countOf(url, 'queued')) >= runsAtATime) continue;
    const runId = await ask(url, seed++);
    if (runId === undefined) report.refused += 1;
    else acknowledged.push(runId);
  }
}

type RunEnd = { id: string; status: string; versions: number };

async function readEnds({
  home,
  port,
}: {
  home: string;
  port: string;
}): Promise<ReadonlyMap<string, RunEnd>> {
  const password = readFileSync(join(home, 'postgres', 'password'), 'utf8');
  const sql = postgres(`postgres://perennial:${password}@127.0.0.1:${port}/perennial`, { max: 1 });
  try {
    const ends = await sql<RunEnd[]>`
      select id, status, (select count(*)::int from model_versions v where v.run_id = r.id) as versions from runs r`;
    return new Map(ends.map((end) => [end.id, end]));
  } finally {
    await sql.end();
  }
}
