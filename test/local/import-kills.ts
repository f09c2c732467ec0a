import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import postgres from 'postgres';
import { z } from 'zod';
import { compiledFile } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import { isAlive, waitUntil } from '../../local/processes.ts';
import { createRandom } from '../../ml/random.ts';
import { type Command, withOwnCommand } from './command.ts';

export type ImportKillReport = {
  /** Of PostgreSQL, the API and the worker, while an import was under way. */
  kills: number;
  rounds: {
    /** Reviews in the files, and as the database has them when the first import has ended. */
    sent: number;
    stored: number;
    distinct: number;
    /** Of batches: what scoring has yet to be told of follows from it. */
    inBatches: number;
    /** What importing the same once more added, and found there already. */
    acceptedAgain: number;
    duplicates: number;
    /** Of the stored, those that a model has scored or said of why it cannot; 0 where there is no model. */
    settled: number;
    kills: number;
    seconds: number;
  }[];
  /** What a run on the reviews of the first round found, where there is a model. */
  trained: { status: string; rowsIn: number } | null;
  faults: string[];
};

const parts = ['postgres', 'api', 'worker'] as const;
type Part = (typeof parts)[number];

/**
 * The whole service as `npm start` brings it up. Each round imports the files as another source, kills PostgreSQL, the
 * API and the worker by turns for as long as the import goes on, and imports them a second time.
 */
export async function importUnderKills(options: {
  files: readonly string[];
  /** Reviews in all files. */
  reviews: number;
  rounds: number;
  seed: number;
  /** Whether one is in production, so that the kills hit scoring too, and a version is made of the first round at last. */
  hasModel: boolean;
}): Promise<ImportKillReport> {
  return withOwnCommand((own) => killAmidImports({ ...options, ...own }), {
    // The version that the last run is compared with is to be the first.
    settings: 'pipelines: { review-insights: { retrain: { afterLabels: null } } }',
  });
}

async function killAmidImports({
  files,
  reviews,
  rounds,
  seed,
  hasModel,
  command,
  home,
  variables,
}: Parameters<typeof importUnderKills>[0] & {
  command: Command;
  home: string;
  variables: { PORT: string; POSTGRES_PORT: string };
}): Promise<ImportKillReport> {
  const random = createRandom(seed);
  const report: ImportKillReport = { kills: 0, rounds: [], trained: null, faults: [] };
  const port = variables.PORT;
  const pidOf = (part: Part): Promise<number | undefined> =>
    part === 'postgres' ? postmasterOf(home) : childOf(command.pid, `${part}/main.js`);
  /** The part's process dies and the supervisor starts another. */
  const kill = async (part: Part): Promise<void> => {
    const before = await waitUntil(() => pidOf(part), { withinMs: 60_000, what: `the process of ${part}` });
    process.kill(before, 'SIGKILL');
    await waitUntil(
      async () => {
        const now = await pidOf(part);
        return now !== undefined && now !== before && isAlive(now) ? now : undefined;
      },
      { withinMs: 60_000, what: `${part} to be started again\n${command.output()}` },
    );
  };

  if (hasModel)
    await runCli(port, [
      ...['run', 'review-insights', '--source', 'demo:reviews?rows=2000&seed=7', '--candidates', 'words'],
    ]);
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now();
    const source = `round-${round}.example`;
    let kills = 0;
    let isOver = false;
    const importing = importFiles({ files, source, port }).finally(() => {
      isOver = true;
    });
    // Its failure is seen where it is awaited.
    importing.catch(() => undefined);
    for (const part of parts) {
      await delay(random.uniform() * 600);
      if (isOver) break;
      await kill(part);
      kills += 1;
    }
    await importing;
    const stored = await readStored({ home, port: variables.POSTGRES_PORT, source });
    const again = await importFiles({ files, source, port });
    const settled = hasModel ? await settledOf({ home, port: variables.POSTGRES_PORT, source }) : 0;
    const seconds = (performance.now() - startedMs) / 1000;
    report.rounds.push({
      sent: reviews,
      ...stored,
      acceptedAgain: again.accepted,
      duplicates: again.duplicates,
      settled,
      kills,
      seconds,
    });
    report.kills += kills;
    const isWhole = stored.stored === reviews && stored.distinct === reviews && stored.inBatches === reviews;
    if (!isWhole || again.accepted !== 0 || again.duplicates !== reviews)
      report.faults.push(`round ${round}: ${JSON.stringify({ ...stored, again })}`);
    if (hasModel && settled !== reviews) report.faults.push(`round ${round}: ${settled} settled`);
  }
  if (hasModel) {
    const trained = ranSchema.parse(
      await runCli(port, ['run', 'review-insights', '--source', 'reviews:round-0.example']),
    );
    const [table] = trained.validation.tables;
    report.trained = { status: trained.status, rowsIn: table?.rowsIn ?? 0 };
    if (report.trained.status !== 'succeeded' || report.trained.rowsIn !== reviews)
      report.faults.push(`the run: ${JSON.stringify(report.trained)}`);
  }
  return report;
}

