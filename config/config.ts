import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { z } from 'zod';
import { runningServiceUrl } from './running-service.ts';
import { loadTemporalSettings } from './temporal.ts';

/** Thrown when an environment variable holds a value that cannot be used. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const numberUpTo = (max: number, noun: string) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .refine((value) => value >= 1 && value <= max)
    .describe(`${noun} from 1 to ${max}`);

const port = numberUpTo(65_535, 'a port number');

const url = (protocols: readonly string[], example: string) =>
  z
    .string()
    .refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol))
    .describe(`a URL such as ${example}`);

const list = (separator: string | RegExp) =>
  z.string().transform((value) =>
    value
      .split(separator)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  );

const minKeyLength = 16;

/** A host as a URL names it; no patterns, for a forgotten subdomain may be anybody's. */
const sourceHost = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

const variables = {
  HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:_-]+$/)
    .describe('an address or host name to listen on, such as 127.0.0.1 or 0.0.0.0'),
  PORT: port,
  PERENNIAL_HOME: z.string().describe('a folder'),
  PERENNIAL_SETTINGS: z.string().describe('a settings file'),
  PERENNIAL_DEMO: z.enum(['on', 'off']).describe('on or off'),
  PERENNIAL_API_KEYS: list(',')
    .refine((keys) => keys.every((key) => key.length >= minKeyLength))
    .describe(`keys of at least ${minKeyLength} characters, separated by commas`),
  PERENNIAL_URL: url(['http:', 'https:'], 'http://127.0.0.1:3000'),
  PERENNIAL_API_KEY: z.string().describe('an API key'),
  ALLOWED_HOSTS: list(',').describe('host names, separated by commas'),
  PIPELINES_DIR: z.string().describe('a folder'),
  COLLECTORS_DIR: z.string().describe('a folder'),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/perennial'),
  POSTGRES_PORT: port,
  TEMPORAL_ADDRESS: z
    .string()
    .regex(/^(?:\S+:\/\/)?\S+:\d{1,5}$/)
    .describe('host:port, such as 127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().describe('the name of a Temporal namespace'),
  TEMPORAL_CLI_PATH: z.string().describe('the path of a Temporal CLI binary'),
  TEMPORAL_PORT: port,
  TEMPORAL_UI_PORT: port,
  TEMPORAL_UI_URL: url(['http:', 'https:'], 'http://127.0.0.1:8233'),
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://127.0.0.1:6379'),
  ARTIFACTS_URL: url(['file:'], 'file:///var/lib/perennial'),
  SOURCE_ROOTS: list(delimiter).describe(`folders, separated by "${delimiter}"`),
  SOURCE_HOSTS: list(',')
    .refine((hosts) => hosts.every((host) => sourceHost.test(host)))
    .describe('host names, with a port where it is not 443, separated by commas'),
  LOG_LEVEL: z.enum(logLevels).describe(`one of ${logLevels.join(', ')}`),
  REVIEWS_MAX_BACKLOG: numberUpTo(100_000_000, 'a number'),
  PREDICTION_RETENTION_DAYS: numberUpTo(36_500, 'a number of days'),
  WORKER_CPU_SLOTS: numberUpTo(256, 'a number'),
};
type Variables = typeof variables;

/** Values that would be printed in an error message with the secret in them. */
const secretVariables: ReadonlySet<string> = new Set([
  'PERENNIAL_API_KEYS',
  'PERENNIAL_API_KEY',
  'DATABASE_URL',
  'REDIS_URL',
]);

/** Absent and empty mean the same: `PORT= npm start` is how shells and compose files switch a variable off. */
function readVariable<K extends keyof Variables & string>(
  env: NodeJS.ProcessEnv,
  name: K,
): z.output<Variables[K]> | undefined {
  const value = env[name];
  if (value === undefined || value === '') return undefined;
  const parsed = z.safeParse(variables[name], value);
  if (parsed.success) return parsed.data as z.output<Variables[K]>;
  const shown = secretVariables.has(name) ? 'a value not shown here' : JSON.stringify(value);
  throw new ConfigError(`${name} is ${shown}; allowed: ${variables[name].description}.`);
}

