import { expect, test } from 'vitest';
import { formatTable } from '../../cli/output.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { runUnderServerKills } from '../local/server-kills.ts';
import { quantile } from './quantile.ts';

describeTemporal('10 kills of PostgreSQL and 10 of Temporal', () => {
  test('lose no acknowledged run', async () => {
    const report = await runUnderServerKills({ killCount: 20, seed: 7 });
    const { secondsToRestart, secondsToRecover } = report;
    const rows = [
      ['runs acknowledged', String(report.acknowledged)],
      ['succeeded', String(report.succeeded)],
      ['lost', String(report.lost)],
      ['requests refused meanwhile', String(report.refused)],
      ['kills', String(report.kills)],
      ['seconds until the server is there again, median', quantile(secondsToRestart, 0.5)],
      ['seconds until the server is there again, most', quantile(secondsToRestart, 1)],
      ['seconds until a new run is begun, median', quantile(secondsToRecover, 0.5)],
      ['seconds until a new run is begun, most', quantile(secondsToRecover, 1)],
      ['restarts of API or worker', String(report.restartedParts.length)],
      ['seconds in all', report.seconds.toFixed(0)],
      ['faults', String(report.faults.length)],
    ];
    process.stdout.write(`${formatTable(['servers killed', ''], rows)}\n`);
    expect(report.faults).toEqual([]);
    expect(report.kills).toBe(20);
    expect(report.restartedParts).toEqual([]);
  });
});
