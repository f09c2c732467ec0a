import { expect, test } from 'vitest';
import { describeTemporal } from '../environment/test-temporal.ts';
import { runUnderServerKills } from './server-kills.ts';

describeTemporal('PostgreSQL and Temporal killed under work', () => {
  // The long form, ten kills of each, is `npm run chaos`.
  test('come back, and every acknowledged run ends once', {
    timeout: 600_000,
  }, async () => {
    const report = await runUnderServerKills({ killCount: 2, seed: 1 });
    expect(report).toMatchObject({ kills: 2, faults: [] });
    expect(report.acknowledged).toBeGreaterThan(0);
  });
});
