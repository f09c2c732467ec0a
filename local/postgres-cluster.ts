import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, canWriteAs, choosePostgresAccount, makeFolderOf, runAs } from './postgres-account.ts';
import {
  ensurePostgresPrograms,
  ensureSharedStateFolder,
  type PostgresPrograms,
  postgresMajorVersion,
} from './postgres-binaries.ts';

export const superuser = 'perennial';

/** A data folder, and what its server runs by. */
export type Cluster = {
  account: Account;
  programs: PostgresPrograms;
  folder: string;
  data: string;
  password: string;
};

export const logFileOf = ({ folder }: Pick<Cluster, 'folder'>): string => join(folder, 'postgres.log');

/** Makes the data folder, or finds it; what a start that was cut off has left is set aside. */
export async function ensureCluster({
  folder: asked,
  durable,
  say,
}: {
  folder: string;
  durable: boolean;
  say(line: string): void;
}): Promise<Cluster> {
  const account = choosePostgresAccount(join(asked, 'data'));
  const folder = chooseFolder(asked, account, say);
  const data = join(folder, 'data');
  const programs = ensurePostgresPrograms(account, say);
  removeUnfinished(folder, say);
  const cluster = { account, programs, folder, data, password: ensurePassword(folder, account) };
  if (!existsSync(data)) await initialise(cluster, durable);
  refuseOtherVersion(data);
  return cluster;
}

/** Root keeps the data elsewhere when PostgreSQL's user cannot enter the folder (a home of mode 0700). */
function chooseFolder(folder: string, account: Account, say: (line: string) => void): string {
  makeFolderOf(account, folder);
  if (account === undefined) return folder;
  let chosen = folder;
  if (!canWriteAs(account, folder)) {
    const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
    chosen = join(ensureSharedStateFolder(), name);
    setAsideLeftBehind({ folder, chosen, say });
    makeFolderOf(account, chosen);
  }
  say(`PostgreSQL does not run as root: it runs as ${account.name}, its data is in ${chosen}.`);
  return chosen;
}

/** Who deletes the home folder means its data too, so data of a home that no longer knows of it is not used. */
function setAsideLeftBehind({
  folder,
  chosen,
  say,
}: {
  folder: string;
  chosen: string;
  say: (line: string) => void;
}): void {
  const pointer = join(folder, 'location');
  if (existsSync(chosen) && !existsSync(pointer)) {
    const aside = `${chosen}-left-behind-${process.pid}`;
    renameSync(chosen, aside);
    say(`PostgreSQL data of an earlier home folder at the same place was moved to ${aside}.`);
  }
  writeFileSync(pointer, `${chosen}\n`);
}

/** `initdb` works under another name, so what has the final name but no control file was cut off. */
function removeUnfinished(folder: string, say: (line: string) => void): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith('initialising-')) rmSync(join(folder, name), { recursive: true, force: true });
  }
  const data = join(folder, 'data');
  if (!existsSync(data) || existsSync(join(data, 'global', 'pg_control'))) return;
  if (readdirSync(data).length === 0) {
    rmSync(data, { recursive: true });
    return;
  }
  const aside = join(folder, `data-unfinished-${process.pid}`);
  renameSync(data, aside);
  say(`The PostgreSQL data folder was not finished: moved to ${aside}, and made anew.`);
}

function ensurePassword(folder: string, account: Account): string {
  const file = join(folder, 'password');
  if (!existsSync(file)) {
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (account !== undefined) chownSync(draft, account.uid, account.gid);
    renameSync(draft, file);
  }
  return readFileSync(file, 'utf8').trim();
}

async function initialise(cluster: Cluster, durable: boolean): Promise<void> {
  const draft = join(cluster.folder, `initialising-${process.pid}`);
  const args = ['-D', draft, '-U', superuser, '--auth=scram-sha-256', '--encoding=UTF8', '--no-instructions'];
  // The builtin provider sorts the same on every machine, whatever C library it has.
  args.push('--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8');
  args.push(`--pwfile=${join(cluster.folder, 'password')}`);
  if (!durable) args.push('--no-sync');
  const { code, output } = await runAs(cluster.account, {
    program: cluster.programs.initdb,
    args,
    folder: cluster.folder,
  });
  if (code !== 0) {
    rmSync(draft, { recursive: true, force: true });
    throw new Error(`initdb ended with ${code}: ${output}`);
  }
  renameSync(draft, cluster.data);
}

function refuseOtherVersion(data: string): void {
  const version = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (version === String(postgresMajorVersion)) return;
  throw new Error(
    `${data} was written by PostgreSQL ${version}; this one is ${postgresMajorVersion} and cannot open it: ` +
      'move the folder away, or serve it by its own version and set DATABASE_URL.',
  );
}

/** What the server reads at its start. */
export function writeSettings({
  cluster,
  port,
  durable,
}: {
  cluster: Cluster;
  port: number;
  durable: boolean;
}): void {
  const settings = {
    port,
    listen_addresses: "'127.0.0.1'",
    unix_socket_directories: "''",
    max_connections: 200,
    shared_buffers: "'128MB'",
    max_wal_size: "'1GB'",
    random_page_cost: 1.1,
    timezone: "'UTC'",
    log_timezone: "'UTC'",
    log_line_prefix: "'%m [%p] '",
    // Each compilation would cost more than the short queries here take.
    jit: 'off',
    fsync: durable ? 'on' : 'off',
    synchronous_commit: durable ? 'on' : 'off',
    full_page_writes: durable ? 'on' : 'off',
  };
  const file = join(cluster.data, 'perennial.conf');
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  if (cluster.account !== undefined) chownSync(file, cluster.account.uid, cluster.account.gid);
  const main = join(cluster.data, 'postgresql.conf');
  const include = "include_if_exists 'perennial.conf'";
  const current = readFileSync(main, 'utf8');
  if (!current.includes(include)) writeFileSync(main, `${current}\n${include}\n`);
}
