/** Brings the database of DATABASE_URL to the schema of this image, before the API and the worker start. */
import { readConfig } from '../dist/config/config.js';
import { migrateDatabase } from '../dist/db/migrate.js';

const { databaseUrl } = readConfig();
if (databaseUrl === undefined) {
  process.stderr.write('migrate: DATABASE_URL is not set.\n');
  process.exit(1);
}
await migrateDatabase(databaseUrl);
