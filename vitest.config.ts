import { defineConfig } from 'vitest/config';

/** Rooms whose tests need the Temporal server and the PostgreSQL that the suite starts. */
const served = [
  'activities',
  'api',
  'cli',
  'corpus/http',
  'db',
  'environment',
  'local',
  'service',
  'serving',
  'worker',
  'workflows',
];
const testsOf = (room: string): string => `test/${room}/**/*.test.ts`;
const servedTests = served.map(testsOf);
const environment = ['test/environment/global-setup.ts'];

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
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...servedTests, testsOf('chaos')],
          // They leave nothing behind, and loading the same modules for each file is a fifth of their time.
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'integration', include: servedTests, globalSetup: environment },
      },
      {
        // The suite's faults in a number that would hold every change up: `npm run chaos`.
        extends: true,
        test: {
          name: 'chaos',
          include: [testsOf('chaos')],
          globalSetup: environment,
          fileParallelism: false,
          testTimeout: 1_800_000,
        },
      },
    ],
  },
});
