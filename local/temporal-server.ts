import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { childEnvironment } from '../config/process-environment.ts';
import { searchAttributes } from '../contracts/search-attributes.ts';
import { lastLines, rotateLog } from './log-files.ts';
import { endProcess, readProcessFile, waitUntil, writeProcessFile } from './processes.ts';
import type { TemporalBinary } from './temporal-binary.ts';

/** Thrown when the database file was written by another server version. */
export class ForeignTemporalDatabaseError extends Error {
  override readonly name = 'ForeignTemporalDatabaseError';
}

export interface TemporalServer {
  address: string;
  pid: number;
  /** Resolves when the process has ended, whoever ended it. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** The dev server's default of one day would forget a run before anyone has looked at it. */
const retentionDays = 30;
const attributeTypes = { KEYWORD: 'Keyword', INT: 'Int' } as const;

/**
 * The database file in `home` for this server version. Its schema belongs to the version, and a server
 * opens a file of another one without a word, so the version is part of the name.
 */
export function temporalDatabaseFile({
  home,
  serverVersion,
}: {
  home: string;
  serverVersion: string;
}): string {
  const file = join(home, `temporal-${serverVersion}.db`);
  if (existsSync(file)) return file;
  const foreign = readdirSync(home).filter((name) => /^temporal-.+\.db$/.test(name));
  const [first] = foreign;
  if (first === undefined) return file;
  const theirs = first.replace(/^temporal-|\.db$/g, '');
  throw new ForeignTemporalDatabaseError(
    `${join(home, first)} was written by Temporal server ${theirs}, and the CLI found brings ${serverVersion}: ` +
      `name a CLI with server ${theirs} by TEMPORAL_CLI_PATH, or move ${foreign.join(', ')} away to start without its history.`,
  );
}

/** Ends a dev server that a killed start left behind: it holds the database file. */
export async function endOrphanTemporal(pidFile: string, say: (line: string) => void): Promise<void> {
  const orphan = readProcessFile(pidFile);
  if (orphan === undefined) return;
  say(`Temporal was still running (pid ${orphan.pid}): ended, and started again on its data.`);
  await endProcess({ pid: orphan.pid, graceMs: 15_000 });
  rmSync(pidFile, { force: true });
}

export async function startTemporal({
  binary,
  databaseFile,
  namespace,
  port,
  uiPort,
  logFile,
  pidFile,
}: {
  binary: TemporalBinary;
  /** Absent: in memory, for tests. */
  databaseFile: string | undefined;
  namespace: string;
  port: number;
  /** Absent: no web UI. */
  uiPort: number | undefined;
  logFile: string;
  pidFile: string;
}): Promise<TemporalServer> {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace];
  args.push(
    '--log-level',
    'warn',
    ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
  );
  if (databaseFile !== undefined) args.push('--db-filename', databaseFile);
  for (const { name, type } of Object.values(searchAttributes)) {
    args.push('--search-attribute', `${name}=${attributeTypes[type]}`);
  }
  rotateLog(logFile);
  const log = openSync(logFile, 'a');
  const child = spawn(binary.path, args, {
    // A group of its own: Ctrl-C reaches the whole group of the terminal, and Temporal ends last but one.
    detached: true,
    stdio: ['ignore', log, log],
    // Its CLI would read these as options of its own.
    env: childEnvironment({}, ['TEMPORAL_']),
    windowsHide: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${basename(binary.path)} could not be started: ${binary.path}`);
  writeProcessFile(pidFile, pid);
  const stop = async () => {
    await endProcess({ pid, graceMs: 15_000 });
    await ended;
    rmSync(pidFile, { force: true });
  };
  const address = `127.0.0.1:${port}`;
  try {
    await waitUntil(
      () => {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`Temporal ended at its start:\n${lastLines(logFile)}`);
        }
        return prepareNamespace({ address, namespace });
      },
      { withinMs: 60_000, what: `Temporal at ${address} (log: ${logFile})` },
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, pid, ended, stop };
}

/** True once the server answers and keeps closed runs long enough; undefined while it does not answer. */
async function prepareNamespace({
  address,
  namespace,
}: {
  address: string;
  namespace: string;
}): Promise<true | undefined> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: '1s' });
    await connection.withDeadline(Date.now() + 5000, async () => {
      await connection?.workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: msToTs(`${retentionDays} days`) },
      });
    });
    return true;
  } catch {
    return undefined;
  } finally {
    await connection?.close();
  }
}
