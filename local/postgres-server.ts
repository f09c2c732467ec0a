import postgres from 'postgres';
import { lastLines, rotateLog } from './log-files.ts';
import { runAs } from './postgres-account.ts';
import { type Cluster, ensureCluster, logFileOf, superuser, writeSettings } from './postgres-cluster.ts';
import { disownLock, type Running, readPidFile } from './postgres-lock.ts';
import { commandLine, isAlive, waitUntil } from './processes.ts';

export interface PostgresServer {
  /** Of the database `perennial`, with the password. */
  url: string;
  port: number;
  pid: number;
  folder: string;
  logFile: string;
  takenOver: boolean;
  /** Resolves once the server's process is gone, whoever ended it. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
}

export interface PostgresOptions {
  /** Holds data, password and log. */
  folder: string;
  /** Asked for a port only when the server is not running already. */
  choosePort(): Promise<number>;
  /** A running server on another port is restarted there. */
  requiredPort?: number | undefined;
  /** Off for tests only: an acknowledged commit may be lost with the machine. */
  durable?: boolean;
  say(line: string): void;
}

const database = 'perennial';

/** Starts the embedded PostgreSQL, or takes over the one that still runs on the same data. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { choosePort, durable = true, say } = options;
  const cluster = await ensureCluster({ folder: options.folder, durable, say });
  const running = await findRunning(cluster, options.requiredPort, say);
  const { pid, port } = running ?? (await start(cluster, { choosePort, durable }));
  const url = await ensureDatabase({ port, password: cluster.password });
  return {
    url,
    port,
    pid,
    folder: cluster.folder,
    logFile: logFileOf(cluster),
    takenOver: running !== undefined,
    stop: (mode) => stop(cluster, mode),
  };
}

async function findRunning(
  cluster: Cluster,
  requiredPort: number | undefined,
  say: (line: string) => void,
): Promise<Running | undefined> {
  const found = readPidFile(cluster.data);
  if (found === undefined) return undefined;
  if (!isAlive(found.pid)) {
    disownLock(cluster.data);
    return undefined;
  }
  if (!(commandLine(found.pid) ?? 'postgres').includes('postgres')) {
    disownLock(cluster.data);
    say(`Removed a stale lock of PostgreSQL: process ${found.pid} is another program now.`);
    return undefined;
  }
  const settled = await waitUntil(
    () => {
      if (!isAlive(found.pid)) return 'ended';
      const { status } = readPidFile(cluster.data) ?? { status: '' };
      return status === 'ready' ? 'ready' : undefined;
    },
    { withinMs: 60_000, what: `PostgreSQL (pid ${found.pid}) to be ready or to end` },
  );
  if (settled === 'ended') {
    disownLock(cluster.data);
    return undefined;
  }
  const port = readPidFile(cluster.data)?.port ?? found.port;
  if (requiredPort !== undefined && requiredPort !== port) {
    await stop(cluster, 'fast');
    return undefined;
  }
  say(`PostgreSQL was still running (pid ${found.pid}): taken over.`);
  return { pid: found.pid, port };
}

async function start(
  cluster: Cluster,
  { choosePort, durable }: { choosePort(): Promise<number>; durable: boolean },
): Promise<Running> {
  const port = await choosePort();
  writeSettings({ cluster, port, durable });
  const log = logFileOf(cluster);
  rotateLog(log);
  const { code, output } = await runAs(cluster.account, {
    program: cluster.programs.pgCtl,
    args: ['start', '-w', '-t', '120', '-D', cluster.data, '-l', log],
    folder: cluster.folder,
  });
  const running = readPidFile(cluster.data);
  if (code !== 0 || running === undefined) {
    throw new Error(`PostgreSQL did not start: ${output}\n${lastLines(log)}`);
  }
  return { pid: running.pid, port };
}

async function stop(cluster: Cluster, mode: 'fast' | 'immediate'): Promise<void> {
  const running = readPidFile(cluster.data);
  if (running === undefined || !isAlive(running.pid)) return;
  const { code, output } = await runAs(cluster.account, {
    program: cluster.programs.pgCtl,
    args: ['stop', '-w', '-t', '60', '-m', mode, '-D', cluster.data],
    folder: cluster.folder,
  });
  if (code !== 0 && isAlive(running.pid)) throw new Error(`PostgreSQL did not stop: ${output}`);
}

async function ensureDatabase({ port, password }: { port: number; password: string }): Promise<string> {
  const address = `postgres://${superuser}:${password}@127.0.0.1:${port}`;
  const sql = postgres(`${address}/postgres`, { max: 1, connect_timeout: 30, onnotice: () => undefined });
  try {
    const found = await sql`select 1 from pg_database where datname = ${database}`;
    if (found.length === 0) await sql`create database ${sql(database)}`;
  } finally {
    await sql.end();
  }
  return `${address}/${database}`;
}
