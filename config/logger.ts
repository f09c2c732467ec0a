import pino, { type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { LogLevel } from './config.ts';

/** Secrets by the key they are logged under, at the top and one level down. */
const secretKeys = ['authorization', 'password', 'apiKey', 'apiKeys', 'databaseUrl', 'redisUrl', 'cookie'];
const redact = {
  paths: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
  censor: '[redacted]',
};

/** JSON lines to standard output; a terminal gets them readable. */
export function createLogger({ level, name }: { level: LogLevel; name: string }): Logger {
  const options = { level, name, redact, timestamp: pino.stdTimeFunctions.isoTime };
  if (!process.stdout.isTTY) return pino(options);
  // Synchronous, so that the last lines before an exit are seen.
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }));
}