/** Waits until no review of the source waits to be scored. */
async function settledOf(of: { home: string; port: string; source: string }): Promise<number> {
  const counts = await waitUntil(
    async () => {
      const found = await readStored(of);
      return found.waiting === 0 ? found : undefined;
    },
    // A batch that the queue lost with its PostgreSQL is given again after five minutes at the latest.
    { withinMs: 400_000, what: `the last review of ${of.source} to be scored` },
  );
  return counts.stored - counts.waiting;
}

async function importFiles({
  files,
  source,
  port,
}: {
  files: readonly string[];
  source: string;
  port: string;
}): Promise<{ accepted: number; duplicates: number }> {
  const imported = importedSchema.parse(
    await runCli(port, ['reviews', 'import', ...files, '--source', source]),
  );
  const sum = (read: (file: { accepted: number; duplicates: number }) => number) =>
    imported.files.reduce((total, file) => total + read(file), 0);
  return { accepted: sum(({ accepted }) => accepted), duplicates: sum(({ duplicates }) => duplicates) };
}

const importedSchema = z.object({
  files: z.array(z.object({ accepted: z.int(), duplicates: z.int() })),
});
const ranSchema = z.object({
  status: z.string(),
  validation: z.object({ tables: z.array(z.object({ rowsIn: z.int() })) }),
});

/** @returns what the command printed as JSON. @throws what it said, where it ended otherwise than well */
async function runCli(port: string, words: readonly string[]): Promise<unknown> {
  const child = spawn(process.execPath, [compiledFile('cli/main.js'), '--json', ...words], {
    env: childEnvironment({ PERENNIAL_URL: `http://127.0.0.1:${port}` }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    output += text.toString();
  });
  child.stderr.on('data', (text: Buffer) => {
    errors += text.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`perennial ${words.join(' ')} ended with ${code}:\n${errors}`);
  return JSON.parse(output);
}

async function postmasterOf(home: string): Promise<number | undefined> {
  try {
    const pid = Number(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** The child whose command line has the text. */
async function childOf(parent: number, text: string): Promise<number | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
  for (const line of stdout.split('\n')) {
    const [pid, ppid, ...words] = line.trim().split(/\s+/);
    if (Number(ppid) === parent && words.join(' ').includes(text)) return Number(pid);
  }
  return undefined;
}

async function readStored({ home, port, source }: { home: string; port: string; source: string }) {
  const password = readFileSync(join(home, 'postgres', 'password'), 'utf8');
  const sql = postgres(`postgres://perennial:${password}@127.0.0.1:${port}/perennial`, { max: 1 });
  try {
    const [found] = await sql<{ stored: number; distinct: number; waiting: number; inBatches: number }[]>`
      select count(*)::int as stored, count(distinct external_id)::int as distinct,
        (count(*) filter (where status = 'received'))::int as waiting,
        (select coalesce(sum(count), 0)::int from review_batches where source = ${source}) as "inBatches"
      from reviews where source = ${source}`;
    return found ?? { stored: 0, distinct: 0, waiting: 0, inBatches: 0 };
  } finally {
    await sql.end();
  }
}
