import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatTable } from '../../cli/output.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { createTestService, type TestService } from '../workflows/test-service.ts';
import { runUnderWorkerKills } from '../workflows/worker-kills.ts';
import { quantile } from './quantile.ts';

describeTemporal('50 kills of workers over 20 runs', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await createTestService();
  });
  afterAll(() => service.close());

  test('leave every run as it would have been, row for row and to the bit', async () => {
    const report = await runUnderWorkerKills(service, { runCount: 20, killCount: 50, side: 4, seed: 7 });
    const { secondsToHandOn, secondsToGoOn } = report;
    const rows = [
      ['runs', String(report.runs)],
      ['kills', String(report.kills)],
      ['activities cut off', String(secondsToHandOn.length)],
      ['attempts past the first', String(report.attempts)],
      ['seconds until handed on, median', quantile(secondsToHandOn, 0.5)],
      ['seconds until handed on, most', quantile(secondsToHandOn, 1)],
      ['seconds until begun again, median', quantile(secondsToGoOn, 0.5)],
      ['seconds until begun again, most', quantile(secondsToGoOn, 1)],
      ['seconds in all', report.seconds.toFixed(0)],
      ['faults', String(report.faults.length)],
    ];
    process.stdout.write(`${formatTable(['workers killed', ''], rows)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.kills).toBe(50);
  });
});
