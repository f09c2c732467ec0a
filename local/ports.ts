import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { platform } from 'node:os';
import { commandLine } from './processes.ts';

/** Thrown when a port that was asked for by its variable is taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

export interface PortWish {
  /** What listens there, for the message. */
  part: string;
  variable: string;
  /** In order of preference: the one of the last start, then the configured one. */
  candidates: readonly number[];
  /** The variable was set: only that port will do. */
  fixed: boolean;
  host?: string;
  /** Ports promised to other parts that do not listen yet. */
  promised?: ReadonlySet<number>;
}

/** @throws PortTakenError naming the process that holds the port and the variable that changes it. */
export async function choosePort(wish: PortWish, say: (line: string) => void): Promise<number> {
  const host = wish.host ?? '127.0.0.1';
  const [configured] = wish.candidates.slice(-1);
  if (configured === undefined) throw new Error(`no port given for ${wish.part}`);
  for (const port of wish.fixed ? [configured] : wish.candidates) {
    if (wish.promised?.has(port) !== true && (await isPortFree({ host, port }))) return port;
  }
  const holder = portHolder(configured) ?? 'a process that could not be identified';
  if (wish.fixed) {
    throw new PortTakenError(
      `port ${configured} for ${wish.part} is held by ${holder}: end it, or choose another port by ${wish.variable}.`,
    );
  }
  const free = await freePort(host);
  say(
    `Port ${configured} is held by ${holder}; ${wish.part} listens on ${free} instead (${wish.variable} changes it).`,
  );
  return free;
}

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, 49152 elsewhere): one of those may be
 * taken by a connection between the choice and its use.
 */
const chosenPorts = { from: 15_000, to: 32_000 };
const triesForPort = 100;

/** A port that nothing listens on. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < triesForPort; tries++) {
    const port = randomInt(chosenPorts.from, chosenPorts.to);
    if (await isPortFree({ host, port })) return port;
  }
  throw new Error(
    `no free port on ${host}: ${triesForPort} between ${chosenPorts.from} and ${chosenPorts.to} are taken`,
  );
}

/** Listening is not proof enough: macOS lets a loopback socket bind beside a wildcard one. */
async function isPortFree({ host, port }: { host: string; port: number }): Promise<boolean> {
  const canListen = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
  return canListen && !(await answers(port));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(500, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/** The process that listens on a port, as far as this user may see it: `python3 -m http.server (pid 4711)`. */
export function portHolder(port: number): string | undefined {
  const pid = platform() === 'linux' ? linuxPortHolder(port) : lsofPortHolder(port);
  if (pid === undefined) return undefined;
  return `${(commandLine(pid) ?? 'a process').slice(0, 120)} (pid ${pid})`;
}

function linuxPortHolder(port: number): number | undefined {
  const inodes = new Set<string>();
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const fields = line.trim().split(/\s+/);
      // Fields: 1 local address, 3 state (0A = listening), 9 inode.
      if (fields[3] === '0A' && fields[1]?.endsWith(wanted) === true) inodes.add(`socket:[${fields[9]}]`);
    }
  }
  if (inodes.size === 0) return undefined;
  return listFolder('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) =>
      listFolder(`/proc/${pid}/fd`).some((descriptor) => {
        try {
          return inodes.has(readlinkSync(`/proc/${pid}/fd/${descriptor}`));
        } catch {
          return false;
        }
      }),
    );
}

function lsofPortHolder(port: number): number | undefined {
  try {
    const output = execFileSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fp'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const pid = /^p(\d+)$/m.exec(output)?.[1];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Another user's process refuses its descriptors, and processes end while they are listed. */
function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
