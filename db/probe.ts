import postgres from 'postgres';
import { createSockets } from './sockets.ts';

export type DatabaseProbe = {
  /** Rejects where the database does not answer in time. */
  ask(): Promise<void>;
  close(): void;
};

const answerLimitMs = 3_000;

/**
 * Asks whether the database answers, over a connection of its own: those of the pool may all wait for something.
 *
 * The question also ends the process's own statements that have run for too long. This is its `statement_timeout`:
 * given at the start of a connection PgBouncer would refuse it, set on one PgBouncer would hand it to other clients,
 * and set within a transaction it would cost every prediction two round trips.
 */
export function createDatabaseProbe(options: {
  url: string;
  /** Of the connections whose statements are bounded. */
  applicationName: string;
  statementLimitSeconds: number;
}): DatabaseProbe {
  const { url, applicationName, statementLimitSeconds } = options;
  const sockets = createSockets();
  const settings = {
    socket: sockets.open,
    max: 1,
    connect_timeout: answerLimitMs / 1_000,
    fetch_types: false,
    connection: { application_name: `${applicationName} probe` },
    onnotice: () => {},
  };
  let connection: postgres.Sql | undefined;
  const abandon = (): void => {
    // Rejects what was asked; its socket would wait for a farewell.
    void connection?.end({ timeout: 0 }).catch(() => undefined);
    connection = undefined;
    sockets.destroy();
  };

  return {
    async ask() {
      connection ??= postgres(url, settings);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`the database gave no answer within ${answerLimitMs} ms`)),
          answerLimitMs,
        );
      });
      try {
        await Promise.race([
          connection`
            select pg_cancel_backend(pid) from pg_stat_activity
            where application_name = ${applicationName} and usename = current_user and state = 'active'
              and query_start < clock_timestamp() - make_interval(secs => ${statementLimitSeconds})`,
          late,
        ]);
      } catch (error) {
        // Dead perhaps without knowing: the next question goes over another.
        abandon();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: abandon,
  };
}
