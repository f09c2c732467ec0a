import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compiledFile } from '../../config/paths.ts';
import { childEnvironment } from '../../config/process-environment.ts';
import { freePort } from '../../local/ports.ts';
import { isAlive, waitUntil } from '../../local/processes.ts';
import { testTemporal } from '../environment/test-temporal.ts';

export interface Command {
  pid: number;
  output(): string;
  /** Waits for a text in the output; a command that ends before fails with what it said. */
  says(text: string): Promise<void>;
  ended(): Promise<number | null>;
}

/** A folder that PostgreSQL's own user can pass through where the tests run as root. */
export function createTestFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'perennial-local-'));
  chmodSync(path, 0o711);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Ports nothing else uses, as variables. */
export async function freePortVariables() {
  const port = async () => String(await freePort());
  return {
    PORT: await port(),
    POSTGRES_PORT: await port(),
    TEMPORAL_PORT: await port(),
    TEMPORAL_UI_PORT: await port(),
  };
}

/** What `npm start` runs once the build is done. */
export function startCommand(variables: Record<string, string>): Command {
  const child = spawn(process.execPath, [compiledFile('local/main.js')], {
    env: childEnvironment({ PERENNIAL_DEMO: 'off', ...variables }, ['DATABASE_URL', 'TEMPORAL_ADDRESS']),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the command could not be started');
  let output = '';
  const collect = (text: Buffer) => {
    output += text.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    pid,
    output: () => output,
    says: (text) =>
      waitUntil(
        () => {
          if (output.includes(text)) return true;
          if (!isAlive(pid)) throw new Error(`the command ended without ${JSON.stringify(text)}:\n${output}`);
          return undefined;
        },
        { withinMs: 60_000, what: `${JSON.stringify(text)} in the output` },
      ).then(() => undefined),
    ended: () => closed,
  };
}

export type OwnCommand = {
  command: Command;
  home: string;
  variables: Awaited<ReturnType<typeof freePortVariables>>;
};

/** The whole service as `npm start` brings it up, in a folder of its own, for as long as the work takes. */
export async function withOwnCommand<Result>(
  work: (own: OwnCommand) => Promise<Result>,
  { settings }: { settings?: string } = {},
): Promise<Result> {
  const folder = createTestFolder();
  const home = join(folder.path, 'home');
  const settingsFile = join(folder.path, 'perennial.yaml');
  if (settings !== undefined) writeFileSync(settingsFile, settings);
  const variables = {
    ...(settings === undefined ? {} : { PERENNIAL_SETTINGS: settingsFile }),
    ...(await freePortVariables()),
    PERENNIAL_HOME: home,
    TEMPORAL_CLI_PATH: testTemporal().binaryPath,
  };
  const command = startCommand(variables);
  try {
    await command.says('Ready in');
    return await work({ command, home, variables });
  } finally {
    process.kill(command.pid, 'SIGINT');
    await command.ended();
    folder.remove();
  }
}
