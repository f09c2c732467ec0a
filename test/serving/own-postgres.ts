import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { migrateDatabase } from '../../db/migrate.ts';
import { freePort } from '../../local/ports.ts';
import { startPostgres } from '../../local/postgres-server.ts';

export type OwnPostgres = {
  url: string;
  /** Its processes stand still: connections stay open, and nothing answers. */
  pause(): Promise<void>;
  resume(): void;
  /** As if the machine had lost power. */
  stop(): Promise<void>;
  /** On the same port, with the same data. */
  start(): Promise<void>;
  remove(): Promise<void>;
};

/** A PostgreSQL that a test may do anything to: durable, with every migration applied. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const root = mkdtempSync(join(tmpdir(), 'perennial-own-postgres-'));
  // PostgreSQL's user, where the suite runs as root, must be able to pass through.
  chmodSync(root, 0o711);
  const port = await freePort();
  const launch = () =>
    startPostgres({ folder: join(root, 'postgres'), choosePort: async () => port, say: () => undefined });
  let server = await launch();
  await migrateDatabase(server.url);
  let paused: number[] = [];
  const resume = (): void => {
    for (const pid of paused.splice(0)) process.kill(pid, 'SIGCONT');
  };
  return {
    url: server.url,
    async pause() {
      const sql = postgres(server.url, { max: 1, onnotice: () => undefined });
      // The postmaster first, so that the list of the others is complete.
      await sql`select 1`;
      process.kill(server.pid, 'SIGSTOP');
      const others = await sql<
        { pid: number }[]
      >`select pid from pg_stat_activity where pid <> pg_backend_pid()`;
      await sql.end();
      paused = [server.pid, ...others.map(({ pid }) => pid)];
      for (const pid of paused) process.kill(pid, 'SIGSTOP');
    },
    resume,
    stop: () => server.stop('immediate'),
    async start() {
      server = await launch();
    },
    async remove() {
      resume();
      await server.stop('immediate');
      rmSync(root, { recursive: true, force: true });
    },
  };
}
