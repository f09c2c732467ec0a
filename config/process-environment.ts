import { homedir, platform } from 'node:os';
import { join } from 'node:path';

/** Variables of a child process: this process's own, without those named by a prefix, and with `added`. */
export function childEnvironment(
  added: Record<string, string>,
  withoutPrefixes: readonly string[] = [],
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !withoutPrefixes.some((prefix) => name.startsWith(prefix))) {
      variables[name] = value;
    }
  }
  return { ...variables, ...added };
}

/** True under `npm start` and `npm run`. */
export function startedByNpm(): boolean {
  return process.env.npm_lifecycle_event !== undefined;
}

/** Folders of `PATH`, in order. */
export function searchPath(): readonly string[] {
  const separator = platform() === 'win32' ? ';' : ':';
  return (process.env.PATH ?? '').split(separator).filter((folder) => folder !== '');
}

/** Where downloads and builds are kept between checkouts: the platform's own place for caches. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME !== undefined && XDG_CACHE_HOME !== '') return join(XDG_CACHE_HOME, 'perennial');
  if (platform() === 'win32' && LOCALAPPDATA !== undefined && LOCALAPPDATA !== '') {
    return join(LOCALAPPDATA, 'perennial', 'cache');
  }
  return join(homedir(), '.cache', 'perennial');
}

/** A variable that a declaration names, such as an API key; undefined where it is not set. */
export function namedVariable(name: string): string | undefined {
  const value = process.env[name];
  return value === undefined || value === '' ? undefined : value;
}

/** Whether a variable is one that this service itself goes by: most of those hold a secret, or lead to one. */
export const isOwnVariable = (name: string): boolean =>
  /^(?:PERENNIAL|TEMPORAL|POSTGRES|PG|NODE|NPM|AWS)_|^(?:DATABASE|REDIS|ARTIFACTS)_URL$|^PGPASSWORD$/.test(
    name,
  );

/** A suite run by CI fails where a developer's suite may skip. */
export function testsMustAllRun(): boolean {
  const { CI, PERENNIAL_TEST_REQUIRE_ALL } = process.env;
  return CI === 'true' || PERENNIAL_TEST_REQUIRE_ALL === '1';
}

/** `npm run histories` records workflow histories anew; the suite only replays them. */
export function recordsHistories(): boolean {
  return process.env.RECORD_HISTORIES === '1';
}
