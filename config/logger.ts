import { DrizzleQueryError } from 'drizzle-orm/errors';
import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './config.ts';

/** Secrets by the key they are logged under, at the top and one level down. */
const secretKeys = ['authorization', 'password', 'apiKey', 'apiKeys', 'databaseUrl', 'redisUrl', 'cookie'];
const redact = {
  paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
  censor: '[redacted]',
};

/**
 * A failed statement's error quotes its parameters: people's data, and megabytes where thousands of rows are stored.
 * The log has the statement and what the database said of it.
 */
export function describeError(error: Error): unknown {
  if (!(error instanceof DrizzleQueryError)) return pino.stdSerializers.err(error);
  const cause = error.cause ?? new Error('failed for no reason that is known');
  return { ...pino.stdSerializers.err(cause), statement: error.query };
}

/** JSON lines to standard output; a terminal gets them readable. */
export function createLogger({ level, name }: { level: LogLevel; name: string }): Logger {
  const serializers = { err: describeError };
  const options = { level, name, redact, serializers, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY) return pino(options);
  // Synchronous, so that the last lines before an exit are seen.
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}
