import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createTestService, type TestService } from './test-service.ts';
import { runUnderWorkerKills } from './worker-kills.ts';

describeTemporal('workers killed at random moments', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  // The long form, 50 kills over 20 runs, is `npm run chaos`.
  test('leave two runs as they would have been, row for row', { timeout: 300_000 }, async () => {
    const report = await runUnderWorkerKills(service, { runCount: 2, killCount: 3, side: 2, seed: 1 });
    expect(report.faults).toEqual([]);
    expect(report.kills).toBe(3);
  });
});
