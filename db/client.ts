import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { createSockets } from './sockets.ts';

export type Database = PostgresJsDatabase;

export type DatabaseClient = {
  db: Database;
  /** Calls back on each NOTIFY of the channel; `onListen` also runs after every reconnect, when notices may have been missed. */
  listen(
    channel: string,
    onNotice: (payload: string) => void,
    onListen?: () => void,
  ): Promise<{ unlisten(): Promise<void> }>;
  /** Closes connections on which nothing is heard any more; see `Sockets`. */
  closeSilent(): void;
  close(): Promise<void>;
};

/**
 * Everything goes through drizzle's client: its driver switches off the date parsers and `sql.json` of the
 * underlying connection, so a second way in would read other types.
 */
export function createDatabaseClient(options: {
  url: string;
  poolSize: number;
  applicationName: string;
}): DatabaseClient {
  const sockets = createSockets();
  const settings = {
    // Not among the driver's types, though its manual has it.
    socket: sockets.open,
    max: options.poolSize,
    connect_timeout: 10,
    // Seconds; the driver's own grows to 20, which a database that is back need not wait for.
    backoff: () => Math.min(3 ** sockets.failures() / 100, 1),
    connection: { application_name: options.applicationName },
    onnotice: () => {},
  };
  const connection = postgres(options.url, settings);
  return {
    db: drizzle(connection),
    async listen(channel, onNotice, onListen) {
      const { unlisten } = await connection.listen(channel, onNotice, onListen);
      return { unlisten };
    },
    closeSilent: sockets.closeSilent,
    close: () => connection.end({ timeout: 5 }),
  };
}
