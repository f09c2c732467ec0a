import { defineConfig } from 'vitest/config';

/** Rooms whose tests need the Temporal server and the PostgreSQL that the suite starts. */
const served = ['activities', 'api', 'cli', 'db', 'environment', 'local', 'service', 'worker', 'workflows'];
const servedTests = served.map((room) => `test/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Threads crash native code: DuckDB's and Temporal's.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: servedTests },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: servedTests,
          globalSetup: ['test/environment/global-setup.ts'],
        },
      },
    ],
  },
});
