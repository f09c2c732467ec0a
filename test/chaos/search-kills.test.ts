import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { searchUnderKills } from '../workflows/search-kills.ts';
import { createTestService, type TestService } from '../workflows/test-service.ts';

describeTemporal('workers killed amid a search', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('leave the same winner and hash, and no trial measured twice', async () => {
    const report = await searchUnderKills(service, { killCount: 3, trials: 16 });
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.repeatedAttempts).toBeGreaterThanOrEqual(3);
  });
});
