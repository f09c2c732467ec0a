import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '../cli/client.ts';
import { projectRoot } from '../config/paths.ts';
import { childEnvironment } from '../config/process-environment.ts';
import { freePort } from '../local/ports.ts';
import { gaugeMemory, type MemoryGauge } from './service-memory.ts';

export type OwnService = {
  client: Client;
  /** Of its Temporal server. */
  temporalAddress: string;
  memory: MemoryGauge | null;
  stop(): Promise<void>;
};

/** Would lead it to servers, pipelines or settings of another. */
const notInherited = [
  'ARTIFACTS_URL',
  'DATABASE_URL',
  'HOST',
  'PERENNIAL_',
  'PIPELINES_DIR',
  'REDIS_URL',
  'TEMPORAL_ADDRESS',
];

const startTimeoutMs = 180_000;
const lookEveryMs = 500;

/** Starts all of Perennial on a home folder and free ports of its own, and waits until it is ready. */
export async function startOwnService(
  home: string,
  /** A settings file, where pipelines are not to be as they are declared. */
  settings?: string,
): Promise<OwnService> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const temporalPort = await freePort();
  const child = spawn(process.execPath, [join(projectRoot, 'start.mjs')], {
    cwd: projectRoot,
    env: childEnvironment(
      {
        PERENNIAL_HOME: home,
        PERENNIAL_DEMO: 'off',
        PORT: new URL(url).port,
        POSTGRES_PORT: String(await freePort()),
        TEMPORAL_PORT: String(temporalPort),
        TEMPORAL_UI_PORT: String(await freePort()),
        ...(settings === undefined ? {} : { PERENNIAL_SETTINGS: settings }),
      },
      notInherited,
    ),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the service could not be started');
  const memory = gaugeMemory({ pid, folder: home });
  const stop = async (): Promise<void> => {
    memory?.stop();
    if (child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGINT');
    await exit;
  };
  const endMs = performance.now() + startTimeoutMs;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode} at its start`);
    if (performance.now() > endMs) {
      await stop();
      throw new Error(`the service was not ready within ${startTimeoutMs / 1000} s`);
    }
    await delay(lookEveryMs);
  }
  const temporalAddress = `127.0.0.1:${temporalPort}`;
  return { client: createClient({ url, apiKey: undefined }), temporalAddress, memory, stop };
}
