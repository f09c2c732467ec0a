import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { migrate } from 'drizzle-orm/postgres-js/migrator';
import { createDatabaseClient } from './client.ts';
import { ensurePredictionPartitions } from './queries/predictions.ts';

const migrationLock = 7_253_001;

/** Brings the database to the current schema. Safe to run from several processes at once. */
export async function migrateDatabase(url: string): Promise<void> {
  // One connection: a session lock holds only for the connection that took it.
  const client = createDatabaseClient({ url, poolSize: 1, applicationName: 'perennial-migrate' });
  try {
    await client.db.execute(sql`select pg_advisory_lock(${migrationLock})`);
    await migrate(client.db, { migrationsFolder: fileURLToPath(new URL('./migrations', import.meta.url)) });
    await ensurePredictionPartitions(client.db);
  } finally {
    await client.close();
  }
}
