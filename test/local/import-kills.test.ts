import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateDemo } from '../../data/demo/registry.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { importUnderKills } from './import-kills.ts';

describeTemporal('PostgreSQL, the API and the worker killed while reviews are imported', () => {
  // The long form, ten rounds with the real reviews, is `npm run chaos`.
  test('lose none and store none twice', { timeout: 300_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'perennial-reviews-'));
    try {
      const { files } = await generateDemo({ name: 'reviews', rows: 12_000, seed: 3, folder });
      const report = await importUnderKills({
        files: files.map(({ path }) => path),
        reviews: 12_000,
        rounds: 1,
        seed: 1,
        hasModel: false,
      });
      expect(report.faults).toEqual([]);
      expect(report.kills).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
