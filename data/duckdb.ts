import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance, type Json } from '@duckdb/node-api';

/** One query session with a scratch folder, gone when the callback returns. */
export type Session = {
  connection: DuckDBConnection;
  /** Of whoever opened the session; what works on its results beside its queries stops with it too. */
  signal: AbortSignal | undefined;
  /** Absolute path of a folder that only this session uses. */
  scratch: string;
  run(sql: string): Promise<void>;
  /** Rows as JSON: 64-bit integers and decimals arrive as text. For results of a few rows. */
  rows(sql: string): Promise<Record<string, Json>[]>;
  /** From here on only the scratch folder and the named files are readable, and settings are locked. */
  closeToOutside(readablePaths: string[]): Promise<void>;
};

export type SessionOptions = {
  signal?: AbortSignal | undefined;
  /** More than one only where the result was shown not to depend on it. */
  threads?: number;
  memoryLimitMb?: number;
  /** Parent of the scratch folder. */
  scratchRoot?: string;
};

/** An interrupt that comes between two statements is forgotten by the second. */
const interruptEveryMs = 100;

/**
 * Opens an in-process DuckDB, in memory up to its limit and then spilling into its scratch folder, and hands it to
 * `work`. An abort of the signal interrupts the running query within milliseconds; the promise then rejects with the
 * signal's reason.
 */
export async function withSession<T>(
  options: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const { signal, threads = 1, memoryLimitMb = 2048, scratchRoot = tmpdir() } = options;
  signal?.throwIfAborted();
  await mkdir(scratchRoot, { recursive: true });
  const scratch = await mkdtemp(join(scratchRoot, 'perennial-'));
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memoryLimitMb}MB`,
      temp_directory: join(scratch, 'spill'),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    try {
      const connection = await instance.connect();
      let interrupting: NodeJS.Timeout | undefined;
      const interrupt = () => {
        connection.interrupt();
        interrupting ??= setInterval(interrupt, interruptEveryMs);
      };
      signal?.addEventListener('abort', interrupt);
      try {
        // Text without an offset is UTC, whatever the machine's zone.
        await connection.run("SET TimeZone = 'UTC'");
        return await work(createSession(connection, scratch, signal));
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener('abort', interrupt);
        clearInterval(interrupting);
        connection.closeSync();
      }
    } finally {
      instance.closeSync();
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function createSession(
  connection: DuckDBConnection,
  scratch: string,
  signal: AbortSignal | undefined,
): Session {
  const run = async (sql: string): Promise<void> => {
    signal?.throwIfAborted();
    await connection.run(sql);
  };
  return {
    connection,
    signal,
    scratch,
    run,
    async rows(sql) {
      signal?.throwIfAborted();
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    },
    async closeToOutside(readablePaths) {
      await run(`SET allowed_directories = [${literal(scratch)}]`);
      await run(`SET allowed_paths = [${readablePaths.map(literal).join(', ')}]`);
      await run('SET enable_external_access = false');
      await run('SET lock_configuration = true');
    },
  };
}

/** Of a query that was stopped, whatever it read; other messages may quote a cell that holds the same word. */
export const isInterruption = (error: Error): boolean => error.message.startsWith('INTERRUPT Error');

/** A name as SQL: a declaration may call a column anything. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A count from a row of `Session.rows`. */
export const count = (value: Json | undefined): number => Number(value ?? 0);
