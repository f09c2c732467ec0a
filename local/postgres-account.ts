import { spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { childEnvironment } from '../config/process-environment.ts';

/** The operating-system user that PostgreSQL runs as; undefined is this process's own. */
export type Account = { name: string; uid: number; gid: number } | undefined;

/**
 * PostgreSQL refuses to run as root. Then it runs as the owner of the data, if there is any, else as
 * `postgres` or, where no such user exists, as `nobody`.
 */
export function choosePostgresAccount(dataFolder: string): Account {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(dataFolder)) {
    const { uid, gid } = statSync(dataFolder);
    if (uid !== 0) return { name: `user ${identify('-un', String(uid)) ?? uid}`, uid, gid };
  }
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = [identify('-u', name), identify('-g', name)];
    if (uid !== undefined && gid !== undefined)
      return { name: `user ${name}`, uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user `postgres` nor `nobody`: ' +
      'add one, start as an ordinary user, or set DATABASE_URL.',
  );
}

function identify(option: string, user: string): string | undefined {
  const { status, stdout } = spawnSync('id', [option, user], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

/** Makes a folder private to the account. */
export function makeFolderOf(account: Account, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
}

/** Asked of the system itself, since a parent with mode 0700 or an access list may be in the way. */
export function canWriteAs(account: Account, folder: string): boolean {
  if (account === undefined) return true;
  const { status } = spawnSync('/bin/sh', ['-c', 'cd "$0" && : > .probe && rm .probe', folder], {
    ...identity(account),
    cwd: '/',
    stdio: 'ignore',
  });
  return status === 0;
}

export function canExecuteAs(account: Account, program: string): boolean {
  const { status } = spawnSync(program, ['--version'], { ...identity(account), cwd: '/', stdio: 'ignore' });
  return status === 0;
}

const identity = (account: Account) => (account === undefined ? {} : { uid: account.uid, gid: account.gid });

/** Runs a program of PostgreSQL to its end. Messages come in English, since some are recognised by their text. */
export function runAs(
  account: Account,
  { program, args, folder }: { program: string; args: string[]; folder: string },
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...identity(account),
      // The caller's own folder may be closed to the account, which makes PostgreSQL's programs fail.
      cwd: folder,
      env: childEnvironment({ LC_ALL: 'C', TZ: 'UTC' }, ['PG']),
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output: output.trim() }));
  });
}
