import { expect, test } from 'vitest';
import type { ValidationReport } from '../../contracts/data.ts';
import { sha256Schema } from '../../contracts/ids.ts';
import { renderReportPage } from '../../data/report-page.ts';

const hostile = '<script>alert("x")</script>';
const report: ValidationReport = {
  snapshotId: sha256Schema.parse('a'.repeat(64)),
  verdict: 'flagged',
  tables: [
    {
      table: 'orders',
      file: hostile,
      verdict: 'flagged',
      rowsIn: 1200,
      kept: 1199,
      quarantined: 1,
      extraColumns: [hostile],
      nullShares: { [hostile]: 0.25, id: 0 },
    },
  ],
  checks: [
    {
      table: 'orders',
      check: 'type',
      column: 'when',
      severity: 'quarantine',
      offences: 1,
      share: 1 / 1200,
      message: `1 row in "${hostile}": no date`,
      file: hostile,
      examples: [{ line: 1203, row: 1200, value: hostile, message: 'is no date' }],
    },
  ],
  ignoredFiles: [hostile],
};

test('the page escapes whatever comes from files, and loads nothing', () => {
  const page = renderReportPage({ title: hostile, report });
  expect(page).not.toContain('<script');
  expect(page.match(/&lt;script&gt;alert\(&quot;x&quot;\)&lt;\/script&gt;/g)?.length).toBeGreaterThanOrEqual(
    8,
  );
  expect(page).not.toMatch(/<(img|link|iframe)|src=|https?:/);
  expect(page).toContain("default-src 'none'");
});

test('the page says verdict, counts, place and share', () => {
  const page = renderReportPage({ title: 'olist', report });
  expect(page).toContain('1,200 rows in: 1,199 kept, 1 quarantined. 1 finding, none of which stops a run.');
  expect(page).toContain('<td class="n">1,203</td><td class="n">1,200</td><td>is no date');
  expect(page).toContain('25.00 %');
  expect(page).toContain('0.08 %');
});

test('of a table with several files each example names its own, escaped', () => {
  const checks = report.checks.map((check) => ({
    ...check,
    file: `a.csv, ${hostile}`,
    examples: check.examples.map((example) => ({ ...example, file: hostile })),
  }));
  const page = renderReportPage({ title: 'olist', report: { ...report, checks } });
  expect(page).toContain('<th scope="col">File</th><th scope="col" class="n">Line</th>');
  expect(page).toContain(
    '<tr><td><code>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</code></td><td class="n">1,203</td>',
  );
  expect(page).not.toContain('<script');
});

test('the page of a failed report says how many findings stop the run', () => {
  const [check] = report.checks;
  const fatal = check === undefined ? [] : [{ ...check, severity: 'fatal' as const }];
  const page = renderReportPage({
    title: 'olist',
    report: { ...report, verdict: 'failed', checks: [...fatal, ...report.checks] },
  });
  expect(page).toContain('1 finding of 2 stops the run.');
});
