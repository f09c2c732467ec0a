import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { z } from 'zod';
import { runStartedSchema } from '../../contracts/http/runs.ts';
import { isAlive, readProcessFile, waitUntil } from '../../local/processes.ts';
import { createRandom } from '../../ml/random.ts';
import { testTemporal } from '../environment/test-temporal.ts';
import { type Command, createTestFolder, freePortVariables, startCommand } from './command.ts';

export type ServerKillReport = {
  kills: number;
  /** Runs that were answered with 202; requests that were not. */
  acknowledged: number;
  refused: number;
  /** From each kill until the server's next process is there. */
  secondsToRestart: number[];
  /** Of API and worker, how many ended meanwhile and were started again rather than reconnecting. */
  restartedParts: number;
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
  const folder = createTestFolder();
  const home = join(folder.path, 'home');
  const variables = {
    ...(await freePortVariables()),
    PERENNIAL_HOME: home,
    TEMPORAL_CLI_PATH: testTemporal().binaryPath,
  };
  const command = startCommand(variables);
  try {
    await command.says('Ready in');
    return await killServers({ command, home, variables, killCount, random: createRandom(seed) });
  } finally {
    process.kill(command.pid, 'SIGINT');
    await command.ended();
    folder.remove();
  }
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
  const partPids = () => ['api', 'worker'].map((name) => readProcessFile(join(home, `${name}.pid`))?.pid);
  const partsBefore = partPids();
  const report: ServerKillReport = {
    kills: 0,
    acknowledged: 0,
    refused: 0,
    secondsToRestart: [],
    restartedParts: 0,
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
  }
  killing.abort();
  await asking;
  await waitUntil(
    async () => ((await countOf(url, 'running')) + (await countOf(url, 'queued')) === 0 ? true : undefined),
    { withinMs: 600_000, what: `every run to end\n${command.output()}`, everyMs: 500 },
  );
  report.seconds = (performance.now() - startedMs) / 1000;
  report.acknowledged = acknowledged.length;
  const partsAfter = partPids();
  report.restartedParts = partsAfter.filter((pid, i) => pid !== partsBefore[i]).length;
  report.faults = await findFaults({ home, port: variables.POSTGRES_PORT, acknowledged });
  return report;
}

const listSchema = z.object({ items: z.array(z.object({ runId: z.string() })) });

/** Runs of the status; a service that cannot answer now has at least one that has not ended. */
async function countOf(url: string, status: string): Promise<number> {
  try {
    const answer = await fetch(`${url}/runs?status=${status}&limit=100`);
    return answer.ok ? listSchema.parse(await answer.json()).items.length : 1;
  } catch {
    return 1;
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
    try {
      const answer = await fetch(`${url}/pipelines/olist-score/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'train', source: 'demo:olist?rows=1500&seed=7', seed: seed++ }),
      });
      if (answer.status === 202) acknowledged.push(runStartedSchema.parse(await answer.json()).runId);
      else report.refused += 1;
    } catch {
      report.refused += 1;
    }
  }
}

async function findFaults({
  home,
  port,
  acknowledged,
}: {
  home: string;
  port: string;
  acknowledged: readonly string[];
}): Promise<string[]> {
  const password = readFileSync(join(home, 'postgres', 'password'), 'utf8');
  const sql = postgres(`postgres://perennial:${password}@127.0.0.1:${port}/perennial`, { max: 1 });
  try {
    const ended = await sql<{ id: string; status: string; versions: number }[]>`
      select id, status, (select count(*)::int from model_versions v where v.run_id = r.id) as versions from runs r`;
    const byId = new Map(ended.map((run) => [run.id, run]));
    return acknowledged.flatMap((id) => {
      const run = byId.get(id);
      if (run === undefined) return [`run ${id} is lost`];
      const { status, versions } = run;
      return status === 'succeeded' && versions === 1
        ? []
        : [`run ${id} is ${status} with ${versions} versions`];
    });
  } finally {
    await sql.end();
  }
}
