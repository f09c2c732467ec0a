import { expect, test } from 'vitest';
import { formatTable } from '../../cli/output.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { runUnderServerKills } from '../local/server-kills.ts';

describeTemporal('10 kills of PostgreSQL and 10 of Temporal', () => {
  test('lose no acknowledged run', async () => {
    const report = await runUnderServerKills({ killCount: 20, seed: 7 });
    const rows = [
      ['runs acknowledged', String(report.acknowledged)],
      ['requests refused', String(report.refused)],
      ['kills', String(report.kills)],
      ['seconds until the server is there again, most', Math.max(...report.secondsToRestart).toFixed(1)],
      ['restarts of API or worker', String(report.restartedParts)],
      ['seconds in all', report.seconds.toFixed(0)],
      ['faults', String(report.faults.length)],
    ];
    process.stdout.write(`${formatTable(['servers killed', ''], rows)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.kills).toBe(20);
  });
});
