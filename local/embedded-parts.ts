import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/config.ts';
import { type KeptServer, keepRunning, type Server } from './keep-running.ts';
import { choosePort } from './ports.ts';
import { startPostgres } from './postgres-server.ts';
import { isAlive } from './processes.ts';
import type { RuntimeState } from './runtime-state.ts';
import type { Screen } from './screen.ts';
import { ensureTemporalBinary } from './temporal-binary.ts';
import { endOrphanTemporal, startTemporal, temporalDatabaseFile } from './temporal-server.ts';

export interface PartContext {
  config: Config;
  state: RuntimeState;
  screen: Screen;
  /** Ports given away in this start, to parts that may not listen yet. */
  promised: Set<number>;
}

type PortKey = keyof RuntimeState['ports'];
const portParts = {
  api: { part: 'the API', variable: 'PORT' },
  temporal: { part: 'Temporal', variable: 'TEMPORAL_PORT' },
  temporalUi: { part: "Temporal's web UI", variable: 'TEMPORAL_UI_PORT' },
  postgres: { part: 'PostgreSQL', variable: 'POSTGRES_PORT' },
} as const satisfies Record<PortKey, { part: string; variable: string }>;

/** The port of the last start while it is free, unless a variable asks for another. */
export async function takePort(context: PartContext, key: PortKey, configured: number): Promise<number> {
  const { part, variable } = portParts[key];
  const fixed = context.config.portsSet.has(variable);
  const remembered = context.state.ports[key];
  const port = await choosePort(
    {
      part,
      variable,
      candidates: remembered === undefined ? [configured] : [remembered, configured],
      fixed,
      promised: context.promised,
      ...(key === 'api' ? { host: context.config.host } : {}),
    },
    context.screen.say,
  );
  context.promised.add(port);
  context.state.ports[key] = port;
  return port;
}

const livenessEveryMs = 250;

export async function startEmbeddedPostgres(
  context: PartContext,
): Promise<KeptServer<Server & { url: string; logFile: string }>> {
  const { config, screen } = context;
  let port: number | undefined;
  return keepRunning({
    name: 'PostgreSQL',
    say: screen.say,
    start: async () => {
      const server = await startPostgres({
        folder: join(config.home, 'postgres'),
        choosePort: async () => (port ??= await takePort(context, 'postgres', config.postgresPort)),
        requiredPort: config.portsSet.has('POSTGRES_PORT') ? config.postgresPort : undefined,
        say: screen.say,
      });
      port = server.port;
      context.promised.add(port);
      context.state.ports.postgres = port;
      const { url, logFile } = server;
      return { url, logFile, ended: processEnd(server.pid), stop: () => server.stop('fast') };
    },
  });
}

/** PostgreSQL puts itself in the background, so its end is not this process's to hear of. */
async function processEnd(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(livenessEveryMs);
}

export async function startEmbeddedTemporal(
  context: PartContext,
): Promise<KeptServer<Server & { address: string }> & { uiUrl: string }> {
  const { config, screen } = context;
  const binary = await ensureTemporalBinary({ cliPath: config.temporal.cliPath, screen });
  const databaseFile = temporalDatabaseFile({ home: config.home, serverVersion: binary.serverVersion });
  const pidFile = join(config.home, 'temporal.pid');
  await endOrphanTemporal(pidFile, screen.say);
  const port = await takePort(context, 'temporal', config.temporal.port);
  const uiPort = await takePort(context, 'temporalUi', config.temporal.uiPort);
  const kept = await keepRunning({
    name: 'Temporal',
    say: screen.say,
    start: () =>
      startTemporal({
        binary,
        databaseFile,
        namespace: config.temporal.namespace,
        port,
        uiPort,
        logFile: join(logFolder(config.home), 'temporal.log'),
        pidFile,
      }),
  });
  return { ...kept, uiUrl: `http://127.0.0.1:${uiPort}` };
}

export function logFolder(home: string): string {
  const folder = join(home, 'logs');
  mkdirSync(folder, { recursive: true });
  return folder;
}
