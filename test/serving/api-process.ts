import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledFile } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import { freePort } from '../../local/ports.ts';
import { waitUntil } from '../../local/processes.ts';
import { declaredFolder } from './valuation.ts';

export type ApiProcess = {
  url: string;
  pid: number;
  /** Resolves with the exit code, or null where a signal ended it. */
  exited: Promise<number | null>;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** `kill -9`; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
};

/** The compiled API as a process of its own, as production runs it. Resolves once it listens. */
export async function startApi(options: {
  databaseUrl: string;
  /** Absent: no server is there. */
  temporal?: { address: string; namespace: string };
  environment?: Record<string, string>;
}): Promise<ApiProcess> {
  const { databaseUrl, temporal = { address: '127.0.0.1:1', namespace: 'default' } } = options;
  const home = mkdtempSync(join(tmpdir(), 'perennial-api-'));
  const env = childEnvironment(
    {
      HOST: '127.0.0.1',
      PORT: String(await freePort()),
      DATABASE_URL: databaseUrl,
      PERENNIAL_HOME: home,
      PIPELINES_DIR: declaredFolder,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      LOG_LEVEL: 'fatal',
      ...options.environment,
    },
    ['TEMPORAL_', 'ARTIFACTS_URL', 'PERENNIAL_API_KEYS', 'ALLOWED_HOSTS'],
  );
  const child = fork(compiledFile('api/main.js'), [], {
    env,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  void exited.then(() => rmSync(home, { recursive: true, force: true }));
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message: { port: number }) => resolve(message.port));
    child.once('exit', (code) => reject(new Error(`the API ended with ${code} before it was ready`)));
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    signal: (signal) => child.kill(signal),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}

type Readiness = { status: string; dependencies: Record<string, { state: string; detail: string | null }> };

export async function readReadiness({ url }: Pick<ApiProcess, 'url'>): Promise<Readiness> {
  const answer = await fetch(`${url}/readyz`);
  return (await answer.json()) as Readiness;
}

/** By its metrics: while no Temporal server is there, its readiness takes seconds to say so. */
export async function waitUntilServed(
  { url }: Pick<ApiProcess, 'url'>,
  pipeline: string,
  version: number,
): Promise<void> {
  const served = `model_production_version{pipeline="${pipeline}"} ${version}\n`;
  await waitUntil(async () => (await (await fetch(`${url}/metrics`)).text()).includes(served) || undefined, {
    withinMs: 20_000,
    what: `${url} to serve ${pipeline} version ${version}`,
  });
}
