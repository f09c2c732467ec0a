import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatTable } from '../../cli/output.ts';
import { describeTemporal } from '../environment/test-temporal.ts';
import { importUnderKills } from '../local/import-kills.ts';
import { describeRealData } from '../real-data.ts';

const rounds = 10;

describeRealData('reviews', '9,051 real reviews', (folder) => {
  describeTemporal(
    `imported in ${rounds} rounds amid kills of PostgreSQL, the API and the worker, twice each`,
    () => {
      test('are none lost, none doubled, all scored, and trained on', async () => {
        const files = readdirSync(folder)
          .filter((name) => name.endsWith('.csv'))
          .map((name) => join(folder, name));
        const report = await importUnderKills({ files, reviews: 9_051, rounds, seed: 11, hasModel: true });
        const rows = report.rounds.map((round, n) => [
          String(n + 1),
          ...[
            round.kills,
            round.sent,
            round.stored,
            round.distinct,
            round.acceptedAgain,
            round.duplicates,
            round.settled,
          ].map(String),
          round.seconds.toFixed(0),
        ]);
        const heading = [
          'round',
          'kills',
          'sent',
          'stored',
          'distinct',
          'new again',
          'duplicates',
          'settled',
          'seconds',
        ];
        process.stdout.write(`${formatTable(heading, rows)}\n`);
        process.stdout.write(`the run on them: ${JSON.stringify(report.trained)}\n`);
        expect(report.faults).toEqual([]);
        expect(report.kills).toBeGreaterThan(2 * rounds);
      });
    },
  );
});