export interface Config {
  host: string;
  port: number;
  /** Absolute path: database files, blobs, logs and the state of the embedded parts. */
  home: string;
  demo: boolean;
  apiKeys: readonly string[];
  /** Host names besides loopback and `host` that a request may carry in its `Host` header. */
  allowedHosts: readonly string[];
  databaseUrl: string | undefined;
  /** Port of the embedded PostgreSQL. */
  postgresPort: number;
  temporal: {
    /** Absent: the embedded dev server is started. */
    address: string | undefined;
    namespace: string;
    cliPath: string | undefined;
    port: number;
    uiPort: number;
    uiUrl: string;
    /** The TEMPORAL_* variables as found, for `temporalConnectionOptions`. */
    variables: Record<string, string>;
  };
  redisUrl: string | undefined;
  artifactsUrl: string | undefined;
  /** Absolute folders under which a `folder:` source may lie. */
  sourceRoots: readonly string[];
  /** Hosts that an `https:` source may be taken from, in lower case, with a port where it is not 443. */
  sourceHosts: readonly string[];
  /** Where `perennial init` writes; its pipelines are read where it is there. Absolute, as `pipelinesDir` is. */
  ownPipelinesDir: string;
  pipelinesDir: string | undefined;
  /** Declarations of collectors are read where either is there. Absolute. */
  ownCollectorsDir: string;
  collectorsDir: string | undefined;
  /** Absolute path of the file that sets thresholds, parameters, gates, tiers, bounds and schedules of pipelines anew. */
  settingsFile: string | undefined;
  logLevel: LogLevel;
  /** Reviews not yet scored beyond which no more are taken in. */
  reviewsMaxBacklog: number;
  /** Predictions of days that ended longer ago are dropped; absent: all are kept. */
  predictionRetentionDays: number | undefined;
  /** Activities that may use a processor core at the same time. */
  cpuSlots: number;
  /** Port variables that were set: a taken one is an error, where a default one is replaced. */
  portsSet: ReadonlySet<'PORT' | 'POSTGRES_PORT' | 'TEMPORAL_PORT' | 'TEMPORAL_UI_PORT'>;
  /** What the CLI talks to. */
  client: { url: string; apiKey: string | undefined };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** The one reader of environment variables. @throws ConfigError naming the variable, its value and what is allowed. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const host = readVariable(env, 'HOST') ?? '127.0.0.1';
  const apiKeys = readVariable(env, 'PERENNIAL_API_KEYS') ?? [];
  if (apiKeys.length === 0 && !isLoopback(host)) {
    throw new ConfigError(
      `HOST is ${JSON.stringify(host)}, which other machines can reach, and PERENNIAL_API_KEYS is not set; ` +
        `allowed: a loopback HOST such as 127.0.0.1, or ${variables.PERENNIAL_API_KEYS.description} in PERENNIAL_API_KEYS.`,
    );
  }
  const portSet = readVariable(env, 'PORT');
  const apiPort = portSet ?? 3000;
  const home = resolve(readVariable(env, 'PERENNIAL_HOME') ?? '.perennial');
  // Where 3000 was taken, the service listens elsewhere, and what answers on 3000 is another one.
  const running = portSet === undefined ? runningServiceUrl(home) : undefined;
  const uiPort = readVariable(env, 'TEMPORAL_UI_PORT') ?? 8233;
  const pipelinesDir = readVariable(env, 'PIPELINES_DIR');
  const collectorsDir = readVariable(env, 'COLLECTORS_DIR');
  const temporalEnvironment = temporalVariables(env);
  const profile = loadTemporalSettings(temporalEnvironment);
  const portVariables = ['PORT', 'POSTGRES_PORT', 'TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const;
  return {
    host,
    port: apiPort,
    home,
    demo: (readVariable(env, 'PERENNIAL_DEMO') ?? 'on') === 'on',
    apiKeys,
    allowedHosts: readVariable(env, 'ALLOWED_HOSTS') ?? [],
    databaseUrl: readVariable(env, 'DATABASE_URL'),
    postgresPort: readVariable(env, 'POSTGRES_PORT') ?? 5433,
    temporal: {
      address: readVariable(env, 'TEMPORAL_ADDRESS') ?? profile.connectionOptions.address,
      namespace: readVariable(env, 'TEMPORAL_NAMESPACE') ?? profile.namespace ?? 'default',
      cliPath: readVariable(env, 'TEMPORAL_CLI_PATH'),
      port: readVariable(env, 'TEMPORAL_PORT') ?? 7233,
      uiPort,
      uiUrl: readVariable(env, 'TEMPORAL_UI_URL') ?? `http://127.0.0.1:${uiPort}`,
      variables: temporalEnvironment,
    },
    redisUrl: readVariable(env, 'REDIS_URL'),
    artifactsUrl: readVariable(env, 'ARTIFACTS_URL'),
    sourceRoots: (readVariable(env, 'SOURCE_ROOTS') ?? []).map((root) => resolve(root)),
    sourceHosts: (readVariable(env, 'SOURCE_HOSTS') ?? []).map((host) =>
      host.toLowerCase().replace(/:443$/, ''),
    ),
    ownPipelinesDir: join(home, 'pipelines'),
    pipelinesDir: pipelinesDir === undefined ? undefined : resolve(pipelinesDir),
    ownCollectorsDir: join(home, 'collectors'),
    collectorsDir: collectorsDir === undefined ? undefined : resolve(collectorsDir),
    settingsFile: settingsFile(env),
    logLevel: readVariable(env, 'LOG_LEVEL') ?? 'info',
    reviewsMaxBacklog: readVariable(env, 'REVIEWS_MAX_BACKLOG') ?? 1_000_000,
    predictionRetentionDays: readVariable(env, 'PREDICTION_RETENTION_DAYS'),
    cpuSlots: readVariable(env, 'WORKER_CPU_SLOTS') ?? availableParallelism(),
    portsSet: new Set(portVariables.filter((name) => (env[name] ?? '') !== '')),
    client: {
      url: readVariable(env, 'PERENNIAL_URL') ?? running ?? `http://127.0.0.1:${apiPort}`,
      apiKey: readVariable(env, 'PERENNIAL_API_KEY'),
    },
  };
}

/** For a process's first line: a wrong variable ends it with the message alone, on standard error. */
export function readConfigOrExit(): Config {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** A file that is named must be there, which is checked where it is read; the default one may be absent. */
function settingsFile(env: NodeJS.ProcessEnv): string | undefined {
  const named = readVariable(env, 'PERENNIAL_SETTINGS');
  if (named !== undefined) return resolve(named);
  const file = resolve('perennial.yaml');
  return existsSync(file) ? file : undefined;
}

function temporalVariables(env: NodeJS.ProcessEnv): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('TEMPORAL_') && value !== undefined && value !== '') found[name] = value;
  }
  return found;
}
