import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { compiledFile } from '../config/paths.ts';
import { childEnvironment } from '../config/process-environment.ts';
import { serviceLockFile } from '../config/running-service.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { type Child, endOrphanChild, startChild } from './child.ts';
import { checkDeclaredFolders } from './declared-folders.ts';
import {
  logFolder,
  type PartContext,
  startEmbeddedPostgres,
  startEmbeddedTemporal,
  takePort,
} from './embedded-parts.ts';
import { runFirstStart } from './first-start.ts';
import { tryLock } from './lock.ts';
import { watchLogs } from './log-files.ts';
import { requireDatabase, requireTemporal } from './own-servers.ts';
import { readRuntimeState, writeRuntimeState } from './runtime-state.ts';
import type { Screen } from './screen.ts';
import { addressTable, browserUrl, withoutPassword } from './table.ts';

/** Thrown when another `npm start` serves the same home. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/** Longer than the worker's own grace for its activities. */
const workerGraceMs = 40_000;
const apiGraceMs = 20_000;

export interface Supervisor {
  /** Resolves when everything serves; rejects when it cannot. */
  start(): Promise<void>;
  /** Stops what has been started, in order: API, worker, Temporal, PostgreSQL. */
  stop(): Promise<void>;
  /** Kills API and worker at once; the databases are stopped all the same, for their files. */
  force(): void;
}

type Stop = { name: string; stop(): Promise<void> };

export function createSupervisor({ config, screen }: { config: Config; screen: Screen }): Supervisor {
  const stopping = new AbortController();
  const parts: { api?: Child; worker?: Child } = {};
  /** In the order of starting; stopped from the end. */
  const embedded: Stop[] = [];
  let release = () => {};
  let starting: Promise<unknown> = Promise.resolve();

  const whileStarting = <T>(work: Promise<T>): Promise<T> => {
    starting = Promise.allSettled([starting, work]);
    return work;
  };
  const goOn = () => {
    if (stopping.signal.aborted) throw new Error('stopped while starting');
  };

  async function start(): Promise<void> {
    await checkDeclaredFolders(config);
    const made = mkdirSync(config.home, { recursive: true, mode: 0o700 });
    // Root's PostgreSQL runs as another user, who must be able to pass through.
    if (made !== undefined && process.getuid?.() === 0) chmodSync(config.home, 0o711);
    const lock = tryLock(serviceLockFile(config.home));
    if (!lock.held) {
      const { pid, note } = lock.holder;
      const where = note === '' ? 'It is still starting.' : `Dashboard: ${note}/`;
      throw new AlreadyRunningError(`${config.home} is served already by process ${pid}. ${where}`);
    }
    release = lock.release;
    const state = readRuntimeState(config.home);
    const context: PartContext = { config, state, screen, promised: new Set() };
    const pidFile = (name: string) => join(config.home, `${name}.pid`);
    await Promise.all(
      ['api', 'worker'].map((name) => endOrphanChild({ name, pidFile: pidFile(name), say: screen.say })),
    );
    const scratch = emptyScratchFolder(config.home);
    const apiPort = await takePort(context, 'api', config.port);
    goOn();

    const [database, temporal] = await Promise.all([
      startDatabase(context),
      whileStarting(startTemporalPart(context)),
    ]);
    goOn();
    writeRuntimeState(config.home, state);

    const env = childEnvironment(
      {
        HOST: config.host,
        PORT: String(apiPort),
        PERENNIAL_HOME: config.home,
        // What the system calls its folder for temporary files, on Windows by the last two names.
        TMPDIR: scratch,
        TEMP: scratch,
        TMP: scratch,
        DATABASE_URL: database.url,
        ...(temporal.uiUrl === undefined ? {} : { TEMPORAL_UI_URL: temporal.uiUrl }),
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: config.temporal.namespace,
      },
      // An embedded server has neither TLS nor keys, whatever the variables say of another one.
      config.temporal.address === undefined ? ['TEMPORAL_'] : [],
    );
    const logOf = (name: string) => join(logFolder(config.home), `${name}.log`);
    watchLogs([...database.logs, ...['api', 'worker', 'temporal'].map(logOf)], screen.say);
    const child = (name: 'api' | 'worker', graceMs: number) =>
      startChild({
        name,
        script: compiledFile(`${name}/main.js`),
        env,
        logFile: logOf(name),
        pidFile: pidFile(name),
        graceMs,
        say: screen.say,
      });
    parts.worker = child('worker', workerGraceMs);
    parts.api = child('api', apiGraceMs);
    await Promise.all([parts.worker.ready, parts.api.ready]);
    goOn();

    const api = browserUrl({ host: config.host, port: apiPort });
    lock.annotate(api);
    screen.say(
      addressTable({
        api,
        temporalUi: temporal.uiUrl,
        temporal: temporal.address,
        database: withoutPassword(database.url),
        home: config.home,
      }),
    );
    screen.say(`Ready in ${process.uptime().toFixed(1)} s. Ctrl-C stops everything.`);
    if (config.demo) {
      void runFirstStart({
        api,
        apiKey: config.apiKeys[0],
        home: config.home,
        state,
        pipelinesFolder: compiledFile('pipelines'),
        screen,
        signal: stopping.signal,
      }).catch((error: unknown) => {
        if (!stopping.signal.aborted) screen.say(`The first runs could not be followed: ${messageOf(error)}`);
      });
    }
  }

  async function startDatabase(context: PartContext): Promise<{ url: string; logs: string[] }> {
    const { databaseUrl } = config;
    if (databaseUrl !== undefined) {
      await requireDatabase(databaseUrl);
      await whileStarting(migrateDatabase(databaseUrl));
      return { url: databaseUrl, logs: [] };
    }
    const { first, stop } = await whileStarting(startEmbeddedPostgres(context));
    // Stopped last: the others write to it until their end.
    embedded.unshift({ name: 'PostgreSQL', stop });
    await whileStarting(migrateDatabase(first.url));
    return { url: first.url, logs: [first.logFile] };
  }

  async function startTemporalPart(
    context: PartContext,
  ): Promise<{ address: string; uiUrl: string | undefined }> {
    if (config.temporal.address !== undefined) {
      await requireTemporal(config);
      return { address: config.temporal.address, uiUrl: config.temporal.variables.TEMPORAL_UI_URL };
    }
    const server = await startEmbeddedTemporal(context);
    embedded.push({ name: 'Temporal', stop: server.stop });
    return { address: server.first.address, uiUrl: server.uiUrl };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    const failures: string[] = [];
    const attempt = async (name: string, work: Promise<void> | undefined) => {
      try {
        await work;
      } catch (error) {
        failures.push(`${name}: ${messageOf(error)}`);
      }
    };
    await attempt('API', parts.api?.stop());
    await attempt('worker', parts.worker?.stop());
    await Promise.race([starting, provisioningGrace()]);
    for (const part of embedded.toReversed()) await attempt(part.name, part.stop());
    release();
    if (failures.length > 0) throw new Error(`not everything stopped: ${failures.join('; ')}`);
  }

  return {
    start,
    stop,
    force() {
      parts.api?.kill();
      parts.worker?.kill();
    },
  };
}

/** Temporary files of the parts, customers' data among them: gone at the next start where a kill has left some. */
function emptyScratchFolder(home: string): string {
  const folder = join(home, 'tmp');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** A download or build of Temporal is not waited for: it ends with this process. */
function provisioningGrace(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 10_000).unref();
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
