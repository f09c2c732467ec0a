import { expect, it } from 'vitest';
import { formatReport } from '../../cli/validation-report.ts';
import { validationReportSchema } from '../../contracts/data.ts';

it('names the file of each example where a table has several', () => {
  const report = validationReportSchema.parse({
    snapshotId: 'a'.repeat(64),
    verdict: 'flagged',
    tables: [],
    checks: [
      {
        table: 'orders',
        check: 'type',
        column: 'when',
        severity: 'quarantine',
        offences: 2,
        share: 0.01,
        message: '2 rows in "when": no date',
        file: 'may.csv, june.csv',
        examples: [
          { file: 'may.csv', line: 17, row: 16, value: 'x', message: '"x" is no date' },
          { file: 'june.csv', line: null, row: 3, value: 'y', message: '"y" is no date' },
        ],
      },
    ],
    ignoredFiles: [],
  });
  expect(formatReport(report)).toContain(
    '    may.csv:17: "x" is no date\n    june.csv:row 3: "y" is no date',
  );
});
