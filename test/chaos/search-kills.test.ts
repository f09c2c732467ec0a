import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { costByRatio, jobsTable } from '../workflows/jobs.ts';
import { parameterSearch, searchUnderKills } from '../workflows/search-kills.ts';
import {
  createFeatureSearchRequest,
  createTestService,
  type TestService,
} from '../workflows/test-service.ts';

describeTemporal('workers killed amid a search', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('leave the same winner and hash, and no trial measured twice', async () => {
    const report = await searchUnderKills(service, { killCount: 3, ...parameterSearch(16) });
    const { found: _, ...told } = report;
    process.stdout.write(`${JSON.stringify(told)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.repeatedAttempts).toBeGreaterThanOrEqual(3);
  });

  test('leave the same features kept, with the same gains', async () => {
    await writeFile(join(service.sources, 'jobs.csv'), jobsTable(costByRatio, { rows: 15_000 }));
    const search = { create: () => createFeatureSearchRequest(service), activity: 'tryFeatures' as const };
    const { found: _, ...report } = await searchUnderKills(service, { killCount: 3, ...search });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.repeatedAttempts).toBeGreaterThanOrEqual(3);
  });
});
